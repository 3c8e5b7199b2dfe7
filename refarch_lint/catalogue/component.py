"""Well-known software that manifests deploy: how each is recognised and what is true of it anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Folder(NamedTuple):
    """A folder of images, in some of their versions: `since` and `below` are major versions, 0 for no bound.

    `images` is a part of the repository of the images that have it, empty for the others. `{version}` in the path
    stands for the major version.
    """

    path: str
    since: int = 0
    below: int = 0
    images: str = ""


class Component(NamedTuple):
    """One piece of software, such as PostgreSQL.

    `images` are names of the last part of an image's repository, or `parent/name`; `kinds` are operator kinds that
    deploy it; `traits` say what it is (datastore, cache, broker, …); `data_folders` are where its images keep what must
    last, unless one of `data_settings` (variables, flags) names another folder; `image_volumes` are folders that the
    images declare as volumes of their own, deleted with the container; `ports` are the ports that it serves,
    `admin_ports` those for administrators only.
    """

    id: str
    title: str
    traits: frozenset[str]
    images: frozenset[str]
    kinds: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    admin_ports: tuple[int, ...] = ()
    data_folders: tuple[Folder, ...] = ()
    data_settings: tuple[str, ...] = ()
    image_volumes: tuple[Folder, ...] = ()
    parameters: Mapping[str, Any] = {}
