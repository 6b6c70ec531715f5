"""Which names are accepted, and how servables get theirs."""

import random
import re

from functions.core.errors import InvalidRequest, Problem

MODEL = re.compile(r"[a-z0-9_][a-z0-9_\-]{0,99}")  # begins as an image's tag may
APPLICATION = re.compile(r"(?!generateInputs$)[a-zA-Z0-9_\-]{1,100}")  # a route of that name stands in the way
PACKAGE_INDEX = re.compile(r"[a-z0-9-]{1,64}")
METRIC = re.compile(r"[a-z][a-zA-Z0-9_\-]{0,99}")
RECEIVER = re.compile(r"[a-z0-9-]{1,64}")  # and the secret that signs for it
DEPLOYMENT = re.compile(r"(?!\.+$)[a-zA-Z0-9_.\-]{1,100}")  # dots alone are a path's way up

ADJECTIVES = (
    "amber ancient autumn bold brave bright brisk calm clear cold cool crisp curious dawn deep dewy dry eager early "
    "fair fine fresh gentle glad golden green hazy high icy jolly keen kind late light lively lone long lucid mellow "
    "mild misty new noble pale patient placid plain proud quick quiet rapid rare sage sharp shy silent silver small "
    "smooth snowy soft solid spry still summer sunny swift tall tender tidy true vivid warm white wild winter wise"
).split()
NOUNS = (
    "acorn aspen bay beach birch bird bloom breeze brook bush cedar cliff cloud cove creek dale dawn dew dune dust "
    "elm fern field finch fjord flower fog forest frog frost glade glen grass grove gull harbor haze heron hill iris "
    "island lake lark leaf lily marsh meadow mist moon moss oak otter peak pebble pine plain pond rain raven reed "
    "ridge river robin rock sand sea shore sky snow sparrow spring star stone storm stream sun surf thunder tide tree "
    "tulip valley vale wave willow wind wood wren"
).split()


def check_name(pattern: re.Pattern[str], name: object, pointer: str = "/name") -> str:
    """`name`, when it fits `pattern`. Raises InvalidRequest."""
    if not isinstance(name, str) or not pattern.fullmatch(name):
        received = "nothing" if name is None else repr(name)
        raise InvalidRequest.of([Problem(pointer, f"a name that matches ^{pattern.pattern}$", received)])
    return name


def servable_name(model: str, version: int, chance: random.Random) -> str:
    """model-version-adjective-noun, as the reference system names them."""
    suffix = f"{chance.choice(ADJECTIVES)}-{chance.choice(NOUNS)}"
    return f"{model}-{version}-{suffix}".replace("_", "-")
