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
    not_empty,
    one_of,
    required,
    shown,
    since,
    whole_number,
)
from refarch_lint.model.field_values.common import NOT_NEGATIVE, PORT_NUMBER, containers_of, port_number_or_name
from refarch_lint.model.field_values.formats import header_name
from refarch_lint.regex import regex

_HTTP_GET: Check = fields(
    {
        "port": port_number_or_name,
        "scheme": one_of("HTTP", "HTTPS"),
        "httpHeaders": each(fields({"name": all_of(formatted(header_name), not_empty)})),
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
        "sleep": fields({"seconds": since("1.33", NOT_NEGATIVE, before=whole_number(1))}),
    },
    exactly_one("exec", "httpGet", "tcpSocket", "sleep"),
)

_SIGNALS = regex(
    r"SIG(ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP"
    r"|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?)"
)
_GRACE_PERIOD = 30


def _signal(node: Node, faults: Faults) -> None:
    text = node.text
    if text is not None and not _SIGNALS.fullmatch(text):
        faults.append(node.fault(f"is {shown(text)}, the name of a signal such as SIGTERM is required"))


#: A container's `lifecycle`.
LIFECYCLE: Check = fields({"postStart": _HOOK, "preStop": _HOOK, "stopSignal": _signal})


def signals_fit_system(node: Node, faults: Faults) -> None:
    """Demand that a pod that chooses its stop signals names its operating system, which has to know them."""
    system = node.down("os", "name").text
    for container in containers_of(node, "lifecycle"):
        signal = container.down("lifecycle", "stopSignal")
        if signal.text is None:
            continue
        if system is None:
            faults.append(signal.fault("is allowed only where os.name is set"))
        elif system == "windows" and signal.text not in ("SIGKILL", "SIGTERM"):
            faults.append(signal.fault(f"is {shown(signal.text)}, SIGTERM or SIGKILL is required for windows"))


def sleeps_end_in_time(node: Node, faults: Faults) -> None:
    """Refuse hooks that sleep longer than the pod is given to end."""
    period = node["terminationGracePeriodSeconds"]
    seconds = _GRACE_PERIOD if period.value is None else period.number
    if seconds is None or seconds < 0:
        return
    for container in containers_of(node, "lifecycle"):
        for hook in ("postStart", "preStop"):
            slept = container.down("lifecycle", hook, "sleep", "seconds")
            if slept.number is not None and slept.number > seconds:
                says = f"is {slept.number}, at most terminationGracePeriodSeconds ({seconds}) is allowed"
                faults.append(slept.fault(says))
