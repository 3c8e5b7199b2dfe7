"""`refarch-lint init`: write the reference manifests of an architecture into a folder, under one's own names."""

from __future__ import annotations

import re
from pathlib import Path as FilePath

import click

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.catalogue.reading import read_document
from refarch_lint.cli.scaffold import Choices, Origin, origin_of, scaffold
from refarch_lint.cli.sizing import Size
from refarch_lint.config import DEFAULT_PROFILE
from refarch_lint.data_folder import data_folder
from refarch_lint.errors import UsageError
from refarch_lint.listing import listed

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


@click.command("init", short_help="Write the reference manifests of an architecture.")
@click.argument("architecture")
@click.argument("folder", type=click.Path(file_okay=False), metavar="DIR")
@click.option("--name", help="Name of the application.")
@click.option("--namespace", help="Namespace of the application.")
@click.option("--host", metavar="DOMAIN", help="Host name under which the application is reached.")
@click.option("--images", metavar="PREFIX", help="Registry and repository prefix of the application's own images.")
@click.option("--profile", default=DEFAULT_PROFILE, show_default=True, help="Profile whose replicas are written.")
@click.option("--debug", is_flag=True, help="Show a traceback where refarch-lint itself breaks down.")
def command(
    architecture: str,
    folder: str,
    name: str | None,
    namespace: str | None,
    host: str | None,
    images: str | None,
    profile: str,
    debug: bool,
) -> int:
    """Write the reference manifests of ARCHITECTURE into DIR, with a .refarch-lint.yaml; nothing is overwritten."""
    catalogue = load_catalogue()
    if architecture not in catalogue.architectures:
        raise UsageError(f"no architecture {architecture!r}; known are {', '.join(catalogue.architectures)}")
    if profile not in catalogue.profiles:
        raise UsageError(f"no profile {profile!r}; known are {', '.join(catalogue.profiles)}")
    for option, value in (("--name", name), ("--namespace", namespace)):
        if value is not None and not _LABEL.fullmatch(value):
            raise UsageError(
                f"{option} {value!r} is not a DNS label of at most 40 lower-case letters, digits and hyphens"
            )
    texts, origin = reference_files(architecture)
    size = size_of(catalogue, profile, origin.written.replicas)
    files = scaffold(texts, origin, Choices(name, namespace, host, images, size, profile))
    files[".refarch-lint.yaml"] = f"architecture: {architecture}\nprofile: {profile}\n"
    write_files(FilePath(folder), files)
    click.echo(f"wrote {len(files)} files to {folder}; next: refarch-lint {folder}")
    return 0


def size_of(catalogue: Catalogue, profile: str, replicas: int) -> Size:
    """Return what a profile asks of the size of workloads; `replicas` where it says nothing of their number."""
    chosen = catalogue.profiles[profile].parameters
    known = catalogue.rules["resources-fit-profile"].parameters
    return Size(
        chosen.get("min_replicas", replicas),
        chosen.get("autoscaler_required") is True,
        chosen.get("traffic", known["traffic"].default),
        known["bands"].default,
    )


def reference_files(architecture: str) -> tuple[dict[str, str], Origin]:
    """Return the text of every reference file of an architecture by its relative path, and what they call things."""
    home = data_folder() / "fixtures" / "architectures" / architecture
    document, faults = read_document(home / "init.yaml", f"{architecture}/init.yaml")
    if document is None:
        raise UsageError(f"could not read the reference manifests of {architecture}: {faults}")
    reference = home / "reference"
    files = (file for file in sorted(reference.rglob("*")) if file.is_file())
    return {file.relative_to(reference).as_posix(): file.read_text("utf-8") for file in files}, origin_of(document.data)


def write_files(folder: FilePath, files: dict[str, str]) -> None:
    """Write files below a folder. Raises UsageError, having written nothing, if any of them is already there."""
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise UsageError(f"could not write to {folder}: {listed(there)} already there, and nothing is overwritten")
    try:
        for name, text in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as cause:
        raise UsageError(f"could not write to {folder}: {cause.strerror}") from cause
