"""Label selectors with the semantics of the Kubernetes API, and an index that answers them without a full scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from refarch_lint.location import Path
from refarch_lint.model.resource import sequence
from refarch_lint.regex import regex
from refarch_lint.remembering import remembered

T = TypeVar("T")

_NAME = regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_PREFIX = regex(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_PREFIX_LENGTH = 253


class SelectorOperator(StrEnum):
    """What a requirement asks of a label (API reference, LabelSelectorRequirement)."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class Requirement(NamedTuple):
    """One condition on one label key; `values` is sorted and only used by In and NotIn."""

    key: str
    operator: SelectorOperator
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether the labels meet this condition; NotIn and DoesNotExist hold where the key is absent."""
        value = labels.get(self.key)
        match self.operator:
            case SelectorOperator.IN:
                return value is not None and value in self.values
            case SelectorOperator.NOT_IN:
                return value is None or value not in self.values
            case SelectorOperator.EXISTS:
                return value is not None
            case SelectorOperator.DOES_NOT_EXIST:
                return value is None

    def __str__(self) -> str:
        match self.operator:
            case SelectorOperator.IN if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case SelectorOperator.IN:
                return f"{self.key} in ({','.join(self.values)})"
            case SelectorOperator.NOT_IN:
                return f"{self.key} notin ({','.join(self.values)})"
            case SelectorOperator.EXISTS:
                return self.key
            case SelectorOperator.DOES_NOT_EXIST:
                return f"!{self.key}"


class SelectorFault(NamedTuple):
    """Why the API would refuse a selector: the path inside the selector, and what is wrong there."""

    path: Path
    message: str


class LabelSelector(NamedTuple):
    """All of `requirements` must hold; a selector with `faults` would be refused by the API and matches nothing."""

    requirements: tuple[Requirement, ...] = ()
    faults: tuple[SelectorFault, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the selector asks for nothing and so matches everything."""
        return not self.requirements and not self.faults

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether an object with these labels is selected."""
        return not self.faults and all(requirement.matches(labels) for requirement in self.requirements)

    def __str__(self) -> str:
        """Return the selector as `kubectl -l` takes it; empty for the empty selector."""
        return ",".join(str(requirement) for requirement in self.requirements)


def equality_selector(value: object) -> LabelSelector | None:
    """Return the selector of a plain mapping, as Services and ReplicationControllers have; None where there is none.

    An empty mapping gives None too: a Service without a selector selects no pods.
    """
    if value is None or value == {}:
        return None
    if not isinstance(value, dict):
        return LabelSelector(faults=(SelectorFault((), "is not a mapping"),))
    requirements, faults = _equalities(value, ())
    return _selector(requirements, faults)


def parse_selector(value: object) -> LabelSelector | None:
    """Return the LabelSelector (meta/v1) that `value` describes, None where it is absent; faults are recorded."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return LabelSelector(faults=(SelectorFault((), "is not a mapping"),))
    labels = value.get("matchLabels")
    requirements: list[Requirement] = []
    faults: list[SelectorFault] = []
    if labels is not None:
        if isinstance(labels, dict):
            requirements, faults = _equalities(labels, ("matchLabels",))
        else:
            faults.append(SelectorFault(("matchLabels",), "is not a mapping"))
    expressions = value.get("matchExpressions")
    if expressions is not None and not isinstance(expressions, list):
        faults.append(SelectorFault(("matchExpressions",), "is not a list"))
    for index, expression in enumerate(sequence(expressions)):
        parsed = _expression(expression, ("matchExpressions", index))
        if isinstance(parsed, Requirement):
            requirements.append(parsed)
        else:
            faults.extend(parsed)
    return _selector(requirements, faults)


def _selector(requirements: list[Requirement], faults: list[SelectorFault]) -> LabelSelector:
    return LabelSelector(tuple(sorted(set(requirements))), tuple(faults))


