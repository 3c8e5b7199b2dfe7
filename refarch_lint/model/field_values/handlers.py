"""Probes and lifecycle hooks: exactly one handler, and timings that the API accepts."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    exactly_one,
    fields,
    formatted,
    one_of,
    required,
    whole_number,
)
from refarch_lint.model.field_values.common import NOT_NEGATIVE, PORT_NUMBER, port_number_or_name
from refarch_lint.model.field_values.formats import header_name

_HTTP_GET: Check = fields(
    {
        "port": port_number_or_name,
        "scheme": one_of("HTTP", "HTTPS"),
        "httpHeaders": each(fields({"name": formatted(header_name)})),
    }
)
_TCP_SOCKET: Check = fields({"port": port_number_or_name})
_EXEC: Check = required("command")

_TIMINGS: dict[str, Check] = {
    "initialDelaySeconds": NOT_NEGATIVE,
    "timeoutSeconds": NOT_NEGATIVE,
    "periodSeconds": NOT_NEGATIVE,
    "successThreshold": NOT_NEGATIVE,
    "failureThreshold": NOT_NEGATIVE,
}
_PROBE: Check = fields(
    _TIMINGS
    | {
        "exec": _EXEC,
        "httpGet": _HTTP_GET,
        "tcpSocket": _TCP_SOCKET,
        "grpc": fields({"port": PORT_NUMBER}),
        "terminationGracePeriodSeconds": whole_number(1),
    },
    exactly_one("exec", "httpGet", "tcpSocket", "grpc"),
)


def _one_success(node: Node, faults: Faults) -> None:
    threshold = node["successThreshold"]
    if threshold.number is not None and threshold.number > 1:
        faults.append(threshold.fault(f"is {threshold.number}, 1 is required for this probe"))


def _no_grace_period(node: Node, faults: Faults) -> None:
    if node.has("terminationGracePeriodSeconds"):
        faults.append(node["terminationGracePeriodSeconds"].fault("is not allowed for a readiness probe"))


#: The probes of a container, by field.
PROBES: dict[str, Check] = {
    "livenessProbe": all_of(_PROBE, _one_success),
    "readinessProbe": all_of(_PROBE, _no_grace_period),
    "startupProbe": all_of(_PROBE, _one_success),
}

_HOOK: Check = fields(
    {
        "exec": _EXEC,
        "httpGet": _HTTP_GET,
        "tcpSocket": _TCP_SOCKET,
        "sleep": fields({"seconds": NOT_NEGATIVE}),
    },
    exactly_one("exec", "httpGet", "tcpSocket", "sleep"),
)

#: A container's `lifecycle`.
LIFECYCLE: Check = fields({"postStart": _HOOK, "preStop": _HOOK})
