"""Which API versions a Kubernetes release no longer serves, deprecates or does not serve yet, and what replaces them.

The facts are in `schemas/kubernetes/api-lifecycle.json`: Kubernetes' own from its deprecation guide, operators' from
their release notes.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from refarch_lint.data_folder import data_folder
from refarch_lint.model.version import KubernetesVersion, parse_version

KUBERNETES = "Kubernetes"


class ApiStatus(StrEnum):
    """How a Kubernetes release treats an API version."""

    CURRENT = "current"
    DEPRECATED = "deprecated"
    REMOVED = "removed"
    NOT_YET_SERVED = "not yet served"


class ApiLifecycle(NamedTuple):
    """The life of a kind in one API version; versions are the product's own (`1.25`), empty where there is none.

    `replacement` is an API version (`batch/v1`), with a kind after it where the kind changes too; empty where nothing
    takes the API's place.
    """

    api_version: str
    kind: str
    product: str
    introduced_in: str
    deprecated_in: str
    removed_in: str
    replacement: str


def lifecycle(api_version: str, kind: str) -> ApiLifecycle | None:
    """Return what is known of the life of a kind in an API version; None for one that has always been served."""
    return _lifecycles().get((api_version, kind))


def status(api_version: str, kind: str, version: str | KubernetesVersion) -> ApiStatus:
    """Return how Kubernetes `version` treats this API; an operator's outdated API counts as deprecated in every one.

    Raises ValueError for a text that is no version.
    """
    target = parse_version(version) if isinstance(version, str) else version
    known = lifecycle(api_version, kind)
    if known is None:
        return ApiStatus.CURRENT
    if known.product != KUBERNETES:
        return ApiStatus.DEPRECATED
    if known.introduced_in and target < parse_version(known.introduced_in):
        return ApiStatus.NOT_YET_SERVED
    if known.removed_in and target >= parse_version(known.removed_in):
        return ApiStatus.REMOVED
    if known.deprecated_in and target >= parse_version(known.deprecated_in):
        return ApiStatus.DEPRECATED
    return ApiStatus.CURRENT


def replacement(api_version: str, kind: str, version: str | KubernetesVersion) -> str:
    """Return the API version to use instead in Kubernetes `version`, none that is removed by then; or an empty text."""
    known = lifecycle(api_version, kind)
    while known is not None and known.replacement:
        following = lifecycle(known.replacement, kind)
        if following is None or status(known.replacement, kind, version) is not ApiStatus.REMOVED:
            return known.replacement
        known = following
    return ""


@cache
def _lifecycles() -> dict[tuple[str, str], ApiLifecycle]:
    file = data_folder() / "schemas" / "kubernetes" / "api-lifecycle.json"
    facts = json.loads(file.read_text(encoding="utf-8"))
    introduced: dict[str, str] = facts["introduced"]
    found: dict[tuple[str, str], ApiLifecycle] = {}
    for row in (*facts["kubernetes"], *facts["products"]):
        for kind in row["kinds"]:
            api_version = row["apiVersion"]
            found[api_version, kind] = ApiLifecycle(
                api_version,
                kind,
                row.get("product", KUBERNETES),
                introduced.get(f"{api_version}/{kind}", ""),
                row["deprecated"],
                row["removed"],
                row["replacement"],
            )
    for name, version in introduced.items():
        api_version, _, kind = name.rpartition("/")
        found.setdefault((api_version, kind), ApiLifecycle(api_version, kind, KUBERNETES, version, "", "", ""))
    return found
