"""Environment variables of containers, and the fields and resources of a pod that variables and files show.

The checks follow kubernetes/pkg/apis/core/validation (ValidateEnv, ValidateEnvFrom, validateObjectFieldSelector).
"""

from __future__ import annotations

import re

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
    since,
)
from refarch_lint.model.field_values.common import quantity
from refarch_lint.model.field_values.formats import (
    annotation_key,
    config_key,
    dns_subdomain,
    environment_name,
    label_key,
    plain_environment_name,
)
from refarch_lint.model.quantity import parse_quantity
from refarch_lint.regex import regex

_SUBSCRIPTED = regex(r"metadata\.(?P<kind>labels|annotations)\['(?P<key>.*)'\]", re.DOTALL)
_OF_BOTH = ("metadata.name", "metadata.namespace", "metadata.uid")
_OF_VARIABLES = (
    *_OF_BOTH,
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_OF_FILES = (*_OF_BOTH, "metadata.labels", "metadata.annotations")
#: The name of an older version that the API still converts.
_CONVERTED = {"spec.host": "spec.nodeName"}

_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
_CPU_DIVISORS = ("1m", "1")
_BYTE_DIVISORS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def _field_path(*paths: str) -> Check:
    def check(node: Node, faults: Faults) -> None:
        text = node.text
        if text is None:
            return
        subscripted = _SUBSCRIPTED.fullmatch(text)
        if subscripted is not None:
            key = subscripted["key"]
            why = annotation_key(key) if subscripted["kind"] == "annotations" else label_key(key)
            if why:
                faults.append(node.fault(f"is {shown(text)}, a key {why}"))
        elif _CONVERTED.get(text, text) not in paths:
            listed = ", ".join((*paths, "metadata.labels['KEY']", "metadata.annotations['KEY']"))
            faults.append(node.fault(f"is {shown(text)}, one of {listed} is required"))

    return check


def _field_reference(*paths: str) -> Check:
    return fields({"apiVersion": one_of("v1"), "fieldPath": all_of(_field_path(*paths), not_empty)})


def _resource(node: Node, faults: Faults) -> None:
    text = node.text
    known = [f"{part}.{name}" for part in ("limits", "requests") for name in _RESOURCES]
    if text is not None and text not in known and not text.startswith(_HUGE_PAGES):
        faults.append(node.fault(f"is {shown(text)}, one of {', '.join(known)} is required"))


def _divisor(node: Node, faults: Faults) -> None:
    """The unit of a resource; 0 counts as not set."""
    resource, divisor = node["resource"].text, node["divisor"]
    if resource is None or divisor.value is None:
        return
    allowed = _CPU_DIVISORS if resource.endswith(".cpu") else _BYTE_DIVISORS
    try:
        amount = parse_quantity(divisor.value)
        is_unit = not amount or amount in {parse_quantity(unit) for unit in allowed}
    except ValueError:
        return
    if not is_unit:
        faults.append(divisor.fault(f"is {divisor.value}, one of {', '.join(allowed)} is required for {resource}"))


def _resource_reference(*whole: Check) -> Check:
    return fields({"divisor": quantity, "resource": all_of(_resource, not_empty)}, _divisor, *whole)


#: What a file of a downwardAPI volume shows: a field of the pod, or a resource of one of its containers.
FILE_FIELD: Check = _field_reference(*_OF_FILES)
FILE_RESOURCE: Check = _resource_reference(required("containerName"))

_KEYED: Check = fields(
    {"key": all_of(formatted(config_key), not_empty), "name": all_of(formatted(dns_subdomain), not_empty)},
    required("name"),
)
_VALUE_SOURCES: dict[str, Check] = {
    "configMapKeyRef": _KEYED,
    "secretKeyRef": _KEYED,
    "fieldRef": _field_reference(*_OF_VARIABLES),
    "resourceFieldRef": _resource_reference(),
    "fileKeyRef": fields({"key": all_of(formatted(config_key), not_empty)}),
}


def _one_origin(node: Node, faults: Faults) -> None:
    if node["value"].value not in (None, "") and node.has("valueFrom"):
        faults.append(node["valueFrom"].fault("is not allowed together with value"))


_VARIABLE: Check = since("1.32", formatted(environment_name), before=formatted(plain_environment_name))

#: A container's `env`.
ENVIRONMENT: Check = each(
    fields(
        {
            "name": all_of(_VARIABLE, not_empty),
            "valueFrom": fields(_VALUE_SOURCES, exactly_one(*_VALUE_SOURCES)),
        },
        _one_origin,
    )
)
_NAMED: Check = fields({"name": formatted(dns_subdomain)}, required("name"))

#: A container's `envFrom`.
ENVIRONMENT_FILES: Check = each(
    fields(
        {"configMapRef": _NAMED, "prefix": _VARIABLE, "secretRef": _NAMED},
        exactly_one("configMapRef", "secretRef"),
    )
)
