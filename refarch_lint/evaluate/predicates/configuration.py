"""Configuration of containers: kept apart from the workload, so that it can differ between environments."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import dig, mapping, sequence
from refarch_lint.model.workload import Container, Workload


def externalised(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A container of the application with many settings takes them from ConfigMaps and Secrets."""
    assert subject.container is not None
    if context.roles.component(subject.resource) is not None:
        yield NotApplicable("well-known software with settings of its own")
        return
    allowed = context.parameter("literal_settings", subject)
    literal = _literals(subject.container)
    if len(literal) <= allowed.value or _takes_configuration(subject.pods, subject.container):
        return
    yield Fault(
        # No number found: overlays that add some of their own would each tell of the same container.
        f"{subject.pods}: container {subject.container.name} takes no setting from a ConfigMap and has more written "
        f"into the pod template than the {allowed.value} that {allowed.origin} expects at most",
        Place(subject.resource, (*subject.container.path, "env")),
    )


def _literals(container: Container) -> list[str]:
    """Return the names of variables with a value of their own; those put together from others are none."""
    found = []
    for variable in map(mapping, sequence(container.data.get("env"))):
        name, value = variable.get("name"), variable.get("value")
        if isinstance(name, str) and isinstance(value, str) and value and "$(" not in value:
            found.append(name)
    return found


def _takes_configuration(workload: Workload, container: Container) -> bool:
    for variable in sequence(container.data.get("env")):
        if dig(variable, "valueFrom", "configMapKeyRef"):
            return True
    if any(dig(source, "configMapRef") for source in sequence(container.data.get("envFrom"))):
        return True
    mounted = {mapping(mount).get("name") for mount in sequence(container.data.get("volumeMounts"))}
    return any(
        mapping(volume).get("name") in mounted and _holds_configuration(volume)
        for volume in sequence(workload.pod_spec.get("volumes"))
    )


def _holds_configuration(volume: object) -> bool:
    projected = sequence(dig(volume, "projected", "sources"))
    return dig(volume, "configMap") is not None or any(dig(source, "configMap") for source in projected)
