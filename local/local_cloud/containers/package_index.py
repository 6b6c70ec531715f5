"""How `pip` in a build reaches its package index, as on this machine, without a trace in the image.

The Dockerfiles mount two optional build secrets where they install packages: `pip`, a pip.conf, and `ca`, a bundle of
certificates. Both are made here of this machine's settings; what names a file of the machine cannot be used in a build.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path

AUTHORITIES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CA_IN_BUILD = "/run/secrets/ca"
OPTIONS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries")
PROXIES = {name for word in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY") for name in (word, word.lower())}


def build_words(network: Mapping[str, str], folder: Path) -> list[str]:
    """Options of `docker build`; the secrets' files are written into `folder`, which must outlive the build."""
    words = [word for name in sorted(PROXIES & network.keys()) for word in ("--build-arg", name)]
    bundle = authorities(network)
    if bundle:
        words += ["--secret", f"id=ca,src={bundle}"]
    file = folder / "pip.conf"
    file.write_text(pip_conf(network, bundle))
    return [*words, "--secret", f"id=pip,src={file}"]


def authorities(network: Mapping[str, str]) -> Path | None:
    """The bundle of certificates that this machine's environment names."""
    named = (Path(network[name]) for name in AUTHORITIES if network.get(name))
    return next((path for path in named if path.is_file()), None)


def pip_conf(network: Mapping[str, str], bundle: Path | None) -> str:
    """The text of a build's pip.conf."""
    options = {**_configured(network.get("PIP_CONFIG_FILE")), **_of_environment(network)}
    lines = [f"{name} = {value}" for name, value in options.items() if value and "file:" not in value]
    if bundle:
        lines.append(f"cert = {CA_IN_BUILD}")
    return "\n".join(["[global]", *lines, ""])


def _configured(file: str | None) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read([file] if file else [])
    section = parser["global"] if parser.has_section("global") else {}
    return {name: " ".join(section[name].split()) for name in OPTIONS if name in section}


def _of_environment(network: Mapping[str, str]) -> dict[str, str]:
    names = {option: "PIP_" + option.upper().replace("-", "_") for option in OPTIONS}
    found = {**names, "timeout": "PIP_DEFAULT_TIMEOUT"} if "PIP_TIMEOUT" not in network else names
    return {option: network[name] for option, name in found.items() if network.get(name)}
