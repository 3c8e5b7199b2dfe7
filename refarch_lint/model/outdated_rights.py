"""Rules of roles that grant nothing, because the resources moved to another API group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from refarch_lint.location import Path
from refarch_lint.model.outdated_facts import MOVED_RESOURCES, Life, told
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.model.version import KubernetesVersion


def rights_in_vain(rules: Any, target: KubernetesVersion) -> Iterator[tuple[Path, str]]:
    """Yield where rules of a role name a group that no longer serves the resources, and what is to be said of it.

    Silent where the role grants the same resources in their present group, too.
    """
    listed = [mapping(rule) for rule in sequence(rules)]
    for index, rule in enumerate(listed):
        for position, group in enumerate(sequence(rule.get("apiGroups"))):
            moved: dict[Life, list[str]] = {}
            for name in sequence(rule.get("resources")):
                life = MOVED_RESOURCES.get((group, name)) if isinstance(group, str) and isinstance(name, str) else None
                if life is not None and not any(_grants(other, life.instead, name) for other in listed):
                    moved.setdefault(life, []).append(name)
            for life, names in moved.items():
                if (verdict := told(life, target, "are not served")) is not None:
                    path: Path = ("rules", index, "apiGroups", position)
                    yield path, f"{', '.join(names)} of API group {group} {verdict}"


def _grants(rule: Mapping[str, Any], group: str, resource: str) -> bool:
    groups, resources = sequence(rule.get("apiGroups")), sequence(rule.get("resources"))
    return any(item in groups for item in (group, "*")) and any(item in resources for item in (resource, "*"))
