"""What can be said of files before anybody asks what they mean: readable, rendered, keys and objects unique."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.location import Location, Path, format_path
from refarch_lint.model.resource import KUSTOMIZATION_FILES, KUSTOMIZE, Resource, mapping, resources_of, sequence
from refarch_lint.regex import regex
from refarch_lint.source.document import Document

_TYPE_FIELDS = ("apiVersion", "kind")
#: Actions that nothing but Helm fills in: its own values, release, chart and capabilities, and named templates.
_ACTION = regex(
    r"\{\{-?\s*(?:[^{}]*[\s(])?(?P<what>\.(?:Values|Release|Chart|Capabilities)\b[\w.]*|include(?=\s+\"))[^{}]*\}\}"
)
#: Objects whose specification holds values for a chart, which the chart itself may render (Helm's `tpl`).
_CHARTS = frozenset(
    {
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("helm.cattle.io", "HelmChart"),
        ("helm.cattle.io", "HelmChartConfig"),
        ("helm.toolkit.fluxcd.io", "HelmRelease"),
    }
)
#: Objects whose texts may be templates for somebody else.
_CARRIERS = frozenset({("", "ConfigMap"), ("", "Secret"), ("apiextensions.k8s.io", "CustomResourceDefinition")})


def readable(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Every document of a file can be read, and what is written as an object says which kind it is."""
    yield from _problems(subject, "manifest-readable")
    for document in subject.data.documents:
        if document.file.rpartition("/")[2] not in KUSTOMIZATION_FILES:
            yield from _untyped(document)


def rendered(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """No document is an unrendered template, as a whole or in one of its values."""
    yield from _problems(subject, "template-rendered")
    if _ACTION.search(subject.data.text):
        for document in subject.data.documents:
            for resource in resources_of(document):
                yield from _unrendered(resource)


def _unrendered(resource: Resource) -> Iterator[Fault]:
    """Blame the first value in which an action of Helm is left; texts that an object merely carries may hold some."""
    if (resource.group, resource.kind) in _CARRIERS:
        return
    data = resource.data
    if (resource.group, resource.kind) in _CHARTS:
        data = {"metadata": resource.metadata}
    found = [(path, match["what"]) for path, text in _texts(data, ()) if (match := _ACTION.search(text))]
    if found:
        path, action = found[0]
        more = f" ({len(found) - 1} more values do)" if len(found) > 1 else ""
        yield Fault(
            f"{resource}: {format_path(path)} still holds a template action ({action}){more}; "
            "render it first and check the result",
            Place(resource, path),
        )


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for key, item in value.items():
                yield from _texts(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, (*path, index))


def _problems(subject: Subject, rule: str) -> Iterator[Outcome]:
    for problem in subject.data.problems:
        if problem.rule == rule:
            yield Fault(problem.message, problem.location)


def _untyped(document: Document) -> Iterator[Fault]:
    """Blame what has no kind, and Lists that kubectl does not take apart: neither is applied or checked."""
    data, where = mapping(document.data), f"document {document.index + 1}"
    objects: list[tuple[Path, dict[str, Any], str]] = [((), data, where)]
    if data.get("kind") == "List":
        items = enumerate(sequence(data.get("items")))
        objects = [(("items", index), mapping(item), f"items[{index}] of {where}") for index, item in items]
        if not isinstance(data.get("items"), list | None):
            yield Fault(f"items of {where} is no list, so nothing of it can be applied", document.locate(("items",)))
    for path, item, name in objects:
        if path and item.get("kind") == "List":
            place = document.locate((*path, "kind"))
            yield Fault(f"{name} is a List inside a List, of which kubectl applies nothing", place)
        missing = [field for field in _TYPE_FIELDS if not item.get(field)]
        if missing and _is_meant_as_object(item, bool(path)):
            present = next((field for field in _TYPE_FIELDS if field in item), None)
            place = document.locate((*path, present)) if present else document.locate(path)
            yield Fault(f"{name} has no {' and no '.join(missing)}, so it is no object that can be applied", place)


def _is_meant_as_object(data: dict[str, Any], listed: bool) -> bool:
    """Tell an object that lacks its type from a file of another kind, such as values, a chart or a patch."""
    if any(data.get(field) for field in _TYPE_FIELDS) and isinstance(data.get("metadata"), dict):
        return True
    return listed or (bool(data) and data.keys() <= frozenset(_TYPE_FIELDS))


def keys_unique(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """No mapping has the same key twice."""
    for document in subject.data.documents:
        for duplicate in document.duplicates:
            first = Location(document.file, duplicate.first)
            yield Fault(
                f"key {format_path(duplicate.path)} is written twice; only the second value counts",
                Location(document.file, duplicate.second),
                (Note("first written here", first),),
            )


def resource_unique(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No other document describes the same object; the first one read is not blamed."""
    resource = subject.resource
    if resource.group == KUSTOMIZE:
        yield NotApplicable("a kustomization is no object of the cluster")
        return
    if "generateName" in resource.metadata and "name" not in resource.metadata:
        yield NotApplicable("its name is generated")
        return
    first = context.graph.index.by_id[resource.id][0]
    if first is not resource and resource.kind == "Namespace" and first.data == resource.data:
        yield NotApplicable("folders repeat a Namespace, each to stand on its own; both say the same")
    elif first is not resource:
        where = f" in namespace {resource.namespace}" if resource.namespace else ""
        yield Fault(
            f"{resource}{where} is described twice; what is applied last wins",
            Place(resource, ("metadata", "name")),
            (Note("first described here", Place(first, ("metadata", "name"))),),
        )


def suppressions(_: Subject, __: RuleContext) -> Iterator[Outcome]:
    """Suppressions are judged after all rules have run, when it is known which of them match; nothing is found here."""
    yield NotApplicable("judged when all findings are known")
