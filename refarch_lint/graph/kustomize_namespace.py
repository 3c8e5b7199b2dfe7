"""What a kustomization's `namespace` does to the objects it takes in: all of them move, and who names them follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from refarch_lint.model.resource import Resource, mapping, sequence

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")

#: Kinds of objects that bindings and webhooks name together with a namespace.
_FOLLOWED = ("ServiceAccount", "Service")


def followed(resources: Iterable[Resource]) -> frozenset[tuple[str, str]]:
    """Return kind and name of the accounts and Services that a kustomization takes in: names that it follows."""
    return frozenset((item.kind, item.name) for item in resources if item.kind in _FOLLOWED and item.group == "")


def placed(resource: Resource, namespace: str, known: frozenset[tuple[str, str]]) -> Resource:
    """Return an object as a kustomization with a `namespace` gives it out; itself where nothing changes.

    Every object of a namespace is put there, whatever it says itself, and a Namespace takes the name (kustomize,
    namespace transformer). Accounts in bindings and Services of webhooks follow, if `known` holds them (name reference
    transformer); the account `default` always does.
    """
    if (resource.group, resource.kind) == ("", "Namespace"):
        if resource.name == namespace:
            return resource
        identity = resource.id._replace(name=namespace)
        return replace(resource, id=identity, data=_with_metadata(resource, name=namespace))
    if resource.kind in _BINDINGS:
        resource = _bound(resource, namespace, known)
    elif resource.kind in _WEBHOOKS:
        resource = _hooked(resource, namespace, known)
    if not resource.namespace or (resource.namespace == namespace and resource.namespace_declared):
        return resource
    identity = resource.id._replace(namespace=namespace)
    data = _with_metadata(resource, namespace=namespace)
    return replace(resource, id=identity, data=data, namespace_declared=True)


def _with_metadata(resource: Resource, **fields: str) -> dict[str, Any]:
    return {**resource.data, "metadata": {**resource.metadata, **fields}}


def _bound(resource: Resource, namespace: str, known: frozenset[tuple[str, str]]) -> Resource:
    subjects = list(_subjects(sequence(resource.data.get("subjects")), namespace, known))
    changed = subjects != resource.data.get("subjects") and bool(subjects)
    return replace(resource, data={**resource.data, "subjects": subjects}) if changed else resource


def _subjects(subjects: list[Any], namespace: str, known: frozenset[tuple[str, str]]) -> Iterator[Any]:
    for subject in subjects:
        item = mapping(subject)
        name = item.get("name")
        is_ours = isinstance(name, str) and (name == "default" or ("ServiceAccount", name) in known)
        if item.get("kind") == "ServiceAccount" and is_ours:
            yield {**item, "namespace": namespace}
        else:
            yield subject


def _hooked(resource: Resource, namespace: str, known: frozenset[tuple[str, str]]) -> Resource:
    hooks = [_hook(hook, namespace, known) for hook in sequence(resource.data.get("webhooks"))]
    changed = hooks != resource.data.get("webhooks") and bool(hooks)
    return replace(resource, data={**resource.data, "webhooks": hooks}) if changed else resource


def _hook(hook: Any, namespace: str, known: frozenset[tuple[str, str]]) -> Any:
    client = mapping(mapping(hook).get("clientConfig"))
    service = mapping(client.get("service"))
    name = service.get("name")
    if not isinstance(name, str) or ("Service", name) not in known:
        return hook
    return {**hook, "clientConfig": {**client, "service": {**service, "namespace": namespace}}}
