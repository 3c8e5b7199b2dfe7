"""Values that the API server accepts although they do not do what they say (kubernetes/pkg/api/pod, GetWarningsForPod).

A list with two items of one key is accepted when it is created, but server-side apply refuses it, and an older apply
may lose one of the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from refarch_lint.location import Path, format_path
from refarch_lint.model.blank import is_filled_in_later
from refarch_lint.model.field_values.formats import label_key
from refarch_lint.model.outdated_fields import Outdated
from refarch_lint.model.resource import Resource, dig, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.regex import regex

_MEDIUM = regex(r"Memory|HugePages(-.+)?")
_AFFINITY_TERMS = ("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution")
_ACCEPTED = "the API server accepts it, but"


def accepted(resource: Resource, workload: Workload | None) -> Iterator[Outdated]:
    """Yield the values of an object that are accepted in vain, each with what becomes of it."""
    if workload is None:
        return
    spec, root = workload.pod_spec, workload.pod_spec_path
    for container in workload.containers:
        yield from _variables(container.data, container.path)
        yield from _ports(container.data, container.path, spec.get("hostNetwork") is True)
    yield from _sidecar_ports(spec, root)
    yield from _pod(spec, root)
    yield from _affinity(spec, root)
    if (resource.group, resource.kind) == ("batch", "Job"):
        yield from _job(resource.spec, ("spec",))
    elif (resource.group, resource.kind) == ("batch", "CronJob"):
        yield from _job(dig(resource.spec, "jobTemplate", "spec"), ("spec", "jobTemplate", "spec"))


def _told(path: Path, says: str) -> Outdated:
    return Outdated(path, f"{format_path(path)} {says}")


def _variables(container: Mapping[str, Any], path: Path) -> Iterator[Outdated]:
    """Yield variables that hide an earlier one of the same name; those that lengthen it are meant so."""
    seen: set[str] = set()
    for index, variable in enumerate(sequence(container.get("env"))):
        name, value = dig(variable, "name"), dig(variable, "value")
        if not isinstance(name, str) or not name:
            continue
        lengthens = isinstance(value, str) and f"$({name})" in value and value != f"$({name})"
        if name in seen and not (lengthens and dig(variable, "valueFrom") is None):
            says = f"is set twice in this container; {_ACCEPTED} only the last value counts"
            yield _told((*path, "env", index, "name"), says)
        seen.add(name)


def _ports(container: Mapping[str, Any], path: Path, on_node: bool) -> Iterator[Outdated]:
    """Yield ports that are declared twice, and addresses of the node for a port that is none of the node's."""
    seen: dict[tuple[int, object], list[tuple[object, object]]] = {}
    for index, port in enumerate(sequence(container.get("ports"))):
        number, host = dig(port, "containerPort"), (dig(port, "hostPort") or 0, dig(port, "hostIP") or "")
        place: Path = (*path, "ports", index)
        if not isinstance(number, int) or isinstance(number, bool) or not isinstance(host[0], int):
            continue
        if host[1] and not host[0] and not on_node:
            yield _told((*place, "hostIP"), f"is set without a hostPort; {_ACCEPTED} nothing listens there")
        protocol = dig(port, "protocol") or "TCP"
        others = seen.setdefault((number, protocol if isinstance(protocol, str) else ""), [])
        if any(host == other or not host[0] or not other[0] for other in others):
            says = f"is declared twice with the same protocol; {_ACCEPTED} server-side apply refuses it"
            yield _told((*place, "containerPort"), says)
        others.append(host)


def _sidecar_ports(spec: Mapping[str, Any], root: Path) -> Iterator[Outdated]:
    """Yield ports of the node that a sidecar takes beside another container of its pod."""
    taken: set[tuple[int, str, str]] = set()
    for field in ("containers", "initContainers"):
        for index, container in enumerate(sequence(spec.get(field))):
            if field == "initContainers" and dig(container, "restartPolicy") != "Always":
                continue
            own = set()
            for number, port in enumerate(sequence(dig(container, "ports"))):
                host, protocol, address = dig(port, "hostPort"), dig(port, "protocol"), dig(port, "hostIP")
                if not isinstance(host, int) or not host:
                    continue
                identity = (host, str(protocol or "TCP"), str(address or ""))
                if field == "initContainers" and identity in taken:
                    says = f"is taken twice by this pod; {_ACCEPTED} only one container of the pod can have it"
                    yield _told((*root, field, index, "ports", number, "hostPort"), says)
                own.add(identity)
            taken |= own


def _pod(spec: Mapping[str, Any], root: Path) -> Iterator[Outdated]:
    grace = spec.get("terminationGracePeriodSeconds")
    if isinstance(grace, int) and grace < 0:
        yield _told((*root, "terminationGracePeriodSeconds"), f"is {grace}; {_ACCEPTED} the pod gets 1 second")
    for index, secret in enumerate(sequence(spec.get("imagePullSecrets"))):
        if isinstance(secret, dict) and secret.get("name") in (None, ""):
            says = f"names no Secret; {_ACCEPTED} no image is pulled with it"
            yield _told((*root, "imagePullSecrets", index, "name"), says)
    for index, volume in enumerate(sequence(spec.get("volumes"))):
        medium = dig(volume, "emptyDir", "medium")
        if isinstance(medium, str) and medium and not _MEDIUM.fullmatch(medium) and not is_filled_in_later(medium):
            says = f'is "{medium}"; {_ACCEPTED} no node can mount it: Memory, HugePages or HugePages-SIZE is required'
            yield _told((*root, "volumes", index, "emptyDir", "medium"), says)
    for index, constraint in enumerate(sequence(spec.get("topologySpreadConstraints"))):
        key = dig(constraint, "topologyKey")
        if isinstance(key, str) and key and (why := label_key(key)) and not is_filled_in_later(key):
            says = f'is "{key}", {why}; {_ACCEPTED} no node can have such a label'
            yield _told((*root, "topologySpreadConstraints", index, "topologyKey"), says)


def _affinity(spec: Mapping[str, Any], root: Path) -> Iterator[Outdated]:
    """Yield terms of a pod affinity without a selector; of those that keep pods apart another rule tells."""
    affinity = dig(spec, "affinity", "podAffinity")
    required, preferred = _AFFINITY_TERMS
    place: Path = (*root, "affinity", "podAffinity")
    for index, term in enumerate(sequence(dig(affinity, required))):
        if isinstance(term, dict) and term.get("labelSelector") is None:
            says = f"is missing, so that no pod is meant; {_ACCEPTED} no node fits the pod"
            yield _told((*place, required, index, "labelSelector"), says)
    for index, item in enumerate(sequence(dig(affinity, preferred))):
        if isinstance(term := dig(item, "podAffinityTerm"), dict) and term.get("labelSelector") is None:
            says = f"is missing, so that no pod is meant; {_ACCEPTED} no node is ever preferred"
            yield _told((*place, preferred, index, "podAffinityTerm", "labelSelector"), says)


def _job(spec: Any, path: Path) -> Iterator[Outdated]:
    policy = dig(spec, "template", "spec", "restartPolicy")
    if policy == "OnFailure" and dig(spec, "backoffLimitPerIndex") is not None:
        says = f"is OnFailure; {_ACCEPTED} backoffLimitPerIndex counts pods that fail, and those are restarted in place"
        yield _told((*path, "template", "spec", "restartPolicy"), says)
