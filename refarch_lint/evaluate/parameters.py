"""Parameters and where each value comes from: rule, profile, architecture, role, project; the last one given wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from refarch_lint.catalogue.rule import Rule


class Layer(NamedTuple):
    """Values from one origin, such as `profile staging`, keyed by `rule-id.parameter` or bare parameter name."""

    origin: str
    values: Mapping[str, Any]


class Resolved(NamedTuple):
    """A parameter's value and who set it, in words for a message."""

    value: Any
    origin: str


def resolve(rule: Rule, name: str, layers: Iterable[Layer]) -> Resolved:
    """Return the value of a rule's parameter; later layers override earlier ones.

    Raises KeyError if the rule declares no such parameter.
    """
    resolved = Resolved(rule.parameters[name].default, f"rule {rule.id}")
    qualified = f"{rule.id}.{name}"
    for layer in layers:
        for key in (name, qualified):
            if key in layer.values:
                resolved = Resolved(layer.values[key], layer.origin)
    return resolved
