"""Probes of containers: that they are there, can work, and do not do harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.model.image import parse_image
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.severity import Severity
from refarch_lint.wildcards import fits_glob

_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")

#: The API's defaults (API reference, Probe).
_PERIOD, _TIMEOUT, _FAILURES = 10, 1, 3


def configured(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A container has both probes; readiness matters less where no Service sends traffic and no role is played."""
    assert subject.container is not None
    if subject.resource.group == "serving.knative.dev":
        yield NotApplicable("Knative probes its revisions by itself")
        return
    if _is_exempt(subject, context):
        yield NotApplicable("its image is exempt")
        return
    missing = [probe for probe in ("livenessProbe", "readinessProbe") if not mapping(subject.data.get(probe))]
    if missing:
        role = context.roles.role_of(subject.resource)
        is_critical = role is not None and "platform" not in role.traits
        idle = missing == ["readinessProbe"] and not is_critical and context.graph.serves_nobody(subject.pods)
        what = f"has no {missing[0]}" if len(missing) == 1 else f"has neither {missing[0]} nor {missing[1]}"
        yield Fault(
            f"{subject.resource}: container {subject.container.name} {what}",
            subject.place(missing[0]),
            severity=Severity.WARNING if idle else None,
        )


def _is_exempt(subject: Subject, context: RuleContext) -> bool:
    patterns = context.parameter("exempt_images", subject).value
    image = parse_image(subject.data.get("image")) if isinstance(subject.data.get("image"), str) else None
    if image is None or not isinstance(patterns, list):
        return False
    return any(isinstance(pattern, str) and fits_glob(image.repository, pattern) for pattern in patterns)


def port_exists(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A port that a probe or hook names is declared by its own container; numbers need no declaration."""
    assert subject.container is not None
    ports = map(mapping, sequence(subject.data.get("ports")))
    names = {name for port in ports if isinstance(name := port.get("name"), str)}
    asked = False
    for path, handler in _handlers(subject.data):
        for kind in ("httpGet", "tcpSocket"):
            port = mapping(handler.get(kind)).get("port")
            if not isinstance(port, str) or port.isdigit() or not port:
                continue
            asked = True
            if port not in names:
                shown = f"its named ports are {', '.join(sorted(names))}" if names else "it names no port"
                yield Fault(
                    f"{subject.resource}: {path[-1]} of container {subject.container.name} asks port {port}; {shown}",
                    subject.place(*path, kind, "port"),
                    (Note("the container's ports", subject.place("ports")),) if names else (),
                )
    if not asked:
        yield NotApplicable("no probe names a port")


def _handlers(container: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for probe in _PROBES:
        if handler := mapping(container.get(probe)):
            yield (probe,), handler
    for hook in ("postStart", "preStop"):
        if handler := mapping(mapping(container.get("lifecycle")).get(hook)):
            yield ("lifecycle", hook), handler


def distinct(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Liveness asks something else than readiness, or at least waits longer before it restarts the container."""
    assert subject.container is not None
    liveness, readiness = (mapping(subject.data.get(probe)) for probe in ("livenessProbe", "readinessProbe"))
    asked = _question(liveness, subject.data)
    if asked is None or _question(readiness, subject.data) is None:
        yield NotApplicable("it has not both probes")
    elif asked == _question(readiness, subject.data) and _patience(liveness) <= _patience(readiness):
        yield Fault(
            f"{subject.resource}: livenessProbe of container {subject.container.name} asks what readinessProbe asks "
            f"and gives up no later ({_patience(liveness)} s against {_patience(readiness)} s)",
            subject.place("livenessProbe"),
            (Note("the readinessProbe", subject.place("readinessProbe")),),
        )


def _question(probe: dict[str, Any], container: dict[str, Any]) -> tuple[str, str] | None:
    """Return what a probe asks, in a form in which equal questions are equal; a named port counts as its number."""
    for kind in _HANDLERS:
        handler = probe.get(kind)
        if isinstance(handler, dict) and handler:
            asked = {key: value for key, value in handler.items() if value is not None}
            if "port" in asked:
                asked["port"] = _number_of(asked["port"], container)
            if kind == "httpGet":
                asked = {"path": "/", "scheme": "HTTP"} | asked
            return kind, repr(sorted((key, repr(value)) for key, value in asked.items()))
    return None


def _number_of(port: Any, container: dict[str, Any]) -> Any:
    for item in map(mapping, sequence(container.get("ports"))):
        if isinstance(port, str) and item.get("name") == port:
            return item.get("containerPort")
    return port


def _setting(probe: dict[str, Any], field: str, default: int) -> int:
    value = probe.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else default


def _patience(probe: dict[str, Any]) -> int:
    """Return for how many seconds a probe may fail before it acts."""
    return _setting(probe, "periodSeconds", _PERIOD) * _setting(probe, "failureThreshold", _FAILURES)


def timing_sane(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A probe ends before the next one starts, and one lost answer does not restart a container.

    A second is the least that a probe can wait.
    """
    assert subject.container is not None
    asked = False
    for name in _PROBES:
        probe = mapping(subject.data.get(name))
        if not probe:
            continue
        asked = True
        title = f"{subject.resource}: {name} of container {subject.container.name}"
        period, timeout = _setting(probe, "periodSeconds", _PERIOD), _setting(probe, "timeoutSeconds", _TIMEOUT)
        if timeout >= period and timeout > 1:
            yield Fault(
                f"{title} waits {timeout} s for an answer, no less than its period of {period} s",
                subject.place(name, "timeoutSeconds"),
            )
        if name == "livenessProbe" and _setting(probe, "failureThreshold", _FAILURES) == 1:
            yield Fault(
                f"{title} restarts the container after a single failure (failureThreshold 1)",
                subject.place(name, "failureThreshold"),
            )
    if not asked:
        yield NotApplicable("it has no probe")
