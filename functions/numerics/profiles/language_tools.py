"""What reads language in a text profile: libraries that carry their own data, each of them optional.

| statistic          | library                                    | languages                      |
| language           | py3langid (BSD-3; Lui, Baldwin 2012)       | 97                             |
| unique lemma ratio | simplemma (MIT; dictionaries and rules)    | about 50; others: as written   |
| sentiment, tags    | textblob (MIT; Pattern's English lexicon)  | English                        |
| dependency depth   | spaCy and its model en_core_web_sm         | English                        |

None of them downloads anything. spaCy's model is not on the package index and is read when an image's builder has put
it there. What is not installed takes its statistic away; the profile carries the reason.
"""

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

ENGLISH = "en"
UNKNOWN = "und"  # ISO 639-2: undetermined
PARSER = "en_core_web_sm"

Tool = Callable[..., Any]


class LanguageTools(NamedTuple):
    """Each tool, or None with the reason in `unavailable`.

    language(text) is an ISO 639-1 code; lemma(token, language) a dictionary form; sentiment(text) a number from -1
    to 1; tags(text) Penn Treebank tags, one a word; heads(text) for each word the index of the word it depends on,
    its own for the root of a sentence.
    """

    language: Callable[[str], str] | None = None
    lemma: Callable[[str, str], str] | None = None
    sentiment: Callable[[str], float] | None = None
    tags: Callable[[str], list[str]] | None = None
    heads: Callable[[str], Sequence[int]] | None = None
    unavailable: dict[str, str] = {}


@functools.cache
def language_tools() -> LanguageTools:
    """The tools that are installed here; read once, because their data takes a second to load."""
    makers: dict[str, Callable[[], Tool]] = {
        "language": _language,
        "lemma": _lemma,
        "sentiment": _sentiment,
        "tags": _tags,
        "heads": _heads,
    }
    tools: dict[str, Tool] = {}
    unavailable = {}
    for name, make in makers.items():
        try:
            tools[name] = make()
        except ImportError as missing:
            unavailable[name] = f"{missing.name} is not installed"
    return LanguageTools(**tools, unavailable=unavailable)


def _language() -> Tool:
    langid = importlib.import_module("py3langid")
    return lambda text: str(langid.classify(text)[0]) if any(map(str.isalpha, text)) else UNKNOWN


def _lemma() -> Tool:
    simplemma = importlib.import_module("simplemma")
    strategies = importlib.import_module("simplemma.strategies.dictionaries.dictionary_factory")
    supported = set(strategies.SUPPORTED_LANGUAGES)

    def lemma(token: str, language: str) -> str:
        lowered = token.lower()
        return str(simplemma.lemmatize(lowered, lang=language)) if language in supported else lowered

    return lemma


def _sentiment() -> Tool:
    analyze = importlib.import_module("textblob.en").sentiment
    return lambda text: float(analyze(text)[0])


def _tags() -> Tool:
    tag = importlib.import_module("textblob.en").tag
    return lambda text: [str(found) for _, found in tag(text)]


def _heads() -> Tool:
    spacy = importlib.import_module("spacy")
    if not spacy.util.is_package(PARSER):
        raise ImportError(name=f"spaCy's model {PARSER}")
    parse = spacy.load(PARSER, exclude=["ner", "lemmatizer"])
    return lambda text: [word.head.i for word in parse(text)]
