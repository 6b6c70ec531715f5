"""`docker`: the commands that builds and the CDK use, answered by the process engine.

Only what can be done honestly is taken; any other command or option ends with an error that names it. Options that
have no meaning without containers (platform, network, provenance) are accepted and ignored.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import machine, secrets
from .builder import Builder
from .docker_inspect import description, formatted
from .errors import BuildFailed, EngineError
from .images import ImageStore, normalized
from .registry import Registry

IGNORED_VALUES = (
    "--platform",
    "--network",
    "--ssh",
    "--progress",
    "--provenance",
    "--sbom",
    "--cache-from",
    "--cache-to",
    "--output",
)
IGNORED_FLAGS = ("--pull", "--load", "--rm", "--force-rm")


class Docker:
    """One invocation of the command."""

    def __init__(self, settings: machine.Machine, registry: Registry) -> None:
        self._machine = settings
        self._store = ImageStore(settings.images)
        self._registry = registry

    def build(self, options: argparse.Namespace) -> int:
        """docker build [options] CONTEXT"""
        context = Path(options.context)
        if not context.is_dir():
            raise EngineError(f'unable to prepare context: path "{options.context}" not found')
        dockerfile = Path(options.file) if options.file else context / "Dockerfile"
        if options.file and not dockerfile.is_absolute() and not dockerfile.is_file():
            dockerfile = context / options.file
        say = _silence if options.quiet else _print
        image = Builder(self._store, self._machine, say, secrets.given(options.secret)).build(
            context, dockerfile, _build_args(options.build_arg), dict(_pair(label) for label in options.label)
        )
        for reference in options.tag:
            self._store.tag(reference, image.digest)
            say(f"naming to {normalized(reference)} done")
        print(image.digest, flush=True)
        return 0

    def tag(self, options: argparse.Namespace) -> int:
        """docker tag SOURCE TARGET"""
        self._store.tag(options.target, self._store.get(options.source).digest)
        return 0

    def push(self, options: argparse.Namespace) -> int:
        """docker push REFERENCE: puts a manifest into the registry and keeps the digest it answers with."""
        reference = normalized(options.reference)
        image = self._store.get(reference)
        repository, _, tag = reference.rpartition(":")
        pushed = self._registry.put(repository, tag, image)
        self._store.tag(f"{repository}@{pushed}", image.digest)
        print(f"{tag}: digest: {pushed} size: {len(image.parents) + 1}")
        return 0

    def pull(self, options: argparse.Namespace) -> int:
        """docker pull REFERENCE: from the store; what is not there was never built here."""
        image = self._store.get(options.reference)
        print(f"Digest: {image.digest}\nStatus: Image is up to date for {normalized(options.reference)}")
        return 0

    def inspect(self, options: argparse.Namespace) -> int:
        """docker inspect [--format TEMPLATE] REFERENCE..."""
        found = [description(self._store, self._store.get(reference)) for reference in options.references]
        print(formatted(options.format, found))
        return 0

    def images(self, options: argparse.Namespace) -> int:
        """docker images [-q]"""
        for reference, digest in self._store.listing():
            print(digest if options.quiet else f"{reference}\t{digest}")
        return 0

    def login(self, options: argparse.Namespace) -> int:
        """docker login: the registry is reached with the caller's AWS credentials, so the password is only read."""
        if options.password_stdin:
            sys.stdin.read()
        print("Login Succeeded")
        return 0

    def version(self, _options: argparse.Namespace) -> int:
        """docker version"""
        print("Dewpoint process engine, answering to docker's command line")
        return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="docker", description=__doc__, allow_abbrev=False)
    root.add_argument("--config", help="ignored: there is no client configuration")
    commands = root.add_subparsers(dest="command", required=True)
    for name in ("build", "buildx"):
        _build_options(commands.add_parser(name, allow_abbrev=False), is_buildx=name == "buildx")
    command = commands.add_parser("tag")
    command.add_argument("source")
    command.add_argument("target")
    for name in ("push", "pull"):
        command = commands.add_parser(name)
        command.add_argument("reference")
        command.add_argument("-q", "--quiet", action="store_true")
        command.add_argument("--platform")
    command = commands.add_parser("inspect")
    command.add_argument("references", nargs="+")
    command.add_argument("-f", "--format")
    command.add_argument("--type", choices=["image"])
    command = commands.add_parser("images")
    command.add_argument("-q", "--quiet", action="store_true")
    command = commands.add_parser("login")
    command.add_argument("server", nargs="?")
    command.add_argument("-u", "--username")
    command.add_argument("-p", "--password")
    command.add_argument("--password-stdin", action="store_true")
    commands.add_parser("version")
    return root


def _build_options(command: argparse.ArgumentParser, is_buildx: bool) -> None:
    if is_buildx:
        command.add_argument("verb", choices=["build"])
    command.add_argument("-t", "--tag", action="append", default=[])
    command.add_argument("-f", "--file")
    command.add_argument("-q", "--quiet", action="store_true")
    command.add_argument("--build-arg", action="append", default=[])
    command.add_argument("--label", action="append", default=[])
    command.add_argument("--secret", action="append", default=[])
    for name in IGNORED_VALUES:
        command.add_argument(name, action="append", help=argparse.SUPPRESS)
    for name in IGNORED_FLAGS:
        command.add_argument(name, action="store_true", help=argparse.SUPPRESS)
    command.add_argument("context")


def _print(line: str) -> None:
    print(line, flush=True)


def _silence(_line: str) -> None:
    """docker build -q"""


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _build_args(given: list[str]) -> dict[str, str]:
    """`NAME=value`; a bare `NAME` takes the caller's variable, as in Docker."""
    return {name: value if has else os.environ.get(name, "") for name, has, value in (g.partition("=") for g in given)}


def main(words: list[str] | None = None) -> int:
    """Entry point of the `docker` command; returns its exit code."""
    options = parser().parse_args(sys.argv[1:] if words is None else words)
    docker = Docker(machine.read(os.environ), Registry())
    command = "build" if options.command == "buildx" else options.command
    try:
        code: int = getattr(docker, command)(options)
    except BuildFailed as error:
        print(f"ERROR: failed to build: failed to solve: {error}", file=sys.stderr)
        return 1
    except EngineError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
