"""Where a model version was made: the state of the git repository, of DVC's files, and this tool's version.

A person's name and address are kept only when that is asked for. DVC's own files are read, DVC is not run.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dewpoint.version import __version__

GIT_SECONDS = 10
MOST_DVC_OUTPUTS = 50  # of a repository that tracks every image of a data set


def provenance(folder: Path, *, author: bool = False) -> dict[str, str]:
    """Metadata for a model whose files lie in `folder`; git's part is missing where there is no repository."""
    return {"dewpoint.version": __version__, **_from_git(folder, author=author), **dict(_from_dvc(folder))}


def _from_git(folder: Path, *, author: bool) -> dict[str, str]:
    head = _git(folder, "log", "-1", "--format=%H%n%cI%n%an%n%ae")
    if head is None:
        return {}
    sha, date, name, address, *_ = [*head.split("\n"), "", ""]  # an empty last line is gone
    changes = _git(folder, "status", "--porcelain", "--", ".")
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    return {
        "git.branch": branch or "",
        "git.sha": sha,
        "git.date": date,
        "git.is-dirty": "true" if changes else "false",
        **({"git.author": name, "git.author-email": address} if author else {}),
    }


def _from_dvc(folder: Path) -> Iterator[tuple[str, str]]:
    """The hash of each output that DVC tracks, from `*.dvc` files and from the lock of `dvc.yaml`."""
    outputs = [output for file in sorted(folder.glob("*.dvc")) if file.is_file() for output in _outputs(_read(file))]
    stages = _read(folder / "dvc.lock").get("stages")
    for stage in stages.values() if isinstance(stages, dict) else ():
        outputs.extend(_outputs(stage))
    for path, digest in outputs[:MOST_DVC_OUTPUTS]:
        yield f"dvc.{path}", digest
    if len(outputs) > MOST_DVC_OUTPUTS:
        yield "dvc.outputs-left-out", str(len(outputs) - MOST_DVC_OUTPUTS)


def _outputs(document: Any) -> Iterator[tuple[str, str]]:
    """`md5:…` by path; DVC names the hash by its kind, and leaves out what is not made yet."""
    outs = document.get("outs") if isinstance(document, dict) else None
    for out in outs if isinstance(outs, list) else ():
        kinds = [kind for kind in ("md5", "etag", "checksum") if isinstance(out, dict) and out.get(kind)]
        if kinds and out.get("path"):
            yield str(out["path"]), f"{kinds[0]}:{out[kinds[0]]}"


def _read(file: Path) -> dict[str, Any]:
    """Empty for what is not there or is no DVC file: provenance never stops a model."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return document if isinstance(document, dict) else {}


def _git(folder: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 (a fixed program, arguments of our own)
            [git, "-C", str(folder), *arguments], capture_output=True, text=True, timeout=GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
