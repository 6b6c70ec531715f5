"""Trains the penguin classifier: which species is it, by island, sex and four measurements?

Writes model.skops beside this file. Run: python examples/penguins/train.py
"""

from pathlib import Path
from zipfile import ZIP_DEFLATED

import pandas as pd
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = Path(__file__).parent
CATEGORICAL = ["island", "sex"]
NUMERIC = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
SEED = 7


def read_penguins() -> tuple[pd.DataFrame, pd.Series]:
    """Inputs and species of 344 penguins; 2 lack measurements, 11 the sex."""
    table = pd.read_csv(HERE / "penguins.csv")
    table[CATEGORICAL] = table[CATEGORICAL].astype(object).where(table[CATEGORICAL].notna(), None)
    return table[CATEGORICAL + NUMERIC], table["species"].astype(object)


def build_model() -> Pipeline:
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categorical = make_pipeline(
        SimpleImputer(strategy="most_frequent", missing_values=None), OneHotEncoder(handle_unknown="ignore")
    )
    prepare = make_column_transformer((categorical, CATEGORICAL), (numeric, NUMERIC))
    return make_pipeline(prepare, LogisticRegression(max_iter=1000, tol=1e-10, random_state=SEED))


def train() -> Pipeline:
    inputs, species = read_penguins()
    return build_model().fit(inputs, species)


def main() -> None:
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    scores = cross_val_score(build_model(), *read_penguins(), cv=folds)
    skops.io.dump(train(), HERE / "model.skops", compression=ZIP_DEFLATED)
    print(f"accuracy {scores.mean():.3f} over 5 folds; wrote {HERE / 'model.skops'}")


if __name__ == "__main__":
    main()
