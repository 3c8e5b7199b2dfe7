"""Kustomizations: that what they change is there to be changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.kustomize import Change
from refarch_lint.graph.kustomize_patches import Patch
from refarch_lint.graph.kustomize_patching import Patched
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.regex import regex

#: Fields by which objects come from elsewhere, or get other names.
_MORE = (
    "configurations",
    "generators",
    "helmCharts",
    "helmChartInflationGenerator",
    "transformers",
    "namePrefix",
    "nameSuffix",
)
_TAGGED = regex(r"([^:@]+(?::\d+(?=/)[^:@]*)?)(?:[:@].*)?", re.DOTALL)


def effective(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every patch with a target and every image of a kustomization finds something to change."""
    resource, run = subject.resource, context.run
    changes = [change for change in run.unit.changes if change.file == resource.document.file]
    aimed = [(change, patch, patch.entry) for change in changes for patch in change.patches if patch.entry is not None]
    images = [
        (index, name)
        for index, item in enumerate(map(mapping, sequence(resource.data.get("images"))))
        if isinstance(name := item.get("name"), str)
    ]
    if not aimed and not images:
        yield NotApplicable("it has no patch with a target and sets no image")
        return
    if reason := run.once(_unknown):
        yield Unverifiable(reason)
        return
    told = set()
    for change, patch, entry in aimed:
        if entry in told or _finds(change, patch, run):
            continue
        told.add(entry)
        field, index = entry
        target = mapping(resource.data[field][index]).get("target")
        shown = ", ".join(f"{key} {value}" for key, value in mapping(target).items())
        if patch.target.legible:
            yield Fault(f"no object is {shown}, so the patch changes nothing", Place(resource, (*entry, "target")))
        else:
            yield Unverifiable(f"{resource.document.file}: which objects are {shown} is not told from the pattern")
    known = run.once(_image_names) if images else frozenset()
    for index, name in images:
        if name not in known:
            place = Place(resource, ("images", index, "name"))
            yield Fault(f"no container runs image {name}, so what is set for it changes nothing", place)


def _unknown(run: RunContext) -> str:
    """Return why it cannot be told which objects a unit has, empty where it can."""
    if run.unit.untold:
        return f"{run.unit.untold} is not in the tree"
    for item in run.graph.index.kustomizations:
        if field := next((field for field in _MORE if item.data.get(field)), ""):
            return f"{item.document.file} has {field}, whose result is not in the tree"
    return ""


def _finds(change: Change, patch: Patch, run: RunContext) -> bool:
    """Tell whether an object is what a patch is about; its namespace may be another by now, or it deleted."""
    target = patch.target._replace(namespace=None)
    if any(target.matches(item) for item in run.graph.index.resources if item.document.file in change.files):
        return True
    return any(
        (target.kind is None or target.kind.fullmatch(kind)) and (target.name is None or target.name.fullmatch(name))
        for kind, name in run.unit.removed
    )


def _image_names(run: RunContext) -> frozenset[str]:
    """Return the names of all images in lists of containers, and those that kustomizations put in their place."""
    found = set[str]()
    waiting: list[object] = [resource.data for resource in run.graph.index.resources]
    waiting += [item.base.data for item in run.graph.index.resources if isinstance(item, Patched) and item.base]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            for field in ("containers", "initContainers"):
                found |= {_name(image) for item in sequence(value.get(field)) if (image := mapping(item).get("image"))}
        elif isinstance(value, list):
            waiting += value
    for item in run.graph.index.kustomizations:
        found |= {str(mapping(entry).get("newName")) for entry in sequence(item.data.get("images"))}
    return frozenset(found)


def _name(image: object) -> str:
    found = _TAGGED.fullmatch(str(image))
    return found[1] if found else str(image)
