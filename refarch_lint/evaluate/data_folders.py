"""Where a container of well-known software keeps what must last: as it is told to, else as its image does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refarch_lint.catalogue.component import Component, Folder
from refarch_lint.evaluate.components import is_client
from refarch_lint.graph.storage import clean_path
from refarch_lint.model.image import DEFAULT_NAMESPACE, ImageReference, parse_image
from refarch_lint.model.resource import sequence
from refarch_lint.model.workload import Container, ContainerType, Workload
from refarch_lint.regex import regex
from refarch_lint.wildcards import fits_glob

_MAJOR = regex(r"v?(\d+)(?=$|[.\-_])")
_POSTGRES_MAJOR = regex(r"(?:^|[-_.])pg-?(\d+)")
_ADDRESS = regex(r"[a-z]+://[^/]*")


class DataFolders(NamedTuple):
    """Folders any of which holds the data, and the folders that the image declares as volumes of its own.

    `told_by` names the setting that moved the data away from the image's own folder, empty where none did.
    """

    folders: tuple[str, ...]
    image_volumes: tuple[str, ...]
    told_by: str = ""


def main_container(workload: Workload, component: Component | None) -> Container | None:
    """Return the container that runs a component, else the first main one."""
    regular = [container for container in workload.containers if container.type is ContainerType.REGULAR]
    for container in regular:
        if component is not None and not is_client(container) and _runs(container.data.get("image"), component):
            return container
    return regular[0] if regular else None


def data_folders(container: Container, component: Component, variables: Mapping[str, str]) -> DataFolders:
    """Return where a container keeps its data; `variables` is its environment as far as it is known."""
    text = container.data.get("image")
    image = parse_image(text) if isinstance(text, str) and _runs(text, component) else None
    volumes = _admitted(component.image_volumes, image) if major_version(image) or not _versioned(component) else ()
    for name in component.data_settings:
        value = variables.get(name) or _argument(container, name)
        if value and (folders := tuple(_folders_in(value))):
            return DataFolders(folders, volumes, name)
    return DataFolders(_admitted(component.data_folders, image), volumes)


def is_foreign_build(container: Container, component: Component) -> bool:
    """Tell whether an image that is named like the software comes from somebody else, who may have moved the data."""
    text = container.data.get("image")
    image = parse_image(text) if isinstance(text, str) else None
    if image is None or not _runs(text, component):
        return True
    *_, publisher = ["", *image.repository.split("/")[:-1]]
    names = {component.id, *(word for name in component.images for word in name.split("/"))}
    if publisher in ("", DEFAULT_NAMESPACE) or any(name in publisher for name in names):
        return False
    return not any(folder.images and folder.images in image.name for folder in component.data_folders)


def major_version(image: ImageReference | None) -> int:
    """Return the major version in an image's tag, 0 where there is none: `16.4-alpine`, `v8`, `2.14.2-pg16`."""
    tag = (image.tag or "") if image else ""
    found = _POSTGRES_MAJOR.search(tag) or _MAJOR.match(tag)
    return int(found[1]) if found and len(found[1]) < 5 else 0


def _runs(text: object, component: Component) -> bool:
    image = parse_image(text) if isinstance(text, str) else None
    if image is None:
        return False
    names = (image.repository, "/".join(image.repository.split("/")[-2:]), image.short_name)
    return any(fits_glob(name, pattern) for name in names for pattern in component.images)


def _versioned(component: Component) -> bool:
    return any(folder.since or folder.below for folder in component.image_volumes)


def _admitted(folders: Iterable[Folder], image: ImageReference | None) -> tuple[str, ...]:
    repository, version = (image.name if image else ""), major_version(image)
    everything = tuple(folders)
    special = [folder for folder in everything if folder.images and folder.images in repository]
    plain = [folder for folder in everything if not folder.images]
    foreign = any(word in repository for word in ("bitnami", "spilo", "crunchy", "timescaledb-ha"))
    chosen = special or ([] if foreign else plain)
    found = [
        folder
        for folder in chosen
        if not version or (version >= folder.since and (not folder.below or version < folder.below))
    ]
    return tuple(clean_path(folder.path.replace("{version}", str(version))) for folder in found)


def _argument(container: Container, name: str) -> str:
    """Return what follows a flag or word in a container's command line, as `--flag value` or `--flag=value`."""
    if name.isupper() or name.startswith("NEO4J"):
        return ""
    words = [word for key in ("command", "args") for word in sequence(container.data.get(key)) if isinstance(word, str)]
    words = [part for word in words for part in (word.split() if any(space in word for space in " \n") else [word])]
    found = []
    for index, word in enumerate(words):
        if word == name and index + 1 < len(words):
            rest = words[index + 1 :]
            found += [part for part in rest if "/" in part and part[0] != "-"] if name == "server" else rest[:1]
        elif word.startswith(f"{name}="):
            found.append(word.partition("=")[2])
    return ",".join(found)


def _folders_in(value: str) -> Iterable[str]:
    for part in re.split(r"[,\s]+", value):
        path = _ADDRESS.sub("", part.removeprefix("path=").strip("\"'")).partition("{")[0]
        if path.startswith("/") and "$" not in path:
            yield clean_path(path.rstrip("/") or "/")
