"""The text profile, with tools made of two lines and with the real libraries."""

import numpy as np
import pytest

from functions.numerics.profiles.language_tools import LanguageTools, language_tools
from functions.numerics.profiles.text import ANALYSED, merge_texts, profile_texts, tree_depth
from tests.unit.numerics.columns import objects

TEXTS = ["The cats saw the cat", "Guten Tag", None, ""]
TOOLS = LanguageTools(
    language=lambda text: "de" if "Guten" in text else "en",
    lemma=lambda token, language: token.lower().removesuffix("s"),
    sentiment=len,
    tags=lambda text: ["NN"] * len(text.split()),
    heads=lambda text: [0, 0, 1] if text else [],
)


def test_s05_every_statistic_of_a_few_texts() -> None:
    view = profile_texts(objects(TEXTS), TOOLS).view()
    assert view["common"] == {"count": 4, "missing": 1, "distinctCount": 3}
    assert (view["meanTokenLength"], view["meanCharacterLength"]) == (pytest.approx(7 / 3), pytest.approx(29 / 3))
    assert view["meanUniqueLemmaRatio"] == pytest.approx((3 / 5 + 1) / 2)  # the, cat, saw; the empty text has no ratio
    assert view["language"] == {"en": pytest.approx(2 / 3), "de": pytest.approx(1 / 3)}
    assert view["meanSentimentScore"] == 10  # of the English texts: 20 and 0
    assert view["meanDependencyTreeDepth"] == 1.5
    assert view["partOfSpeech"] == {"NN": 1}
    assert view["unavailable"] == {}


def test_s05_a_missing_library_takes_its_statistic_away_and_says_so() -> None:
    tools = LanguageTools(unavailable={"sentiment": "textblob is not installed", "heads": "spacy is not installed"})
    view = profile_texts(objects(TEXTS), tools).view()
    assert view["unavailable"] == {
        "sentimentScore": "textblob is not installed",
        "dependencyTreeDepth": "spacy is not installed",
    }
    assert "meanSentimentScore" not in view
    assert view["meanTokenLength"] == pytest.approx(7 / 3)


def test_s05_every_text_is_measured_and_a_bounded_number_is_read() -> None:
    read: list[str] = []
    tools = LanguageTools(language=lambda text: read.append(text) or "en")  # type: ignore[func-returns-value]
    texts = [f"text number {at}" for at in range(10 * ANALYSED + 1)]
    profile = profile_texts(objects(texts), tools)
    assert profile.numbers["tokenLength"].moments.count == len(texts)
    assert ANALYSED / 2 < profile.analysed == len(read) <= ANALYSED
    assert profile_texts(objects(texts[:7]), tools).analysed == 7


def test_s05_texts_merge_and_keep_what_some_lack() -> None:
    one, other = profile_texts(objects(TEXTS), TOOLS), profile_texts(objects(["Hello"]), LanguageTools())
    merged = merge_texts([one, other]).view()
    assert merged["common"] == {"count": 5, "missing": 1, "distinctCount": 4}
    assert merged["meanTokenLength"] == 2
    assert merged["meanSentimentScore"] == 10


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("don't well-known", 2), ("a_b", 2), ("日本語 text", 4), ("żółw 3,5", 3), ("... !", 0), ("naïve café", 2)],
)
def test_s05_tokens_are_words_in_any_script(text: str, tokens: int) -> None:
    assert profile_texts(objects([text]), LanguageTools()).numbers["tokenLength"].maximum == tokens


@pytest.mark.parametrize(
    ("heads", "depth"),
    [([], 0), ([0], 1), ([1, 1, 1], 2), ([1, 2, 3, 3], 4), ([0, 0, 2, 2, 3], 3)],
)
def test_s05_dependency_depth_is_of_the_deepest_tree(heads: list[int], depth: int) -> None:
    assert tree_depth(heads) == depth


@pytest.mark.slow
def test_s05_the_real_libraries_read_language() -> None:
    texts = [
        "The children were happily playing with the dogs in the garden, it was a wonderful day.",
        "This is a terrible, awful product and I hate it.",
        "Die Kinder spielten im Garten mit den Hunden, und das Wetter war schön.",
    ]
    tools = language_tools()
    view = profile_texts(objects(np.array(texts, object)), tools).view()
    assert view["language"] == {"en": pytest.approx(2 / 3), "de": pytest.approx(1 / 3)}
    sentiment = view["distributions"]["sentimentScore"]["quantile"]
    assert sentiment["min"] < -0.5
    assert sentiment["max"] > 0.5
    assert 0.8 < view["meanUniqueLemmaRatio"] < 1
    assert view["partOfSpeech"]["DT"] > 0.1
    assert tools.lemma is not None
    assert tools.lemma("children", "en") == "child"
    assert tools.lemma("Children", "no such language") == "children"
    assert "dependencyTreeDepth" in view["unavailable"] or view["meanDependencyTreeDepth"] > 1
