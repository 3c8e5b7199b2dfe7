"""Backups: every datastore has one that runs by itself, keeps elsewhere what it saves, and removes what is old."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.backup_coverage import Shortfall, schedule_savings
from refarch_lint.graph.backups import Saving, hides_its_aim, own_savings, savings
from refarch_lint.graph.installers import installations
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource

_SENDS_TELEMETRY = frozenset({"log-collector", "collector", "tracing"})
_OF_TELEMETRY = _SENDS_TELEMETRY | {"logging-view"}
_INSTALLED = ("velero", "k8up", "kasten", "k10", "stash", "backup")


def backed_up(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Something that runs by itself saves what a datastore keeps."""
    datastore = subject.resource
    if subject.workload is not None and subject.workload.runs_to_completion:
        yield NotApplicable("it keeps nothing")
        return
    needed = context.parameter("backup_needed", subject)
    if needed.value is False:
        yield NotApplicable(f"no backup is needed by {needed.origin}")
        return
    if collector := _keeps_logs_only(datastore, context):
        yield NotApplicable(f"what it keeps are logs, which {collector} sends it")
        return
    shortfalls: list[Shortfall] = []
    for found in _evidence(datastore, context):
        if isinstance(found, Saving):
            return
        shortfalls.append(found)
    for shortfall in shortfalls:
        if shortfall.is_cause:
            yield Fault(shortfall.message, shortfall.place)
            return
    if reason := _hidden(datastore, context):
        yield Unverifiable(reason)
        return
    component = context.roles.component(datastore)
    what = f" ({component.title})" if component else ""
    notes = tuple(Note(shortfall.message, shortfall.place) for shortfall in shortfalls)
    text = f"{datastore}{what} in namespace {datastore.namespace} has no automatic backup: no CronJob, schedule or "
    yield Fault(f"{text}operator of the tree saves it", Place(datastore, ("metadata", "name")), notes)


def _keeps_logs_only(datastore: Resource, context: RuleContext) -> Resource | None:
    """Return a collector that fills a store, if nobody but collectors and what shows logs connects to it."""
    callers = context.graph.callers(datastore)
    traits = {caller: context.roles.traits(caller) for caller in callers}
    if not all(found & _OF_TELEMETRY for found in traits.values()):
        return None
    return next((caller for caller, found in traits.items() if found & _SENDS_TELEMETRY), None)


def _evidence(datastore: Resource, context: RuleContext) -> Iterator[Saving | Shortfall]:
    graph = context.graph
    workload = graph.workload(datastore)
    found: list[Iterator[Saving | Shortfall]] = [
        savings(graph, job, datastore) for job in context.run.backup_jobs_near(datastore)
    ]
    if workload is not None:
        found.append(own_savings(graph, workload))
    found.append(schedule_savings(graph.index, graph.backup_schedules, datastore, workload))
    yield from chain.from_iterable(found)


def _hidden(datastore: Resource, context: RuleContext) -> str:
    """Return what may save a datastore without the tree showing it, empty if there is nothing."""
    for job in context.run.backup_jobs.values():
        near = job.resource.namespace == datastore.namespace or "backup" in job.resource.namespace
        if (near or datastore.name in job.resource.name) and hides_its_aim(context.graph, job):
            return f"whether {job.resource} saves {datastore} cannot be seen: what it reaches is not in the tree"
    for installation in installations(context.graph.index):
        if installation.is_about(_INSTALLED):
            return f"{installation.resource} may schedule a backup of {datastore}"
    return ""
