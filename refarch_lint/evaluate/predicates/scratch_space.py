"""Scratch volumes that could fill their node."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import mapping, sequence


def bounded(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """An emptyDir has a size limit, or every container of the pod has the limit against which it counts."""
    workload, compute = subject.pods, context.graph.compute
    running = [container for container in workload.containers if container.runs_throughout]
    asked = False
    for index, item in enumerate(sequence(workload.pod_spec.get("volumes"))):
        volume = mapping(item)
        if "emptyDir" not in volume:
            continue
        asked = True
        scratch = mapping(volume["emptyDir"])
        in_memory = scratch.get("medium") == "Memory"
        counted = "memory" if in_memory else "ephemeral-storage"
        limited = bool(running) and all(compute.limit(workload, item, counted) is not None for item in running)
        if scratch.get("sizeLimit") is None and not limited:
            what = "memory" if in_memory else "disk"
            yield Fault(
                f"{workload}: emptyDir {volume.get('name')} may fill the {what} of its node; it has no sizeLimit",
                Place(workload.resource, (*workload.pod_spec_path, "volumes", index, "emptyDir", "sizeLimit")),
            )
    if not asked:
        yield NotApplicable("it has no emptyDir")
