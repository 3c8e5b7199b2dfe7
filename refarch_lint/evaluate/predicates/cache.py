"""Caches that run in memory: that something bounds them below what their container may use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.edge import ReferenceStatus, Relation
from refarch_lint.graph.place import Place
from refarch_lint.location import Path, TextLine
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.model.workload import Container, ContainerType, Workload
from refarch_lint.regex import regex

_MAXMEMORY = regex(r"(?<![a-z])maxmemory[\s=]+[\"']?([0-9]{1,15})(kb|mb|gb|k|m|g|b)?\b", re.IGNORECASE)
_POLICY = regex(r"(?<![a-z])maxmemory[-_]policy[\s=]+[\"']?([a-z-]+)", re.IGNORECASE)
_MEMCACHED = regex(r"(?:^|\s)(?:-m\s*|--memory-limit[=\s])([0-9]{1,9})\b")

#: Units of redis.conf; bytes where there is none.
_UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1024, "m": 10**6, "mb": 2**20, "g": 10**9, "gb": 2**30}
_MEMCACHED_DEFAULT = 64


class Text(NamedTuple):
    """A text from which a cache takes its settings, and where it stands."""

    text: str
    place: Place


def bounded(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A cache has a bound below its memory limit, and makes room when it is reached."""
    component = context.roles.component(subject.resource)
    workload = subject.pods
    if "cache" not in context.roles.traits(subject.resource) or component is None:
        yield NotApplicable("it is no cache that this tool knows")
        return
    container = _cache_container(workload, component.id, context)
    if container is None or component.id not in ("redis", "memcached"):
        yield NotApplicable("it bounds itself, or how it is bounded is not known")
    elif component.id == "memcached":
        yield from _memcached(workload, container, context)
    elif "dragonfly" in str(container.data.get("image")):
        yield NotApplicable("it keeps to the memory limit of its container by itself")
    else:
        yield from _redis(workload, container, context)


def _cache_container(workload: Workload, component: str, context: RuleContext) -> Container | None:
    index = context.run.components
    for container in workload.containers:
        if container.type is ContainerType.REGULAR:
            found = index.of_image(container.data.get("image"))
            if found is not None and found.id == component:
                return container
    return None


def _arguments(workload: Workload, container: Container) -> Text:
    words = [word for field in ("command", "args") for word in sequence(container.data.get(field))]
    field = "args" if "args" in container.data else "command"
    return Text(" ".join(str(word) for word in words), Place(workload.resource, (*container.path, field)))


def _settings(workload: Workload, container: Container, context: RuleContext) -> Iterator[Text]:
    yield _arguments(workload, container)
    for index, variable in enumerate(sequence(container.data.get("env"))):
        name, value = mapping(variable).get("name"), mapping(variable).get("value")
        if isinstance(value, str):
            yield Text(f"{name} {value}", Place(workload.resource, (*container.path, "env", index, "value")))
    for reference in context.graph.references_by_source.get(workload.resource, ()):
        if reference.kind == "ConfigMap" and reference.status is ReferenceStatus.FOUND and reference.target is not None:
            for key, value in mapping(reference.target.data.get("data")).items():
                if isinstance(value, str):
                    yield from _lines(value, Place(reference.target, ("data", key)))


def _lines(text: str, place: Place) -> Iterator[Text]:
    for number, line in enumerate(text.split("\n")):
        if not line.lstrip().startswith("#"):
            path: Path = (*place.path, TextLine(number)) if "\n" in text else place.path
            yield Text(line, Place(place.resource, path))


def _is_hidden(workload: Workload, context: RuleContext) -> bool:
    """Tell whether a cache may be configured by something that the tree does not show."""
    return any(
        reference.relation in (Relation.MOUNTS, Relation.READS)
        and reference.kind in ("ConfigMap", "Secret")
        and (reference.kind == "Secret" or reference.status is not ReferenceStatus.FOUND)
        for reference in context.graph.references_by_source.get(workload.resource, ())
    )


def _redis(workload: Workload, container: Container, context: RuleContext) -> Iterator[Outcome]:
    bound: tuple[int, str, Place] | None = None
    policy: str | None = None
    for text, place in _settings(workload, container, context):
        if found := _MAXMEMORY.search(text):
            bound = int(found[1]) * _UNITS[(found[2] or "").lower()], f"{found[1]}{found[2] or ''}", place
        if found := _POLICY.search(text):
            policy = found[1]
    if bound is None or bound[0] == 0:
        if bound is None and _is_hidden(workload, context):
            yield Unverifiable(f"settings of {workload} may come from an object that the tree does not show")
            return
        place = bound[2] if bound else Place(workload.resource, (*container.path, "args"))
        why = "maxmemory 0 is no bound" if bound else "it is given no maxmemory"
        yield Fault(f"{workload}: nothing bounds the cache in container {container.name}: {why}", place)
        return
    yield from _against_limit(workload, container, bound, context)
    if policy in (None, "noeviction") and not (policy is None and _is_hidden(workload, context)):
        yield Fault(
            f"{workload}: container {container.name} refuses writes once it holds {bound[1]}: "
            f"maxmemory-policy is {policy or 'noeviction by default'}",
            bound[2],
        )


def _memcached(workload: Workload, container: Container, context: RuleContext) -> Iterator[Outcome]:
    text, place = _arguments(workload, container)
    found = _MEMCACHED.search(text)
    megabytes = int(found[1]) if found else _MEMCACHED_DEFAULT
    if not found:
        place = Place(workload.resource, (*container.path, "resources", "limits", "memory"))
    yield from _against_limit(workload, container, (megabytes * 2**20, f"{megabytes} MiB", place), context)


def _against_limit(
    workload: Workload, container: Container, bound: tuple[int, str, Place], context: RuleContext
) -> Iterator[Outcome]:
    limit = context.graph.compute.limit(workload, container, "memory")
    if limit is not None and limit.number is not None and bound[0] >= limit.number:
        yield Fault(
            f"{workload}: container {container.name} may cache {bound[1]}, its memory limit is {limit.value}; "
            "it is killed before it evicts anything",
            bound[2],
            (Note("the memory limit", limit.place),),
        )
