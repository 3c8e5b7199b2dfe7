"""Alerting rules of the tree, from objects of the Prometheus operator and from rule files inside ConfigMaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.location import TextLine
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.regex import regex

_RULE_KINDS = (("PrometheusRule", "monitoring.coreos.com"), ("VMRule", "operator.victoriametrics.com"))
_ALERT = regex(r"^\s*-?\s*alert\s*:\s*(?P<name>\S.*?)\s*$")
_RULE = regex(r"^\s*-\s*(?:alert|record)\s*:")
_RUNBOOK = regex(r"^\s*[\"']?[\w-]*runbook[\w-]*[\"']?\s*:\s*\S", re.IGNORECASE)


class Alert(NamedTuple):
    """An alerting rule: its name, the place that names it, and whether an annotation links a runbook."""

    name: str
    place: Place
    has_runbook: bool


def alerts(resources: Iterable[Resource]) -> Iterator[Alert]:
    """Yield the alerting rules among resources, in reading order (monitoring.coreos.com/v1, Rule)."""
    for resource in resources:
        if (resource.kind, resource.group) in _RULE_KINDS:
            yield from _of_object(resource)
        elif resource.kind == "ConfigMap":
            for key, text in mapping(resource.data.get("data")).items():
                if isinstance(text, str) and "alert" in text and "expr" in text and "groups" in text:
                    yield from _of_text(resource, key, text)


def _of_object(resource: Resource) -> Iterator[Alert]:
    for number, group in enumerate(sequence(resource.spec.get("groups"))):
        for index, rule in enumerate(sequence(mapping(group).get("rules"))):
            name = mapping(rule).get("alert")
            if isinstance(name, str) and name:
                annotations = mapping(mapping(rule).get("annotations"))
                linked = any("runbook" in key.lower() and value for key, value in annotations.items())
                yield Alert(name, Place(resource, ("spec", "groups", number, "rules", index, "alert")), linked)


def _of_text(resource: Resource, key: str, text: str) -> Iterator[Alert]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if (found := _ALERT.match(line)) is None:
            continue
        linked = False
        for following in lines[number + 1 :]:
            if _RULE.match(following):
                break
            linked = linked or _RUNBOOK.match(following) is not None
        yield Alert(
            found["name"].strip("\"'"), Place(resource, ("data", key, TextLine(number, found.span("name")))), linked
        )
