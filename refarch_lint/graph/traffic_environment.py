"""The environment a container starts with: each variable's value, where it is written and how it gets in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Container, Workload
from refarch_lint.regex import regex

_REFERENCE = regex(r"\$\$|\$\(([A-Za-z_][\w.-]*)\)")


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """One environment variable.

    `value` is None where it cannot be known: a Secret's (`secret`), a field of the pod, or a ConfigMap that is not in
    the tree. `place` is where the value is written, `via` where the container takes it in if that is elsewhere.
    `directory` is the ConfigMap that was taken as a whole.
    """

    name: str
    value: str | None
    place: Place
    via: Place | None = None
    secret: bool = False
    directory: Resource | None = None


ConfigMaps = Mapping[tuple[str, str], Resource]


def environment_of(
    workload: Workload, container: Container, config_maps: ConfigMaps, secrets: ConfigMaps
) -> dict[str, Variable]:
    """Return a container's variables by name as the kubelet builds them: `envFrom` in order, then `env` over it.

    `$(VAR)` is expanded from variables defined before, `$$` is a dollar (Kubernetes API reference, EnvVar.value). The
    values of Secrets are not read.
    """
    found: dict[str, Variable] = {}
    for index, source in enumerate(sequence(container.data.get("envFrom"))):
        _take_source(
            found,
            workload,
            mapping(source),
            Place(workload.resource, (*container.path, "envFrom", index)),
            config_maps,
            secrets,
        )
    for index, item in enumerate(sequence(container.data.get("env"))):
        name = mapping(item).get("name")
        if isinstance(name, str) and name:
            place = Place(workload.resource, (*container.path, "env", index))
            found[name] = _variable(name, mapping(item), place, workload.namespace, config_maps, found)
    return found


def _take_source(
    found: dict[str, Variable],
    workload: Workload,
    source: dict[str, Any],
    via: Place,
    config_maps: ConfigMaps,
    secrets: ConfigMaps,
) -> None:
    prefix = source.get("prefix")
    prefix = prefix if isinstance(prefix, str) else ""
    for field, objects in (("configMapRef", config_maps), ("secretRef", secrets)):
        name = dig(source, field, "name")
        resource = objects.get((workload.namespace, name)) if isinstance(name, str) else None
        if resource is None:
            continue
        reference = Place(via.resource, (*via.path, field, "name"))
        keys = dict.fromkeys(mapping(resource.data.get("data")), "data")
        if field == "secretRef":
            keys |= dict.fromkeys(mapping(resource.data.get("stringData")), "stringData")
        for key, part in keys.items():
            if not isinstance(key, str):
                continue
            place = Place(resource, (part, key))
            if field == "secretRef":
                found[prefix + key] = Variable(prefix + key, None, place, reference, secret=True)
            else:
                value = resource.data["data"][key]
                text = value if isinstance(value, str) and "\n" not in value.strip() else None
                found[prefix + key] = Variable(prefix + key, text, place, reference, directory=resource)


def _variable(
    name: str,
    item: dict[str, Any],
    place: Place,
    namespace: str,
    config_maps: ConfigMaps,
    known: Mapping[str, Variable],
) -> Variable:
    resource, path = place.resource, place.path
    value = item.get("value")
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return Variable(name, expand_references(str(value), known), Place(resource, (*path, "value")))
    source = mapping(item.get("valueFrom"))
    secret = mapping(source.get("secretKeyRef"))
    if secret and secret.get("optional") is not True:
        return Variable(name, None, Place(resource, (*path, "valueFrom", "secretKeyRef", "key")), secret=True)
    reference = mapping(source.get("configMapKeyRef"))
    map_name, key = reference.get("name"), reference.get("key")
    if isinstance(map_name, str) and isinstance(key, str):
        via = Place(resource, (*path, "valueFrom", "configMapKeyRef", "key"))
        config_map = config_maps.get((namespace, map_name))
        text = dig(config_map.data, "data", key) if config_map else None
        if config_map and isinstance(text, str):
            return Variable(name, text, Place(config_map, ("data", key)), via)
        if reference.get("optional") is not True:
            return Variable(name, None, via)
    return Variable(name, None, Place(resource, (*path, "name")))


def expand_references(text: str, known: Mapping[str, Variable]) -> str:
    """Replace `$(VAR)` by the values of variables; references to what is not known stay as they are."""
    if "$" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        variable = known.get(match[1])
        return variable.value if variable is not None and variable.value is not None else match[0]

    return _REFERENCE.sub(replace, text)
