"""A backup is worth what can be restored from it: somebody tries, again and again."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.demands import attestation, missing
from refarch_lint.evaluate.subject import NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.backups import restore_jobs
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, dig


def rehearsed(_: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A Job or CronJob restores a backup; asked where datastores are kept.

    Where the repository only says how it is done, whether somebody did it is for an attestation.
    """
    kept = [resource for resource in context.roles.with_trait("datastore") if _needs_backup(resource, context)]
    if not kept:
        yield NotApplicable("no datastore needs a backup")
        return
    if restore_jobs(context.graph) or _restoring_objects(context):
        return
    evidence = context.run.repository
    if evidence is not None and (told := evidence.documents["restore"]):
        written = f"{told[0].location.file} says how to restore, but not whether it was rehearsed"
        text = f"{written}; attest {context.rule.checklist}"
        yield attestation(context) or Unverifiable(text)
        return
    more = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
    yield missing(
        context,
        f"restoring {kept[0]}{more} is rehearsed by no Job or CronJob of the tree, and the repository has no restore "
        "procedure",
        Place(kept[0], ("metadata", "name")),
    )


def _needs_backup(resource: Resource, context: RuleContext) -> bool:
    workload = context.graph.workload(resource)
    subject = Subject(resource, (), resource.data, workload, namespace=resource.namespace)
    return context.parameter("backup_needed", subject).value is not False


def _restoring_objects(context: RuleContext) -> bool:
    """Tell whether an object of an operator restores: Velero, CloudNativePG's recovery, and their kin."""
    index = context.graph.index
    if index.of_kind("Restore") or index.of_kind("PhysicalRestore"):
        return True
    clusters = index.of_kind("Cluster", "postgresql.cnpg.io")
    return any(dig(cluster.spec, "bootstrap", "recovery") is not None for cluster in clusters)
