"""Admission webhooks (kubernetes/pkg/apis/admissionregistration/validation)."""

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
    whole_number,
)
from refarch_lint.model.field_values.common import PORT_NUMBER, SELECTOR
from refarch_lint.model.field_values.formats import absolute_path, dns_label_1035, dns_subdomain, label_key
from refarch_lint.model.field_values.lists import at_most, no_repetition, star_alone, unique_field

_REVIEWS = ("v1", "v1beta1")
_SEGMENTS = 3
_CONDITIONS_MAX = 64
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


def _service_path(text: str) -> str | None:
    """A path of which every part is a DNS name; it may end with a slash."""
    if text == "/" or (why := absolute_path(text)) is None:
        parts = text[1:].removesuffix("/").split("/") if text != "/" else []
        return next((f"whose part {shown(part)} is no DNS name" for part in parts if dns_subdomain(part)), None)
    return why


#: Whom the API server calls: a Service, or an address.
CLIENT: Check = fields(
    {
        "service": fields(
            {"name": not_empty, "namespace": not_empty, "path": formatted(_service_path), "port": PORT_NUMBER}
        ),
        "url": formatted(_address),
    }
)


#: One of both, and not the other.
ONE_CLIENT: Check = exactly_one("service", "url")


def _resources(node: Node, faults: Faults) -> None:
    values = [item.value for item in node.items() if isinstance(item.value, str)]
    plain = [value for value in values if "/" not in value]
    if "*/*" in values and len(values) > 1:
        faults.append(node.fault("holds */* and more; */* has to stand alone"))
    elif _ALL in plain and plain[-1] != _ALL:  # the API server looks at the last one only
        faults.append(node.fault("holds * and other resources; only subresources may stand beside *"))
    whole: set[str] = set()
    for item in node.items():
        resource, slash, sub = item.value.partition("/") if isinstance(item.value, str) else ("", "", "")
        wider = next((one for one in (f"{resource}/*", f"*/{sub}") if slash and one in whole), None)
        if wider and "*/*" not in values:
            faults.append(item.fault(f"is {shown(item.value)}, which {wider} before it holds already"))
        whole.update({item.value} if slash and _ALL in (resource, sub) else ())


_OPERATIONS: Check = each(one_of("*", "CREATE", "UPDATE", "DELETE", "CONNECT"))
#: What a webhook or policy is asked about.
RULE: Check = fields(
    {
        "apiGroups": star_alone,
        "apiVersions": all_of(each(not_empty), star_alone),
        "operations": all_of(_OPERATIONS, star_alone),
        "resources": all_of(each(not_empty), _resources),
        "scope": one_of("*", "Cluster", "Namespaced"),
    },
    required("apiGroups", "apiVersions", "operations", "resources"),
)


def expression(node: Node, faults: Faults) -> None:
    """Refuse an expression of nothing but white space."""
    if isinstance(node.value, str) and not node.value.strip():
        faults.append(node.fault("is empty, a value is required"))


#: The `matchConditions` of a webhook or policy.
MATCH_CONDITIONS: Check = all_of(
    each(fields({"expression": expression, "name": all_of(formatted(label_key), not_empty)})),
    unique_field("name"),
    at_most(_CONDITIONS_MAX),
)


def _some_review(node: Node, faults: Faults) -> None:
    values = [item.value for item in node.items()]
    if values and not any(value in _REVIEWS for value in values):
        faults.append(node.fault("holds neither v1 nor v1beta1; the API server sends no other versions"))
    no_repetition(node, faults)


_WEBHOOK: dict[str, Check] = {
    "admissionReviewVersions": all_of(each(formatted(dns_label_1035)), _some_review, not_empty),
    "clientConfig": all_of(CLIENT, ONE_CLIENT),
    "failurePolicy": one_of("Fail", "Ignore"),
    "matchConditions": MATCH_CONDITIONS,
    "matchPolicy": one_of("Equivalent", "Exact"),
    "name": formatted(_domain),
    "namespaceSelector": SELECTOR,
    "objectSelector": SELECTOR,
    "reinvocationPolicy": one_of("IfNeeded", "Never"),
    "rules": each(RULE),
    "sideEffects": one_of("None", "NoneOnDryRun"),
    "timeoutSeconds": whole_number(1, 30),
}

#: The fields of webhook configurations.
WEBHOOKS: dict[str, Check] = {"webhooks": each(fields(_WEBHOOK), unique_field("name"))}