def _equalities(labels: Mapping[object, object], path: Path) -> tuple[list[Requirement], list[SelectorFault]]:
    requirements: list[Requirement] = []
    faults: list[SelectorFault] = []
    for key, value in labels.items():
        if isinstance(key, str) and isinstance(value, str) and _is_key(key) and _is_value(value):
            requirements.append(Requirement(key, SelectorOperator.IN, (value,)))
        else:
            place = (*path, str(key))
            faults += _key_faults(key, place) + _value_faults(value, place)
    return requirements, faults


def _expression(value: object, path: Path) -> Requirement | list[SelectorFault]:
    if not isinstance(value, dict):
        return [SelectorFault(path, "is not a mapping")]
    key, operator, values = value.get("key"), value.get("operator"), value.get("values")
    faults = _key_faults(key, (*path, "key"))
    if not isinstance(operator, str) or operator not in list(SelectorOperator):
        faults.append(SelectorFault((*path, "operator"), "is not one of In, NotIn, Exists, DoesNotExist"))
        return faults
    if values is not None and not isinstance(values, list):
        faults.append(SelectorFault((*path, "values"), "is not a list"))
        return faults
    listed = sequence(values)
    for index, item in enumerate(listed):
        faults.extend(_value_faults(item, (*path, "values", index)))
    if operator in ("In", "NotIn") and not listed:
        faults.append(SelectorFault((*path, "values"), f"must not be empty for operator {operator}"))
    elif operator in ("Exists", "DoesNotExist") and listed:
        faults.append(SelectorFault((*path, "values"), f"must be empty for operator {operator}"))
    if faults or not isinstance(key, str):
        return faults
    return Requirement(key, SelectorOperator(operator), tuple(sorted(set(listed))))


def _key_faults(key: object, path: Path) -> list[SelectorFault]:
    if not isinstance(key, str):
        return [SelectorFault(path, "is not a label key")]
    return [] if _is_key(key) else [SelectorFault(path, "is not a valid label key")]


def _value_faults(value: object, path: Path) -> list[SelectorFault]:
    if not isinstance(value, str):
        return [SelectorFault(path, "is not a string")]
    return [] if _is_value(value) else [SelectorFault(path, "is not a valid label value")]


@remembered
def _is_key(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    prefix_is_fine = not slash or (len(prefix) <= _PREFIX_LENGTH and _PREFIX.fullmatch(prefix) is not None)
    return prefix_is_fine and _NAME.fullmatch(name) is not None


@remembered
def _is_value(text: str) -> bool:
    return text == "" or _NAME.fullmatch(text) is not None


class LabelIndex(Generic[T]):
    """Items by their labels, in the order given; a selector is answered from its narrowest requirement."""

    __slots__ = ("_by_key", "_by_label", "_items")

    def __init__(self, items: Iterable[tuple[T, Mapping[str, str]]]) -> None:
        self._items: list[tuple[T, Mapping[str, str]]] = list(items)
        self._by_key: dict[str, list[int]] = {}
        self._by_label: dict[tuple[str, str], list[int]] = {}
        for position, (_, labels) in enumerate(self._items):
            for key, value in labels.items():
                self._by_key.setdefault(key, []).append(position)
                self._by_label.setdefault((key, value), []).append(position)

    def __len__(self) -> int:
        return len(self._items)

    def matching(self, selector: LabelSelector) -> list[T]:
        """Return the items that `selector` matches, in the order in which they were given."""
        if selector.faults:
            return []
        candidates = self._candidates(selector)
        if candidates is None:
            return [item for item, labels in self._items if selector.matches(labels)]
        found = (self._items[position] for position in candidates)
        return [item for item, labels in found if selector.matches(labels)]

    def _candidates(self, selector: LabelSelector) -> list[int] | None:
        best: list[int] | None = None
        for requirement in selector.requirements:
            if requirement.operator is SelectorOperator.EXISTS:
                positions = self._by_key.get(requirement.key, [])
            elif requirement.operator is SelectorOperator.IN:
                lists = [self._by_label.get((requirement.key, value), []) for value in requirement.values]
                positions = lists[0] if len(lists) == 1 else sorted(position for part in lists for position in part)
            else:
                continue
            if best is None or len(positions) < len(best):
                best = positions
        return best
