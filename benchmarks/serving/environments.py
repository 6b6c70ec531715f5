"""An environment per peer, made once from its requirements and kept under build/."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.report import RESULTS, ROOT

PEERS = ROOT / "benchmarks" / "serving" / "peers"
UV = Path(sys.executable).parent / "uv"


def environment(peer: str) -> Path:
    """The bin/ folder of the peer's environment, installed when its requirements are new. Raises CalledProcessError."""
    requirements = PEERS / peer / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = RESULTS / "environments" / f"{peer}-{digest}"
    if not (home / "complete").exists():
        print(f"installing {peer}", flush=True)
        subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, home], check=True)
        python = home / "bin" / "python"
        subprocess.run([UV, "pip", "install", "--quiet", "--python", python, "-r", requirements], check=True)
        (home / "complete").touch()
    return home / "bin"


def versions(python: Path, packages: list[str]) -> dict[str, str]:
    """What is really installed."""
    code = "import json, sys, importlib.metadata as m; print(json.dumps({p: m.version(p) for p in sys.argv[1:]}))"
    done = subprocess.run([python, "-c", code, *packages], check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found
