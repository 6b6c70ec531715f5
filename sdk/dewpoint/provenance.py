"""Where a model version was made: the state of the git repository, and this tool's version."""

import shutil
import subprocess
from pathlib import Path

from dewpoint.version import __version__

GIT_SECONDS = 10


def provenance(folder: Path) -> dict[str, str]:
    """Metadata for a model whose files lie in `folder`; git's part is missing where there is no repository."""
    found = {"dewpoint.version": __version__}
    head = _git(folder, "log", "-1", "--format=%H%n%cI")
    if head is None:
        return found
    sha, _, date = head.partition("\n")
    changes = _git(folder, "status", "--porcelain", "--", ".")
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    return found | {
        "git.branch": branch or "",
        "git.sha": sha,
        "git.date": date,
        "git.is-dirty": "true" if changes else "false",
    }


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
