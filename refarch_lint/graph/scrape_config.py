"""Scrape configurations of Prometheus inside ConfigMaps: static targets, discovery, and the rules that keep or drop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.location import Path, TextLine
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.regex import regex
from refarch_lint.source.document import Document
from refarch_lint.source.loading import read_bytes

_UNSAFE = regex(r"[^A-Za-z0-9_]")
_KNOWN = regex(
    r"__meta_kubernetes_(?:namespace|pod_(?:label|labelpresent|annotation|annotationpresent)_\w+|pod_container_\w+|pod_phase"
    r"|pod_ready|service_(?:label|labelpresent|annotation|annotationpresent)_\w+|service_name|endpoint_port_name"
    r"|endpointslice_port_name|endpoints_name|pod_controller_kind)"
)
_TARGET = regex(r"(?:\w+://)?(?:[^@/\s]*@)?(?P<host>[A-Za-z0-9._-]+)(?::(?P<port>\d+))?(?:/.*)?")


class StaticTarget(NamedTuple):
    """A host that is scraped by name, with the place that names it."""

    host: str
    port: int | None
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class ScrapeJob:
    """One entry of `scrape_configs`: where it is written, whom it finds and which of them it keeps.

    `trusts_cluster` tells that it speaks HTTPS and trusts the cluster's own authority: only the API server, kubelets
    and their kin answer it.
    """

    name: str
    place: Place
    targets: tuple[StaticTarget, ...]
    discoveries: tuple[Mapping[str, Any], ...]
    relabelings: tuple[Mapping[str, Any], ...]
    trusts_cluster: bool = False

    def finds(self, role: str, namespace: str) -> bool:
        """Tell whether a discovery of a role looks into a namespace."""
        roles = {"endpoints": ("endpoints", "endpointslice"), "pod": ("pod",), "service": ("service",)}[role]
        for discovery in () if self.trusts_cluster else self.discoveries:
            names = [
                item for item in sequence(mapping(discovery.get("namespaces")).get("names")) if isinstance(item, str)
            ]
            if mapping(discovery.get("namespaces")).get("own_namespace") is True:
                names.append(self.place.resource.namespace)
            if discovery.get("role") in roles and (not names or namespace in names):
                return True
        return False

    def keeps(self, labels: Mapping[str, str]) -> bool | None:
        """Tell whether a target with these meta-labels is kept; None where a label decides that is not known here.

        Prometheus documentation, `<relabel_config>`.
        """
        return _relabelled(self.relabelings, labels)


def scrape_jobs(resources: Iterable[Resource]) -> Iterator[ScrapeJob]:
    """Yield the scrape jobs that ConfigMaps hold, and Secrets in clear text, in reading order."""
    for resource in resources:
        if resource.group != "" or resource.kind not in ("ConfigMap", "Secret"):
            continue
        field = "data" if resource.kind == "ConfigMap" else "stringData"
        for key, text in mapping(resource.data.get(field)).items():
            if isinstance(key, str) and isinstance(text, str) and ("scrape_configs" in text or "- job_name" in text):
                yield from _jobs(resource, (field, key), text)


def embedded(text: str) -> Document | None:
    """Return a text that a manifest embeds as a document, None where it is no YAML."""
    content = read_bytes("embedded.yaml", text.encode("utf-8", "surrogatepass"))
    documents = [document for document in content.documents if document.data is not None]
    return documents[0] if documents else None


def embedded_place(resource: Resource, path: Path, text: str, document: Document, inner: Path) -> Place:
    """Return the place of a value inside an embedded text, or the text where it is a single line."""
    if "\n" not in text:
        return Place(resource, path)
    return Place(resource, (*path, TextLine.of(document.locate(inner).span)))


def _jobs(resource: Resource, path: Path, text: str) -> Iterator[ScrapeJob]:
    document = embedded(text)
    if document is None:
        return
    for inner, entries in _lists(document.data, ()):
        for index, item in enumerate(entries):
            job, where = mapping(item), (*inner, index)
            if not job:
                continue
            place = embedded_place(resource, path, text, document, (*where, "job_name"))
            yield ScrapeJob(
                str(job.get("job_name", "")),
                place,
                tuple(_static(resource, path, text, document, job, where)),
                tuple(mapping(entry) for entry in sequence(job.get("kubernetes_sd_configs"))),
                tuple(mapping(entry) for entry in sequence(job.get("relabel_configs"))),
                _trusts_cluster(job),
            )


def _lists(data: Any, path: Path, depth: int = 0) -> Iterator[tuple[Path, list[Any]]]:
    """Yield the lists of scrape jobs: under `scrape_configs` at whatever depth, or the whole text."""
    if depth == 0 and isinstance(data, list):
        yield (), data
    if depth > 6:
        return
    for key, value in mapping(data).items():
        if key == "scrape_configs" and isinstance(value, list):
            yield (*path, key), value
        else:
            yield from _lists(value, (*path, key), depth + 1)


def _trusts_cluster(job: Mapping[str, Any]) -> bool:
    authority = mapping(job.get("tls_config")).get("ca_file")
    return job.get("scheme") == "https" and isinstance(authority, str) and "kubernetes.io/serviceaccount" in authority


def _static(
    resource: Resource, path: Path, text: str, document: Document, job: Mapping[str, Any], where: Path
) -> Iterator[StaticTarget]:
    for number, entry in enumerate(sequence(job.get("static_configs"))):
        for index, target in enumerate(sequence(mapping(entry).get("targets"))):
            found = _TARGET.fullmatch(target) if isinstance(target, str) else None
            if found is None:
                continue
            inner = (*where, "static_configs", number, "targets", index)
            place = embedded_place(resource, path, text, document, inner)
            yield StaticTarget(found["host"], int(found["port"]) if found["port"] else None, place)


def meta_labels(prefix: str, labels: Mapping[str, str], annotations: Mapping[str, str]) -> dict[str, str]:
    """Return the meta-labels that discovery derives from labels and annotations; `prefix` is `pod` or `service`."""
    found: dict[str, str] = {}
    for kind, values in (("label", labels), ("annotation", annotations)):
        for key, value in values.items():
            safe = _UNSAFE.sub("_", key)
            found[f"__meta_kubernetes_{prefix}_{kind}_{safe}"] = value
            found[f"__meta_kubernetes_{prefix}_{kind}present_{safe}"] = "true"
    return found


def _relabelled(rules: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> bool | None:
    known: dict[str, str | None] = dict(labels)
    certain = True
    for rule in rules:
        action = rule.get("action", "replace")
        names = [name for name in sequence(rule.get("source_labels")) if isinstance(name, str)]
        values = [_value(known, name) for name in names]
        separator = rule.get("separator", ";")
        source = None if None in values else str(separator).join(value for value in values if value is not None)
        target = rule.get("target_label")
        if action in ("keep", "drop"):
            matched = _matches(rule.get("regex"), source)
            if matched is None:
                certain = False
            elif matched is (action == "drop"):
                return False
        elif action in ("keepequal", "dropequal") and isinstance(target, str):
            other = _value(known, target)
            if source is None or other is None:
                certain = False
            elif (source == other) is (action == "dropequal"):
                return False
        elif action == "replace" and isinstance(target, str):
            matched = _matches(rule.get("regex"), source)
            if matched is None:
                known[target] = None
            elif matched:
                plain = rule.get("replacement", "$1") == "$1" and rule.get("regex") in (None, "(.*)", "(.+)")
                known[target] = source if plain else None
    return True if certain else None


def _value(known: Mapping[str, str | None], name: str) -> str | None:
    if name in known:
        return known[name]
    return "" if _KNOWN.fullmatch(name) else None


def _matches(pattern: Any, source: str | None) -> bool | None:
    if pattern is None:
        return True
    if isinstance(pattern, bool):
        pattern = str(pattern).lower()
    if source is None:
        return None
    try:
        return re.fullmatch(str(pattern), source, re.DOTALL) is not None
    except re.error:
        return None
