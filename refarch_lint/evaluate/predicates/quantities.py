"""Amounts that nobody can have meant: fractions of a byte, thousands of cores, suffixes that do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.compute import quantity_or_none
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.blank import is_filled_in_later
from refarch_lint.model.quantity import format_cores, parse_quantity
from refarch_lint.model.resource import dig, mapping, sequence
from refarch_lint.model.workload import Workload


class Written(NamedTuple):
    """A quantity in a manifest: for which resource, whose it is in words, as written and where."""

    resource: str
    whose: str
    value: Any
    path: Path


_BYTES = frozenset({"memory", "ephemeral-storage", "storage", "sizeLimit"})
_FRACTIONS = {"m": "thousandths", "u": "millionths", "n": "billionths"}
_LIMIT_RANGE_FIELDS = ("default", "defaultRequest", "max", "min")


def plausible(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every amount of CPU, memory and storage is one that a node can have."""
    asked = False
    for written in _quantities(subject):
        asked = True
        if is_filled_in_later(written.value):
            yield Unverifiable(f"{written.whose}{written.resource} of {subject.resource} is filled in later")
            continue
        if (fault := _fault(written, subject, context)) is not None:
            yield Fault(f"{subject.resource}: {fault}", Place(subject.resource, written.path))
    if not asked:
        yield NotApplicable("it states no quantity")


def unreadable(subject: Subject) -> frozenset[Path]:
    """Return the paths of what should be a quantity and is none, as far as this rule tells of it."""
    known = (item for item in _quantities(subject) if item.resource == "cpu" or item.resource in _BYTES)
    return frozenset(item.path for item in known if quantity_or_none(item.value) is None)


def _fault(written: Written, subject: Subject, context: RuleContext) -> str | None:
    name, value = written.resource, written.value
    stated = f"{written.whose}{name} {value}"
    try:
        amount = parse_quantity(value)
    except ValueError as cause:
        return f"{written.whose}{name}: {cause}" if name == "cpu" or name in _BYTES else None
    if amount <= 0:
        return None
    if name == "cpu":
        most, origin = context.parameter("max_cores", subject)
        if isinstance(value, str) and value.strip().endswith("i"):
            return f"{stated} is {format_cores(amount)} cores: {value.strip()[-2:]} is a suffix of memory"
        if isinstance(most, int) and amount > most and subject.resource.kind != "ResourceQuota":
            told = f"{stated} is {format_cores(amount)} cores, more than the {most} allowed by {origin}"
            return f"{told}{_meant(value)}"
    elif name in _BYTES:
        least, origin = context.parameter("min_bytes", subject)
        floor = quantity_or_none(least)
        if floor is not None and amount < floor:
            small = f"{stated} is {_decimal(amount)} bytes"
            suffix = value.strip()[-1:] if isinstance(value, str) else ""
            if suffix in _FRACTIONS:
                return f"{small}: {suffix} stands for {_FRACTIONS[suffix]}, Mi for mebibytes"
            return f"{small}, less than the {least} demanded by {origin}"
    return None


def _meant(value: Any) -> str:
    whole = isinstance(value, int) or (isinstance(value, str) and value.isdigit())
    return f"; thousandths of a core are written {value}m" if whole else ""


def _decimal(amount: Fraction) -> str:
    return str(amount.numerator) if amount.denominator == 1 else f"{float(amount):g}"


def _quantities(subject: Subject) -> Iterator[Written]:
    if subject.workload is not None:
        yield from _workload_quantities(subject.workload)
        return
    spec = subject.resource.spec
    match subject.resource.kind, subject.resource.group:
        case "PersistentVolumeClaim", "":
            yield from _claim_quantities(spec, ("spec",), "")
        case "LimitRange", "":
            for index, item in enumerate(sequence(spec.get("limits"))):
                for field in _LIMIT_RANGE_FIELDS:
                    path = ("spec", "limits", index, field)
                    yield from _named(mapping(mapping(item).get(field)), path, f"{field}.")
        case "ResourceQuota", "":
            for key, value in mapping(spec.get("hard")).items():
                name = key.removeprefix("requests.").removeprefix("limits.")
                if value is not None and (name == "cpu" or name in _BYTES):
                    yield Written(name, f"hard.{key.removesuffix(name)}", value, ("spec", "hard", key))


def _workload_quantities(workload: Workload) -> Iterator[Written]:
    for container in workload.containers:
        for field in ("requests", "limits"):
            whose = f"container {container.name}: {field}."
            path = (*container.path, "resources", field)
            yield from _named(mapping(dig(container.data, "resources", field)), path, whose)
    for field in ("requests", "limits"):
        path = (*workload.pod_spec_path, "resources", field)
        yield from _named(mapping(dig(workload.pod_spec, "resources", field)), path, f"{field}.")
    for index, volume in enumerate(sequence(workload.pod_spec.get("volumes"))):
        size = dig(volume, "emptyDir", "sizeLimit")
        if size is not None:
            path = (*workload.pod_spec_path, "volumes", index, "emptyDir", "sizeLimit")
            yield Written("sizeLimit", f"volume {mapping(volume).get('name')}: ", size, path)
    for index, template in enumerate(sequence(workload.resource.spec.get("volumeClaimTemplates"))):
        name = dig(template, "metadata", "name")
        path = ("spec", "volumeClaimTemplates", index, "spec")
        yield from _claim_quantities(mapping(mapping(template).get("spec")), path, f"claim template {name}: ")


def _claim_quantities(spec: dict[str, Any], root: Path, whose: str) -> Iterator[Written]:
    value = dig(spec, "resources", "requests", "storage")
    if value is not None:
        yield Written("storage", f"{whose}requests.", value, (*root, "resources", "requests", "storage"))


def _named(amounts: dict[str, Any], path: Path, whose: str) -> Iterator[Written]:
    for name, value in amounts.items():
        if isinstance(name, str) and value is not None:
            yield Written(name, whose, value, (*path, name))
