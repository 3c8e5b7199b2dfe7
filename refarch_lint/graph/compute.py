"""What containers request and may use: their own figures, the API's defaults, the pod's figures and LimitRanges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.quantity import parse_quantity
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Container, ContainerType, Workload


class Amount(NamedTuple):
    """An amount as it is written, the place that states it, and in words whose it is (empty: the container's own)."""

    value: Any
    place: Place
    origin: str = ""

    @property
    def number(self) -> Fraction | None:
        """The amount in cores or bytes; None for what is no quantity."""
        return quantity_or_none(self.value)


class LimitItem(NamedTuple):
    """One entry of a LimitRange: for whom it holds (`Container`, `Pod`, `PersistentVolumeClaim`) and its figures."""

    resource: Resource
    path: Path
    type: str
    data: dict[str, Any]

    def amount(self, field: str, name: str) -> Amount | None:
        """Return the figure of one field (`min`, `max`, `default`…) for a resource such as `cpu`, or None."""
        value = mapping(self.data.get(field)).get(name)
        return (
            None
            if value is None
            else Amount(value, Place(self.resource, (*self.path, field, name)), str(self.resource))
        )

    def default_limit(self, name: str) -> Amount | None:
        """Return the limit of a container without one: `default`, else `max` (API defaulting of LimitRangeItem)."""
        return self.amount("default", name) or self.amount("max", name)

    def default_request(self, name: str) -> Amount | None:
        """Return the request of a container without one: `defaultRequest`, else the default limit, else `min`."""
        return self.amount("defaultRequest", name) or self.default_limit(name) or self.amount("min", name)


def quantity_or_none(value: object) -> Fraction | None:
    """Return the number of a quantity, None for what the API would refuse."""
    try:
        return parse_quantity(value)
    except ValueError:
        return None


def is_pod_level(name: str) -> bool:
    """Tell whether a resource can be given for a whole pod (API reference, PodSpec.resources)."""
    return name in ("cpu", "memory") or name.startswith("hugepages-")


class ComputeIndex:
    """Requests and limits of every container of a tree, LimitRanges and ResourceQuotas of every namespace."""

    __slots__ = ("_items", "_quotas")

    def __init__(self, index: ResourceIndex) -> None:
        self._items: dict[str, list[LimitItem]] = defaultdict(list)
        self._quotas: dict[str, list[Resource]] = defaultdict(list)
        for resource in index.of_kind("LimitRange", ""):
            for position, item in enumerate(sequence(resource.spec.get("limits"))):
                data = mapping(item)
                kind = data.get("type")
                path = ("spec", "limits", position)
                if isinstance(kind, str):
                    self._items[resource.namespace].append(LimitItem(resource, path, kind, data))
        for resource in index.of_kind("ResourceQuota", ""):
            self._quotas[resource.namespace].append(resource)

    def limit_items(self, namespace: str, kind: str) -> tuple[LimitItem, ...]:
        """Return the LimitRange entries of a namespace for one type, in reading order."""
        return tuple(item for item in self._items.get(namespace, ()) if item.type == kind)

    def quotas(self, namespace: str) -> tuple[Resource, ...]:
        """Return the ResourceQuotas of a namespace, in reading order."""
        return tuple(self._quotas.get(namespace, ()))

    def container_request(self, workload: Workload, container: Container, name: str) -> Amount | None:
        """Return what a container itself requests: as written, else its limit, else what a LimitRange gives it.

        The API sets a missing request to the container's own limit before LimitRanges are applied.
        """
        return (
            _written(workload, container.path, container.data, "requests", name)
            or _written(workload, container.path, container.data, "limits", name)
            or self._default(workload, name, LimitItem.default_request)
        )

    def container_limit(self, workload: Workload, container: Container, name: str) -> Amount | None:
        """Return what a container itself is limited to: as written, else what a LimitRange gives it."""
        return _written(workload, container.path, container.data, "limits", name) or self._default(
            workload, name, LimitItem.default_limit
        )

    def request(self, workload: Workload, container: Container, name: str) -> Amount | None:
        """Return the request that covers a container: its own, else the pod's, else a LimitRange's."""
        own = _written(workload, container.path, container.data, "requests", name) or _written(
            workload, container.path, container.data, "limits", name
        )
        pod = pod_amount(workload, "requests", name) or pod_amount(workload, "limits", name)
        return own or pod or self._default(workload, name, LimitItem.default_request)

    def limit(self, workload: Workload, container: Container, name: str) -> Amount | None:
        """Return the limit that holds a container: its own, else the pod's, else a LimitRange's."""
        own = _written(workload, container.path, container.data, "limits", name)
        return own or pod_amount(workload, "limits", name) or self._default(workload, name, LimitItem.default_limit)

    def pod_total(self, workload: Workload, field: str, name: str) -> Fraction | None:
        """Return what the scheduler counts for one pod: `field` is `requests` or `limits`; None where nothing is given.

        The larger of the containers that run throughout together and each init container with the sidecars started
        before it (Kubernetes documentation, Init Containers, resource sharing); the pod's own figure comes first.
        """
        if (pod := pod_amount(workload, field, name)) is not None:
            return pod.number
        ask = self.container_request if field == "requests" else self.container_limit
        running, sidecars, highest, known = Fraction(0), Fraction(0), Fraction(0), False
        for container in workload.containers:
            amount = ask(workload, container, name)
            number = amount.number if amount else None
            if number is None or container.type is ContainerType.EPHEMERAL:
                continue
            known = True
            if container.type is ContainerType.INIT:
                highest = max(highest, sidecars + number)
            else:
                running += number
                if container.type is ContainerType.SIDECAR:
                    sidecars += number
                    highest = max(highest, sidecars)
        return max(running, highest) if known else None

    def _default(self, workload: Workload, name: str, of: Callable[[LimitItem, str], Amount | None]) -> Amount | None:
        for item in self._items.get(workload.namespace, ()):
            if item.type == "Container" and (amount := of(item, name)) is not None:
                return amount
        return None


def _written(workload: Workload, root: Path, data: dict[str, Any], field: str, name: str) -> Amount | None:
    value = dig(data, "resources", field, name)
    return None if value is None else Amount(value, Place(workload.resource, (*root, "resources", field, name)))


def own_amount(workload: Workload, container: Container, field: str, name: str) -> Amount | None:
    """Return what a container's manifest says itself: `field` is `requests` or `limits`; null is not said."""
    return _written(workload, container.path, container.data, field, name)


def pod_amount(workload: Workload, field: str, name: str) -> Amount | None:
    """Return what is given for a whole pod (`spec.resources` of the pod), or None."""
    if not is_pod_level(name):
        return None
    amount = _written(workload, workload.pod_spec_path, workload.pod_spec, field, name)
    return None if amount is None else amount._replace(origin="the resources of the pod")


def resource_names(container: Container) -> Iterator[str]:
    """Yield the names of every resource that a container requests or limits, sorted."""
    found: set[str] = set()
    for field in ("requests", "limits"):
        found.update(name for name in mapping(dig(container.data, "resources", field)) if isinstance(name, str))
    yield from sorted(found)
