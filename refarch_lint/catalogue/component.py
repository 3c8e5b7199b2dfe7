"""Well-known software that manifests deploy: how each is recognised and what is true of it anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Component(NamedTuple):
    """One piece of software, such as PostgreSQL.

    `images` are names of the last part of an image's repository, or `parent/name`; `kinds` are operator kinds that
    deploy it; `traits` say what it is (datastore, cache, broker, …); `data_folders` are where its images keep what must
    last; `ports` are the ports that it serves, `admin_ports` those for administrators only.
    """

    id: str
    title: str
    traits: frozenset[str]
    images: frozenset[str]
    kinds: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    admin_ports: tuple[int, ...] = ()
    data_folders: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = {}
