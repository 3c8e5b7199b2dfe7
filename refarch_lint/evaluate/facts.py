"""Named facts that rule files may ask of a subject, each with the place that states it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.operators import MISSING
from refarch_lint.evaluate.subject import Subject
from refarch_lint.graph.place import Place
from refarch_lint.graph.storage import has_lasting_volume


class Fact(NamedTuple):
    """A value, the place that states it, and in words where it comes from."""

    value: Any
    place: Place
    source: str = ""


def _effective_replicas(subject: Subject, context: RuleContext) -> Fact:
    replicas = context.graph.replicas(subject.pods)
    if replicas is None:
        return Fact(MISSING, subject.place())
    return Fact(replicas.minimum, replicas.place, replicas.reason)


def _behind_service(subject: Subject, context: RuleContext) -> Fact:
    return Fact(bool(context.graph.services_of(subject.pods)), subject.place())


def _host_network(subject: Subject, _: RuleContext) -> Fact:
    return Fact(subject.pods.host_network, subject.place())


def _traits(subject: Subject, context: RuleContext) -> Fact:
    return Fact(sorted(context.roles.traits(subject.resource)), subject.place())


def _is_datastore(subject: Subject, context: RuleContext) -> Fact:
    return Fact("datastore" in context.roles.traits(subject.resource), subject.place())


def _keeps_data(subject: Subject, context: RuleContext) -> Fact:
    """Tell whether something is a datastore, or a cache to which somebody gave a volume that lasts."""
    traits = context.roles.traits(subject.resource)
    keeps = "datastore" in traits or (
        "cache" in traits and subject.workload is not None and has_lasting_volume(subject.workload)
    )
    return Fact(keeps, subject.place())


def _is_helm_hook(subject: Subject, _: RuleContext) -> Fact:
    return Fact("helm.sh/hook" in subject.resource.annotations, subject.place())


def _is_helm_test(subject: Subject, _: RuleContext) -> Fact:
    hooks = subject.resource.annotations.get("helm.sh/hook", "").split(",")
    return Fact(any(hook.strip().startswith("test") for hook in hooks), subject.place())


FACTS: Final[Mapping[str, Callable[[Subject, RuleContext], Fact]]] = {
    "effective-replicas": _effective_replicas,
    "behind-service": _behind_service,
    "helm-hook": _is_helm_hook,
    "helm-test": _is_helm_test,
    "host-network": _host_network,
    "is-datastore": _is_datastore,
    "keeps-data": _keeps_data,
    "traits": _traits,
}
