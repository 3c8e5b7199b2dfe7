"""From the data of a rule file, checked against its schema, to a Rule; what a schema cannot say is checked here."""

from __future__ import annotations

import re
from typing import Any

from refarch_lint.catalogue.reading import Fault
from refarch_lint.catalogue.rule import (
    Assertion,
    Condition,
    Each,
    FieldAssertion,
    Operand,
    Parameter,
    PredicateAssertion,
    RelationAssertion,
    Rule,
    Scope,
    Target,
    WorkloadClass,
)
from refarch_lint.location import Path
from refarch_lint.regex import regex
from refarch_lint.severity import Impact, Severity
from refarch_lint.source.document import Document

#: Every name that a message may put in braces.
PLACEHOLDERS = frozenset(
    {"resource", "container", "namespace", "role", "field", "value", "expected", "origin", "count"}
)

_FIELD_PART = regex(r"([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]")
_FIELD = regex(rf"(?:{_FIELD_PART.pattern})(?:\.[^.\[\]]+|\[\d+\]|\['[^']*'\])*")
_PLACEHOLDER = regex(r"\{([^{}]*)\}")


def parse_field(text: str) -> Path:
    """Return the path that a dotted field names: `spec.rules[0].host`, `metadata.labels['app.kubernetes.io/name']`."""
    return tuple(int(index) if index else quoted or plain for plain, index, quoted in _FIELD_PART.findall(text))


def parse_condition(data: dict[str, Any]) -> Condition:
    """Return the condition that the data of a `where` item or of a field assertion states."""
    field = data.get("field")
    return Condition(
        operator=data["operator"],
        operand=Operand(data.get("value"), data.get("parameter")),
        field=parse_field(field) if field else None,
        fact=data.get("fact"),
    )


def _assertion(data: dict[str, Any]) -> Assertion:
    if "predicate" in data:
        return PredicateAssertion(data["predicate"], data.get("with", {}))
    if "relation" in data:
        peer = data.get("peer", {})
        return RelationAssertion(
            relation=data["relation"],
            direction=data.get("direction", "incoming"),
            peer_kinds=tuple(peer.get("kinds", ())),
            peer_role=peer.get("role"),
            at_least=data.get("at_least"),
            at_most=data.get("at_most"),
            message=data["message"],
        )
    return FieldAssertion(parse_condition(data), data["message"])


def _target(data: dict[str, Any]) -> Target:
    return Target(
        kinds=tuple(data.get("kinds", ())),
        workloads=WorkloadClass(data["workloads"]) if "workloads" in data else None,
        role=data.get("role"),
        scope=Scope(data.get("scope", "resource")),
        each=Each(data.get("each", "resource")),
        where=tuple(parse_condition(item) for item in data.get("where", ())),
    )


def parse_rule(data: dict[str, Any], section: str) -> Rule:
    """Return the rule that checked data describes; `section` is the folder that its file stands in."""
    return Rule(
        id=data["id"],
        title=data["title"],
        section=section,
        severity=Severity(data["severity"]),
        rationale=data["rationale"].strip(),
        remediation=data["remediation"].strip(),
        target=_target(data["target"]),
        assertions=tuple(_assertion(item) for item in data["assert"]),
        checklist=data.get("checklist", ""),
        references=tuple(data.get("references", ())),
        parameters={
            name: Parameter(item["default"], item["description"]) for name, item in data.get("parameters", {}).items()
        },
        enabled=data.get("enabled", True),
        impact=Impact(data.get("impact", Impact.RISK)),
    )


def rule_faults(document: Document, expected_id: str) -> tuple[Fault, ...]:
    """Return what is wrong with a rule file beyond its schema: its id, placeholders, parameters, fields, operands.

    What its schema does not allow is passed over, so that one fault does not hide the others.
    """
    data: dict[str, Any] = document.data if isinstance(document.data, dict) else {}
    found: list[Fault] = []

    def fault(path: Path, message: str) -> None:
        found.append(Fault(message, document.locate(path)))

    if isinstance(name := data.get("id"), str) and name != expected_id:
        fault(("id",), f"the file is named {expected_id}.yaml, but its id is {name}")
    parameters = data.get("parameters")
    declared = list(parameters) if isinstance(parameters, dict) else []
    for path, item in statements(data):
        for name in _PLACEHOLDER.findall(str(item.get("message", ""))):
            if name not in PLACEHOLDERS:
                fault(
                    (*path, "message"), f"unknown placeholder {{{name}}}; known are {', '.join(sorted(PLACEHOLDERS))}"
                )
        parameter = item.get("parameter")
        if parameter is not None and parameter not in declared:
            fault((*path, "parameter"), f"parameter {parameter} is not declared under parameters")
        if "field" in item and not _FIELD.fullmatch(str(item["field"])):
            fault((*path, "field"), f"{item['field']} is no path to a field, such as spec.ports[0].name")
        if parameter is None and (wrong := _operand_fault(item)):
            fault((*path, "value" if "value" in item else "operator"), wrong)
    return tuple(found)


def _operand_fault(item: dict[str, Any]) -> str | None:
    """Return why an operator can never hold, or always does, with the value that it is given."""
    operator, value = item.get("operator"), item.get("value")
    match operator:
        case None:
            return None
        case "exists" | "absent" | "not-empty":
            return f"{operator} takes no value" if "value" in item else None
        case _ if "value" not in item:
            return f"{operator} needs a value, or a parameter"
        case "at-least" | "at-most" | "more-than" if not isinstance(value, int | float) or isinstance(value, bool):
            return f"{operator} needs a number"
        case "in" | "not-in" if not isinstance(value, list):
            return f"{operator} needs a list"
        case "matches" | "not-matches":
            try:
                re.compile(str(value))
            except re.error as cause:
                return f"not a regular expression: {cause}"
    return None


def statements(data: Any) -> list[tuple[Path, dict[str, Any]]]:
    """Return every condition and assertion of a rule file's data that is a mapping, each with the path to it."""
    found: list[tuple[Path, dict[str, Any]]] = []
    for path in (("target", "where"), ("assert",)):
        items = data
        for part in path:
            items = items.get(part) if isinstance(items, dict) else None
        listed = items if isinstance(items, list) else []
        found += [((*path, index), item) for index, item in enumerate(listed) if isinstance(item, dict)]
    return found
