"""Which variant of each stage answers this call: the one its caller names, the one its key belongs to, or a drawn one.

`x-dewpoint-variant` names a variant of the last stage as `model:version` or by its servable, or variants of several
stages as `0=first:1; 1=second:2`. A variant with weight 0 answers only when it is named.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.core.models import Application, Stage, Variant
from functions.core.routing import choose, choose_by_key
from functions.gateway.ports import CallOptions

PIN = re.compile(r"\s*(?:(?P<stage>[0-9]{1,3})\s*=\s*)?(?P<name>[^\s=;]{1,255})\s*")
FORM = "x-dewpoint-variant as `model:version`, a servable's name, or `stage=variant; stage=variant`"


class Selection(msgspec.Struct, frozen=True):
    """A variant per stage; `named`: the caller said which one of the last stage."""

    variants: tuple[Variant, ...]
    named: bool


def select(application: Application, version: str, options: CallOptions, chance: Callable[[], float]) -> Selection:
    """`version` names variants of the last stage, as the Open Inference Protocol does; empty for any.

    Raises NotFound for a variant or version that is not there (and says which are), InvalidRequest for a header that
    cannot be read, or that contradicts `version`.
    """
    last = len(application.stages) - 1
    pins = _read_pins(options.variant, last)
    chosen = []
    for at, stage in enumerate(application.stages):
        offered = _named(application, at, pins[at]) if at in pins else stage.variants
        if version and at == last:
            offered = _both(offered, variants_of(application, version), version)
        chosen.append(_draw(offered, f"{application.id}/{at}", options.sticky_key, chance))
    return Selection(tuple(chosen), bool(version) or last in pins)


def version_label(stage: Stage, variant: Variant) -> str:
    """The version's number; `model:number` where variants of several models stand side by side."""
    number = str(variant.model_version)
    several = len({other.model_name for other in stage.variants}) > 1
    return f"{variant.model_name}:{number}" if several else number


def variants_of(application: Application, version: str) -> Sequence[Variant]:
    """The variants of the last stage that `version` ("2" or "penguins:2") names. Raises NotFound for none."""
    last = application.stages[-1]
    named = [v for v in last.variants if version in (version_label(last, v), _model(v))]
    if not named:
        known = ", ".join(sorted({version_label(last, variant) for variant in last.variants}))
        raise NotFound(f"application {application.name} has no version {version[:100]!r}; it has {known}")
    return named


def _read_pins(header: str, last: int) -> dict[int, str]:
    """Stage -> name. Raises InvalidRequest."""
    pins: dict[int, str] = {}
    for entry in filter(str.strip, header.split(";")):
        match = PIN.fullmatch(entry)
        if match is None:
            raise InvalidRequest.of([Problem("", FORM, repr(entry.strip()[:100]))])
        stage = last if match["stage"] is None else int(match["stage"])
        if stage > last:
            raise InvalidRequest.of([Problem("", f"x-dewpoint-variant with stages from 0 to {last}", f"stage {stage}")])
        if stage in pins:
            raise InvalidRequest.of(
                [Problem("", "x-dewpoint-variant with one variant per stage", f"stage {stage} twice")]
            )
        pins[stage] = match["name"]
    return pins


def _named(application: Application, at: int, name: str) -> Sequence[Variant]:
    variants = application.stages[at].variants
    named = [variant for variant in variants if name in (_model(variant), variant.servable_name)]
    if not named:
        known = ", ".join(f"{_model(variant)} ({variant.servable_name})" for variant in variants)
        raise NotFound(f"stage {at} of application {application.name} has no variant {name[:100]!r}; it has {known}")
    return named


def _both(named: Sequence[Variant], versioned: Sequence[Variant], version: str) -> Sequence[Variant]:
    both = [variant for variant in named if variant in versioned]
    if not both:
        expected = f"x-dewpoint-variant to name a variant of version {version[:100]}, which is asked for as well"
        raise InvalidRequest.of([Problem("", expected, ", ".join(_model(variant) for variant in named))])
    return both


def _draw(variants: Sequence[Variant], salt: str, key: str, chance: Callable[[], float]) -> Variant:
    if len(variants) == 1 or not any(variant.weight for variant in variants):
        return variants[0]
    return choose_by_key(variants, salt, key) if key else choose(variants, chance())


def _model(variant: Variant) -> str:
    return f"{variant.model_name}:{variant.model_version}"
