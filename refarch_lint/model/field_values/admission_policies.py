"""Admission policies in CEL and their bindings (kubernetes/pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    fields,
    formatted,
    not_empty,
    one_of,
    required,
)
from refarch_lint.model.field_values.common import SELECTOR
from refarch_lint.model.field_values.formats import dns_label_1035, dns_subdomain, label_key, path_segment
from refarch_lint.model.field_values.lists import at_most, no_repetition, unique_field
from refarch_lint.model.field_values.webhooks import MATCH_CONDITIONS, RULE, expression
from refarch_lint.regex import regex

_ANNOTATIONS_MAX = 20
_IDENTIFIER = regex(r"[_a-zA-Z][_a-zA-Z0-9]*")
#: Words of CEL that are no names (cel-spec, langdef, Syntax).
_STATEMENTS = ("break", "continue", "else", "for", "if", "import", "loop", "return", "while")
_OTHER_WORDS = ("as", "const", "false", "function", "in", "let", "namespace", "null", "package", "true", "var", "void")
_RESERVED = frozenset((*_STATEMENTS, *_OTHER_WORDS))


def _annotation(text: str) -> str | None:
    return "which holds a slash: the policy's name stands before it" if "/" in text else label_key(text)


def _variable(text: str) -> str | None:
    if text in _RESERVED or not _IDENTIFIER.fullmatch(text):
        return "which is no name in CEL: letters, digits and _, not a digit first, and no word of the language"
    return None


def _group_version(text: str) -> str | None:
    group, _, version = text.rpartition("/")
    if (group and dns_subdomain(group)) or dns_label_1035(version):
        return "which is no API version: <group>/<version>, or a version alone"
    return None


def _kind(text: str) -> str | None:
    return "which is no kind: letters, digits and hyphens, a letter first" if dns_label_1035(text.lower()) else None


def _message(node: Node, faults: Faults) -> None:
    text = node.value
    if not isinstance(text, str) or not text:
        return
    if not text.strip():
        faults.append(node.fault("is nothing but white space"))
    elif "\n" in text.strip() or "\r" in text.strip():
        faults.append(node.fault("has more than one line"))


def _message_expression(node: Node, faults: Faults) -> None:
    if isinstance(node.value, str) and node.value and not node.value.strip():
        faults.append(node.fault("is nothing but white space"))


_RULES: Check = each(fields({"resourceNames": all_of(each(formatted(path_segment)), no_repetition)}, RULE))
_MATCH: dict[str, Check] = {
    "excludeResourceRules": _RULES,
    "matchPolicy": one_of("Equivalent", "Exact"),
    "namespaceSelector": SELECTOR,
    "objectSelector": SELECTOR,
    "resourceRules": _RULES,
}
_POLICY: dict[str, Check] = {
    "failurePolicy": one_of("Fail", "Ignore"),
    "matchConditions": MATCH_CONDITIONS,
    "matchConstraints": fields(_MATCH, required("resourceRules")),
    "paramKind": fields(
        {"apiVersion": formatted(_group_version), "kind": formatted(_kind)}, required("apiVersion", "kind")
    ),
    "variables": each(fields({"expression": expression, "name": all_of(formatted(_variable), not_empty)})),
}
_VALIDATION: Check = fields(
    {
        "expression": expression,
        "message": _message,
        "messageExpression": _message_expression,
        "reason": one_of("Forbidden", "Invalid", "RequestEntityTooLarge"),
    }
)


def _some_validation(node: Node, faults: Faults) -> None:
    if isinstance(node.value, dict) and not (node["validations"].value or node["auditAnnotations"].value):
        faults.append(node.fault("sets none of validations, auditAnnotations; one is required"))


#: The spec of a ValidatingAdmissionPolicy.
VALIDATING: Check = fields(
    {
        **_POLICY,
        "auditAnnotations": all_of(
            each(fields({"key": all_of(formatted(_annotation), not_empty), "valueExpression": expression})),
            unique_field("key"),
            at_most(_ANNOTATIONS_MAX),
        ),
        "validations": each(_VALIDATION),
    },
    required("matchConstraints"),
    _some_validation,
)

_CHANGES = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}


def _change(node: Node, faults: Faults) -> None:
    kind = node["patchType"].text
    if kind not in _CHANGES:
        return
    for other, key in _CHANGES.items():
        if other == kind and node[key].value is None:
            faults.append(node.missing(key, f"is required for the patchType {kind}"))
        elif other != kind and node[key].value is not None:
            faults.append(node[key].fault(f"is not allowed for the patchType {kind}"))


#: The spec of a MutatingAdmissionPolicy.
MUTATING: Check = fields(
    {
        **_POLICY,
        "mutations": each(
            fields(
                {
                    "applyConfiguration": fields({"expression": expression}),
                    "jsonPatch": fields({"expression": expression}),
                    "patchType": one_of(*_CHANGES),
                },
                _change,
            )
        ),
        "reinvocationPolicy": one_of("IfNeeded", "Never"),
    },
    required("matchConstraints", "mutations"),
)


def _actions(node: Node, faults: Faults) -> None:
    values = [item.text for item in node.items()]
    if "Deny" in values and "Warn" in values:
        faults.append(node.fault("holds Deny and Warn, which both tell the user: one of them is required"))
    no_repetition(node, faults)


def _one_choice(node: Node, faults: Faults) -> None:
    if isinstance(node.value, dict) and not node["name"].value and node["selector"].value is None:
        faults.append(node.fault("sets none of name, selector; one is required"))
    elif node["name"].value and node["selector"].value is not None:
        faults.append(node["selector"].fault("is not allowed together with name"))


_BINDING: dict[str, Check] = {
    "matchResources": fields(_MATCH),
    "paramRef": fields(
        {
            "name": formatted(path_segment),
            "parameterNotFoundAction": one_of("Allow", "Deny"),
            "selector": SELECTOR,
        },
        _one_choice,
    ),
    "policyName": all_of(formatted(dns_subdomain), not_empty),
}
#: The specs of bindings.
MUTATING_BINDING: Check = fields(_BINDING)
VALIDATING_BINDING: Check = fields(
    {
        **_BINDING,
        "validationActions": all_of(each(one_of("Audit", "Deny", "Warn")), _actions, not_empty),
    }
)


def parameters_missing(node: Node, faults: Faults) -> None:
    """Demand what happens without parameters, for which only the versions before v1 have a default."""
    if node["apiVersion"].text == "admissionregistration.k8s.io/v1":
        required("parameterNotFoundAction")(node.down("spec", "paramRef"), faults)
