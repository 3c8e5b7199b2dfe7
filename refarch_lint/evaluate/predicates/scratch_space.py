"""Scratch volumes that could fill their node."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.model.workload import ContainerType


def bounded(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """An emptyDir has a size limit, or the pod has the limit against which it counts.

    For disk that is the sum of the limits that its containers have, and one is enough; memory is limited only where
    every container's is.
    """
    workload, compute = subject.pods, context.graph.compute
    everyone = [container for container in workload.containers if container.type is not ContainerType.EPHEMERAL]
    running = [container for container in everyone if container.runs_throughout]
    asked = False
    for index, item in enumerate(sequence(workload.pod_spec.get("volumes"))):
        volume = mapping(item)
        if "emptyDir" not in volume:
            continue
        asked = True
        scratch = mapping(volume["emptyDir"])
        in_memory = scratch.get("medium") == "Memory"
        counted = "memory" if in_memory else "ephemeral-storage"
        limits = [compute.limit(workload, container, counted) for container in (running if in_memory else everyone)]
        limited = bool(limits) and (all if in_memory else any)(limit is not None for limit in limits)
        if scratch.get("sizeLimit") is None and not limited:
            what = "memory" if in_memory else "disk"
            yield Fault(
                f"{workload}: emptyDir {volume.get('name')} may fill the {what} of its node; it has no sizeLimit",
                Place(workload.resource, (*workload.pod_spec_path, "volumes", index, "emptyDir", "sizeLimit")),
            )
    if not asked:
        yield NotApplicable("it has no emptyDir")
