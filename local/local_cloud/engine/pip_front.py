"""`pip` in a build: a plain `pip install` is handed to uv, which does in seconds what pip does in minutes.

Everything else, and every install whose indexes the build chose itself (uv and pip weigh several indexes
differently), goes to the real pip of the virtual environment. Run by path, with the environment's own interpreter:
standard library only.
"""

import json
import os
import sys

PLAIN = {"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "--only-binary"}
FLAGS = {"-q", "--quiet", "-U", "--upgrade", "--no-deps", "--pre", "--require-hashes", "--no-build-isolation"}
# of no meaning to uv, or, like the cache, against the purpose
DROPPED = {"--no-cache-dir", "--no-compile", "--disable-pip-version-check", "--no-input", "--prefer-binary"}
DROPPED_WITH_VALUE = {"--root-user-action", "--progress-bar"}

DECISIVE = [
    f"PIP_{name}"
    for name in ("CONFIG_FILE", "INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "TARGET", "PREFIX", "USER")
]


def translated(words: list[str]) -> list[str] | None:
    """The arguments of `uv pip install` for those of `pip`; None when only pip itself will do."""
    if not words or words[0] != "install":
        return None
    # pip compiles what it installs, and a container's user cannot write the bytecode later
    rest, out = list(words[1:]), [] if "--no-compile" in words else ["--compile-bytecode"]
    while rest:
        word = rest.pop(0)
        name, _, value = word.partition("=")
        if name in DROPPED_WITH_VALUE:
            rest = rest if value else rest[1:]
        elif name in DROPPED:
            continue
        elif word in PLAIN:
            out += [word, *rest[:1]]
            rest = rest[1:]
        elif name in PLAIN or word in FLAGS or not word.startswith("-"):
            out.append(word)
        else:
            return None
    return out


def pip_settings(environ: "os._Environ[str] | dict[str, str]") -> str:
    """The variables that choose indexes or the place to install to, in one comparable text."""
    return json.dumps([environ.get(name) for name in DECISIVE])


def main() -> None:
    """Replaces this process by uv or pip."""
    uv = os.environ.get("DEWPOINT_UV")
    same = pip_settings(os.environ) == os.environ.get("LOCAL_CLOUD_PIP_SETTINGS")
    words = translated(sys.argv[1:]) if uv and same else None
    if uv and words is not None:
        os.execv(uv, [uv, "pip", "install", "--python", sys.executable, *words])
    os.execv(sys.executable, [sys.executable, "-m", "pip", *sys.argv[1:]])


if __name__ == "__main__":
    main()
