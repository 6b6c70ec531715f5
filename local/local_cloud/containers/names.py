"""ECR's names of images, and where they are on this machine; the name by which a cloud's containers are found.

A repository of ECR is `<account>.dkr.ecr.<region>.<suffix>/<name>`. The engine must never see such a name: it would
call AWS. On the registry of this machine the same image is `<host:port>/<account>/<region>/<name>`.
"""

from __future__ import annotations

import re

LABEL = "dewpoint.cloud"  # every container has it, with the cloud's id; `make down` goes by it
ECR = re.compile(r"(?<![\w.-])(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+(?=/|$)")


def on_loopback(text: str, registry: str) -> str:
    """A reference, or a word that holds one (`RUNTIME=<reference>`), with ECR's hosts replaced by the registry."""
    return ECR.sub(lambda found: f"{registry}/{found['account']}/{found['region']}", text)


def is_ecr(text: str) -> bool:
    """Whether a reference or a host belongs to ECR."""
    return ECR.match(text.removeprefix("https://")) is not None


def split(reference: str) -> tuple[str, str]:
    """Repository and tag; the tag is `latest` when none is given."""
    repository, colon, tag = reference.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (reference, "latest")
