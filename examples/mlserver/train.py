"""Iris flowers and a logistic regression, trained in the image, by the scikit-learn that will read it there."""

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

table, species = load_iris(return_X_y=True)
joblib.dump(LogisticRegression(max_iter=1000).fit(table, species), "model.joblib")
