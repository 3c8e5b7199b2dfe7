"""Controllers and operators: programs that work for the cluster, of which one replica leads and others stand by."""

from __future__ import annotations

from typing import Any

from refarch_lint.graph.edge import Relation
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.image import parse_image
from refarch_lint.model.resource import sequence
from refarch_lint.model.workload import Workload

_NAMES = ("-operator", "-controller-manager")
_LEADS = ("leader-elect", "leader_elect")
_ADMITTING = frozenset({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})


def sign_of_controller(workload: Workload, graph: ResourceGraph) -> str:
    """Return why a workload is a controller that answers nobody; empty where nothing says so, or where it must answer.

    One that admits objects through a webhook must: while it is down, they are refused.
    """
    services = {edge.source.resource for edge in graph.incoming(workload.resource, Relation.SELECTS)}
    if any(
        edge.source.resource.kind in _ADMITTING for item in services for edge in graph.incoming(item, Relation.USES)
    ):
        return ""
    if any(_elects(word) for word in _words(workload)):
        return "a controller of which one replica leads and others stand by"
    named_so = workload.resource.name.endswith(_NAMES) or any(_is_one(item.data) for item in workload.containers)
    if named_so and (graph.serves_nobody(workload) or _has_rights(workload, graph)):
        return "an operator, which works for the cluster and not for users"
    return ""


def _words(workload: Workload) -> list[str]:
    return [
        word
        for container in workload.containers
        for key in ("command", "args")
        for word in sequence(container.data.get(key))
        if isinstance(word, str)
    ]


def _elects(word: str) -> bool:
    return word.startswith("-") and any(sign in word for sign in _LEADS) and not word.endswith(("=false", "=False"))


def _is_one(container: dict[str, Any]) -> bool:
    text = container.get("image")
    image = parse_image(text) if isinstance(text, str) else None
    return image is not None and image.short_name.endswith(_NAMES)


def _has_rights(workload: Workload, graph: ResourceGraph) -> bool:
    """Tell whether something in the tree gives the account of a workload a role."""
    accounts = (edge.target.resource for edge in graph.outgoing(workload.resource, Relation.RUNS_AS))
    return any(graph.incoming(account, Relation.BINDS) for account in accounts)
