"""Admission webhooks and policies (kubernetes/pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

from urllib.parse import urlsplit

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    exactly_one,
    fields,
    formatted,
    not_empty,
    one_of,
    required,
    shown,
    unique_field,
    whole_number,
)
from refarch_lint.model.field_values.common import PORT_NUMBER, SELECTOR
from refarch_lint.model.field_values.formats import absolute_path, dns_subdomain, label_key

_REVIEWS = ("v1", "v1beta1")
_SEGMENTS = 3
_ALL = "*"


def _domain(text: str) -> str | None:
    enough = text.count(".") >= _SEGMENTS - 1
    return dns_subdomain(text) or (None if enough else "which is not a domain of at least three parts")


def _address(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return "which is no URL"
    if parts.scheme != "https" or not parts.hostname:
        return "which is no URL that begins with https:// and a host"
    if parts.username is not None or "?" in text or "#" in text:
        return "which holds a user, a query or a fragment"
    return None


def _service(node: Node, faults: Faults) -> None:
    required("name", "namespace")(node, faults)


def _service_path(text: str) -> str | None:
    """A path of which every part is a DNS name; it may end with a slash."""
    if text == "/" or (why := absolute_path(text)) is None:
        parts = text[1:].removesuffix("/").split("/") if text != "/" else []
        return next((f"whose part {shown(part)} is no DNS name" for part in parts if dns_subdomain(part)), None)
    return why


#: Whom the API server calls: a Service, or an address.
CLIENT: Check = fields(
    {
        "service": fields({"path": formatted(_service_path), "port": PORT_NUMBER}, _service),
        "url": formatted(_address),
    }
)


def one_client(node: Node, faults: Faults) -> None:
    """Demand a Service or an address, and not both."""
    exactly_one("service", "url")(node, faults)


def _alone(node: Node, faults: Faults) -> None:
    """`*` stands for everything, so that nothing else stands beside it."""
    values = [item.value for item in node.items()]
    if _ALL in values and len(values) > 1:
        faults.append(node.fault("holds * and more; * has to stand alone"))


def _resources(node: Node, faults: Faults) -> None:
    values = [item.value for item in node.items() if isinstance(item.value, str)]
    if "*/*" in values and len(values) > 1:
        faults.append(node.fault("holds */* and more; */* has to stand alone"))
    elif _ALL in values and any("/" not in value for value in values if value != _ALL):
        faults.append(node.fault("holds * and other resources; only subresources may stand beside *"))


_OPERATIONS: Check = each(one_of("*", "CREATE", "UPDATE", "DELETE", "CONNECT"))
_RULE: Check = fields(
    {
        "apiGroups": _alone,
        "apiVersions": all_of(each(not_empty), _alone),
        "operations": all_of(_OPERATIONS, _alone),
        "resources": all_of(each(not_empty), _resources),
        "scope": one_of("*", "Cluster", "Namespaced"),
    },
    required("apiGroups", "apiVersions", "operations", "resources"),
)
_CONDITIONS: Check = all_of(
    each(fields({"expression": not_empty, "name": all_of(formatted(label_key), not_empty)})), unique_field("name")
)


def _some_review(node: Node, faults: Faults) -> None:
    values = [item.value for item in node.items()]
    if values and not any(value in _REVIEWS for value in values):
        faults.append(node.fault("holds neither v1 nor v1beta1; the API server sends no other versions"))


_WEBHOOK: dict[str, Check] = {
    "admissionReviewVersions": all_of(_some_review, not_empty),
    "clientConfig": all_of(CLIENT, one_client),
    "failurePolicy": one_of("Fail", "Ignore"),
    "matchConditions": _CONDITIONS,
    "matchPolicy": one_of("Equivalent", "Exact"),
    "name": formatted(_domain),
    "namespaceSelector": SELECTOR,
    "objectSelector": SELECTOR,
    "reinvocationPolicy": one_of("IfNeeded", "Never"),
    "rules": each(_RULE),
    "sideEffects": one_of("None", "NoneOnDryRun"),
    "timeoutSeconds": whole_number(1, 30),
}

#: The fields of webhook configurations.
WEBHOOKS: dict[str, Check] = {"webhooks": each(fields(_WEBHOOK), unique_field("name"))}

#: The spec of a ValidatingAdmissionPolicy.
POLICY: Check = fields(
    {
        "failurePolicy": one_of("Fail", "Ignore"),
        "matchConditions": _CONDITIONS,
        "matchConstraints": fields({"resourceRules": each(_RULE)}, required("resourceRules")),
        "validations": each(fields({"expression": not_empty})),
    },
    required("matchConstraints"),
)


def _some_validation(node: Node, faults: Faults) -> None:
    if isinstance(node.value, dict) and not (node["validations"].value or node["auditAnnotations"].value):
        faults.append(node.fault("sets none of validations, auditAnnotations; one is required"))


VALIDATING_POLICY: Check = all_of(POLICY, _some_validation)


def _actions(node: Node, faults: Faults) -> None:
    values = [item.text for item in node.items() if item.text is not None]
    if "Deny" in values and "Warn" in values:
        faults.append(node.fault("holds Deny and Warn, which both tell the user: one of them is required"))
    repeated = next((value for value in values if values.count(value) > 1), None)
    if repeated is not None:
        faults.append(node.fault(f"holds {shown(repeated)} twice"))


#: The spec of a ValidatingAdmissionPolicyBinding.
VALIDATING_BINDING: Check = fields(
    {"policyName": not_empty, "validationActions": all_of(each(one_of("Audit", "Deny", "Warn")), _actions)},
    required("validationActions"),
)
