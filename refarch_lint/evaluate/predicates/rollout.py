"""What updates and shutdowns do to those who are being served; pods that nothing replaces."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.controllers import sign_of_controller
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.place import Place
from refarch_lint.graph.rollout import Strategy, most_unavailable, strategy_of
from refarch_lint.location import Path
from refarch_lint.model.resource import dig, sequence
from refarch_lint.model.workload import Container, Workload
from refarch_lint.regex import regex
from refarch_lint.severity import Severity

_DEFAULT_GRACE = 30
_SLEEP = regex(r"\bsleep\s+([0-9]{1,6})\b")


def managed(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A pod that is meant to stay is made by a controller that replaces it."""
    resource = subject.resource
    if subject.pods.runs_to_completion:
        yield NotApplicable("it is meant to end")
    elif resource.kind == "Pod" and not sequence(resource.metadata.get("ownerReferences")):
        yield Fault(
            f"{resource} belongs to no controller: nothing starts it again when its node fails or is drained",
            subject.place("metadata", "name"),
        )


def keeps_serving(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """An update leaves at least one replica serving; one replica on a claim for one node may be recreated."""
    workload, strategy = subject.pods, strategy_of(subject.pods)
    services = context.graph.services_of(workload)
    if strategy is None or not services:
        yield NotApplicable("it is not updated by a strategy, or no Service sends it traffic")
        return
    if controller := sign_of_controller(workload, context.graph):
        yield NotApplicable(controller)
        return
    replicas = context.graph.replicas(workload)
    if replicas is not None and (replicas.minimum == 0 or (replicas.maximum <= 1 and _must_stop(workload, context))):
        yield NotApplicable("it runs one replica that must stop before its successor starts, or none")
        return
    served = (Note(f"{services[0]} sends it traffic", Place(services[0], ("spec", "selector"))),)
    if strategy.replaces_all:
        count = "its replica" if replicas is None or replicas.minimum == 1 else f"all {replicas.minimum} replicas"
        yield Fault(
            f"{workload} is down during every rollout: the strategy Recreate ends {count} before a new pod starts",
            Place(workload.resource, strategy.path),
            served,
        )
    elif (fault := _takes_all_down(workload, strategy, replicas.minimum if replicas else None)) is not None:
        message, path = fault
        yield Fault(message, Place(workload.resource, path), served)


def _must_stop(workload: Workload, context: RuleContext) -> bool:
    """Tell whether two pods of a workload must not run at once: a claim for one node, a datastore."""
    if any(mount.exclusive_mode or mount.modes is None for mount in context.graph.claims_of(workload.resource)):
        return True
    return "datastore" in context.roles.traits(workload.resource)


def _takes_all_down(workload: Workload, strategy: Strategy, minimum: int | None) -> tuple[str, Path] | None:
    written = strategy.settings.get("maxUnavailable")
    if minimum is None:
        if written not in ("100%",):
            return None
        return f"an update of {workload} may end all its pods at once: maxUnavailable 100%", _max_unavailable(strategy)
    if workload.kind == "StatefulSet" and (written is None or minimum < 2):
        return None
    amount = most_unavailable(workload, minimum)
    if amount is None or amount < minimum:
        return None
    if written is None or (amount == 1 and minimum == 1 and written not in (1, "100%")):
        why, path = "with maxSurge 0 one pod must go first", (*strategy.settings_path, "maxSurge")
    else:
        why, path = f"maxUnavailable {written}", _max_unavailable(strategy)
    count = "the only replica" if minimum == 1 else f"all {minimum} replicas at once"
    return f"an update of {workload} may take down {count}: {why}", path


def _max_unavailable(strategy: Strategy) -> Path:
    return (*strategy.settings_path, "maxUnavailable")


def graceful(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Pods get time to end, hooks fit into it, and those that serve wait until traffic has stopped coming."""
    workload = subject.pods
    grace = workload.pod_spec.get("terminationGracePeriodSeconds")
    seconds = grace if isinstance(grace, int) and not isinstance(grace, bool) else _DEFAULT_GRACE
    if seconds == 0:
        yield Fault(
            f"{workload} is killed without warning: terminationGracePeriodSeconds is 0",
            Place(workload.resource, (*workload.pod_spec_path, "terminationGracePeriodSeconds")),
        )
        return
    running = [container for container in workload.containers if container.runs_throughout]
    for container in running:
        yield from _too_long(workload, container, seconds, grace is None)
    services = context.graph.services_of(workload)
    replicas = context.graph.replicas(workload)
    if not services or replicas is None or replicas.minimum < 2 or not running:
        return
    if "datastore" in context.roles.traits(workload.resource):
        return
    if not any(dig(container.data, "lifecycle", "preStop") for container in running):
        selector = context.graph.incoming(workload.resource, Relation.SELECTS)[0].source
        yield Fault(
            f"{workload} ends as soon as it is told to, while {services[0]} may still send it requests: "
            "no container has a preStop hook",
            Place(workload.resource, (*running[0].path, "lifecycle", "preStop")),
            (Note(f"{services[0]} sends it traffic", selector),),
            Severity.INFO,
        )


def _too_long(workload: Workload, container: Container, grace: int, default: bool) -> Iterator[Outcome]:
    """Blame a preStop hook that sleeps until the grace period is over: the container is then killed."""
    hook: Path = (*container.path, "lifecycle", "preStop")
    sleep = dig(container.data, "lifecycle", "preStop", "sleep", "seconds")
    if isinstance(sleep, int) and not isinstance(sleep, bool):
        pause, path = sleep, (*hook, "sleep", "seconds")
    else:
        words = sequence(dig(container.data, "lifecycle", "preStop", "exec", "command"))
        found = _SLEEP.findall(" ".join(word for word in words if isinstance(word, str)))
        pause, path = sum(int(seconds) for seconds in found), (*hook, "exec", "command")
    if pause >= grace:
        stated = f"{grace} s, the default" if default else f"{grace} s"
        yield Fault(
            f"{workload}: preStop of container {container.name} waits {pause} s, but the grace period is {stated}; "
            "the container is killed before it can end",
            Place(workload.resource, path),
        )
