"""The profile of a text field: lengths of every text, and of some of them language, lemmas, sentiment and grammar.

Every text is measured in characters (code points) and tokens. Reading language costs a thousand times more, so of each
batch at most ANALYSED texts, evenly spaced, are read; `analysed` says how many that were in all. Sentiment, parts of
speech and dependency depth are of English texts only, because that is what their libraries know.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from functions.numerics.profiles.categorical import CategoricalProfile, merge_categorical, profile_categories
from functions.numerics.profiles.column import Column, without_none
from functions.numerics.profiles.language_tools import ENGLISH, LanguageTools
from functions.numerics.profiles.numeric import NumericProfile, merge_numeric, profile_numbers
from functions.numerics.sketches.distinct import Distinct, merge_distinct
from functions.numerics.sketches.hashing import hash_strings

ANALYSED = 256
# words with their inner apostrophes and hyphens; scripts without spaces count character by character
TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+(?:['\u2019\-][^\W_]+)*")
NEEDS = {
    "uniqueLemmaRatio": "lemma",
    "sentimentScore": "sentiment",
    "dependencyTreeDepth": "heads",
    "language": "language",
    "partOfSpeech": "tags",
}


class TextProfile(msgspec.Struct, frozen=True, eq=False, tag="text"):
    """`unavailable` names the statistics that a missing library took away, with the reason."""

    count: int = 0
    missing: int = 0
    analysed: int = 0
    distinct: Distinct = Distinct()
    numbers: dict[str, NumericProfile] = {}
    categories: dict[str, CategoricalProfile] = {}
    unavailable: dict[str, str] = {}

    def view(self) -> dict[str, Any]:
        """Means as the reference system names them, shares of languages and tags, and each distribution in full."""
        common = {"count": self.count, "missing": self.missing, "distinctCount": self.distinct.estimate()}
        views = {name: profile.view() for name, profile in self.numbers.items()}
        means = {f"mean{name[0].upper()}{name[1:]}": view["descriptive"]["mean"] for name, view in views.items()}
        shares = {
            name: {
                str(value): count / profile.frequencies.count for value, count in profile.frequencies.most_frequent()
            }
            for name, profile in self.categories.items()
        }
        return {
            "kind": "text",
            "common": common,
            "analysed": self.analysed,
            **means,
            **shares,
            "distributions": views,
            "unavailable": self.unavailable,
        }


def profile_texts(column: Column, tools: LanguageTools) -> TextProfile:
    """The profile of a column of strings, or of all strings of a column with further axes.

    Raises TypeError for anything but strings.
    """
    elements = column.values[:1].size if column.rows else 1
    texts: list[str] = without_none(column.present().reshape(-1).astype(object)).tolist()
    hashes = hash_strings(texts)
    read = texts[:: -(-len(texts) // ANALYSED)] if texts else []
    numbers = {
        "characterLength": profile_numbers(_column(list(map(len, texts)))),
        "tokenLength": profile_numbers(_column([len(TOKEN.findall(text)) for text in texts])),
    }
    analysed, categories = _read(read, tools)
    return TextProfile(
        count=column.rows * elements,
        missing=column.rows * elements - len(texts),
        analysed=len(read),
        distinct=Distinct().updated(hashes),
        numbers=numbers | analysed,
        categories=categories,
        unavailable={name: tools.unavailable[need] for name, need in NEEDS.items() if need in tools.unavailable},
    )


def merge_texts(parts: list[TextProfile]) -> TextProfile:
    """The profile of all texts of `parts`; a statistic that some lack is of those that have it."""
    numbers = sorted({name for part in parts for name in part.numbers})
    categories = sorted({name for part in parts for name in part.categories})
    return TextProfile(
        count=sum(part.count for part in parts),
        missing=sum(part.missing for part in parts),
        analysed=sum(part.analysed for part in parts),
        distinct=merge_distinct([part.distinct for part in parts]),
        numbers={name: merge_numeric([p.numbers[name] for p in parts if name in p.numbers]) for name in numbers},
        categories={
            name: merge_categorical([p.categories[name] for p in parts if name in p.categories]) for name in categories
        },
        unavailable=dict(sorted({item for part in parts for item in part.unavailable.items()})),
    )


def tree_depth(heads: Sequence[int]) -> int:
    """The depth of the deepest tree that `heads` describes (see LanguageTools): 1 for a root alone, 0 for nothing."""
    depths: dict[int, int] = {}
    for word in range(len(heads)):
        path = []
        while word not in depths and heads[word] != word:
            path.append(word)
            word = heads[word]
        depth = depths.setdefault(word, 1)
        for above, child in enumerate(reversed(path), 1):
            depths[child] = depth + above
    return max(depths.values(), default=0)


def _read(texts: list[str], tools: LanguageTools) -> tuple[dict[str, NumericProfile], dict[str, CategoricalProfile]]:
    languages = [tools.language(text) if tools.language else ENGLISH for text in texts]
    english = [text for text, language in zip(texts, languages, strict=True) if language == ENGLISH]
    numbers: dict[str, NumericProfile] = {}
    categories: dict[str, CategoricalProfile] = {}
    if tools.language:
        categories["language"] = profile_categories(_column(languages))
    if tools.lemma:
        ratios = [_lemma_ratio(text, tools, language) for text, language in zip(texts, languages, strict=True)]
        numbers["uniqueLemmaRatio"] = profile_numbers(_column([ratio for ratio in ratios if ratio is not None]))
    if tools.sentiment:
        numbers["sentimentScore"] = profile_numbers(_column([tools.sentiment(text) for text in english]))
    if tools.heads:
        numbers["dependencyTreeDepth"] = profile_numbers(_column([tree_depth(tools.heads(t)) for t in english]))
    if tools.tags:
        tags = Counter(tag for text in english for tag in tools.tags(text))
        categories["partOfSpeech"] = profile_categories(_column(list(tags.elements())))
    return numbers, categories


def _lemma_ratio(text: str, tools: LanguageTools, language: str) -> float | None:
    """Different lemmas for each token; None for a text without tokens."""
    tokens = TOKEN.findall(text)
    if not tokens or not tools.lemma:
        return None
    return len({tools.lemma(token, language) for token in tokens}) / len(tokens)


def _column(values: list[Any]) -> Column:
    return Column(np.array(values, object if values and isinstance(values[0], str) else None))
