"""Parameters and where each value comes from: rule, profile, architecture, role, project; the last one given wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from refarch_lint.catalogue.rule import Rule

_UNSAID: Final = object()


class Layer(NamedTuple):
    """Values from one origin, such as `profile staging`, keyed by `rule-id.parameter` or bare parameter name."""

    origin: str
    values: Mapping[str, Any]


class Resolved(NamedTuple):
    """A parameter's value and who set it, in words for a message."""

    value: Any
    origin: str


def value_in(values: Mapping[str, Any], rule: str, name: str, otherwise: Any) -> Any:
    """Return what values say of a rule's parameter, best by its qualified name; `otherwise` where they say nothing."""
    return values.get(f"{rule}.{name}", values.get(name, otherwise))


def resolve(rule: Rule, name: str, layers: Iterable[Layer]) -> Resolved:
    """Return the value of a rule's parameter; later layers override earlier ones.

    Raises KeyError if the rule declares no such parameter.
    """
    resolved = Resolved(rule.parameters[name].default, f"rule {rule.id}")
    for layer in layers:
        value = value_in(layer.values, rule.id, name, _UNSAID)
        if value is not _UNSAID:
            resolved = Resolved(value, layer.origin)
    return resolved
