"""Mutants of the objects around pods: replicas, budgets, autoscalers, Services, entry points, namespaces, access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic import Need
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload
from tests.mutation.making import Maker, Spots, mapping, sequence, spot
from tests.mutation.world import Mutant, World


def replicas(world: World) -> Iterator[Mutant]:
    """Too few replicas, replicas on one node, budgets that are gone or block every eviction."""
    make = Maker(world, "replicas, spreading and budgets")
    book = fit_architecture(world.graph, world.catalogue, world.settings).book
    for workload in world.graph.workloads:
        resource, found = workload.resource, world.graph.replicas(workload)
        if found is None or found.minimum < 3:
            continue
        name = (spot(resource, "metadata", "name"),)
        if "replicas" in resource.spec:
            path = ("spec", "replicas")
            component = book.component(resource)
            if component is None or component.parameters.get("min_replicas", 3) > 1:
                yield make.replace(resource, path, "1", "min-replicas", value=1)
                yield make.remove(resource, path, "min-replicas")
            yield make.replace(resource, path, "three", "schema-valid")
        constraints = sequence(workload.pod_spec.get("topologySpreadConstraints"))
        root = (*workload.pod_spec_path, "topologySpreadConstraints")
        if constraints:
            yield make.remove(resource, root, "replicas-spread-over-nodes", at=(spot(resource, *root), *name))
        for index, constraint in enumerate(constraints):
            zone = "zone" in constraint["topologyKey"]
            rule = "replicas-spread-over-zones" if zone else "replicas-spread-over-nodes"
            near = (spot(resource, *root), *name, spot(resource, *root, index), spot(resource, *workload.pod_spec_path))
            near += tuple(
                spot(resource, *root, number, *more)
                for number in range(len(constraints))
                for more in (("labelSelector",), ("topologyKey",), ("labelSelector", "matchLabels"))
            )
            yield make.remove(resource, (*root, index), rule, at=near)
            for key in mapping(constraint["labelSelector"].get("matchLabels")):
                path = (*root, index, "labelSelector", "matchLabels", key)
                yield make.replace(resource, path, "other", rule, at=(*near, spot(resource, *path)))
        for edge in world.graph.incoming(resource, Relation.PROTECTS):
            budget = edge.source.resource
            yield make.drop(budget, "pdb-covers-workload", at=name)
            yield from _budget(make, budget, name)


def _budget(make: Maker, budget: Resource, covered: Spots) -> Iterator[Mutant]:
    field = "maxUnavailable" if "maxUnavailable" in budget.spec else "minAvailable"
    path = ("spec", field)
    blocking = "0" if field == "maxUnavailable" else '"100%"'
    value = 0 if field == "maxUnavailable" else "100%"
    yield make.replace(budget, path, blocking, "pdb-allows-eviction", value=value)
    whole = (spot(budget, *path), spot(budget, "metadata", "name"), spot(budget, "spec"))
    yield make.remove(budget, path, "pdb-has-policy", at=whole)
    for key in mapping(mapping(budget.spec.get("selector")).get("matchLabels")):
        label = ("spec", "selector", "matchLabels", key)
        near = (spot(budget, *label), spot(budget, "spec", "selector"), *covered)
        yield make.replace(budget, label, "other", "pdb-selects-pods", "pdb-covers-workload", at=near)
    if "unhealthyPodEvictionPolicy" in budget.spec and covered[0].kind != "StatefulSet":
        near = (spot(budget, "metadata", "name"), spot(budget, "spec", "unhealthyPodEvictionPolicy"))
        yield make.remove(budget, ("spec", "unhealthyPodEvictionPolicy"), "pdb-evicts-unhealthy", at=near)


def autoscalers(world: World) -> Iterator[Mutant]:
    """Autoscalers without room, without a target, below the floor; metrics that need requests."""
    make = Maker(world, "autoscalers")
    for scaler in world.graph.index.of_kind("HorizontalPodAutoscaler"):
        low, high = ("spec", "minReplicas"), ("spec", "maxReplicas")
        yield make.replace(scaler, low, "1", "min-replicas", value=1)
        yield make.remove(scaler, low, "min-replicas", at=(spot(scaler, "metadata", "name"), spot(scaler, *low)))
        near = (spot(scaler, *low), spot(scaler, *high))
        minimum = scaler.spec["minReplicas"]
        yield make.replace(scaler, high, str(minimum), "hpa-bounds-sane", value=minimum, at=near)
        yield make.replace(scaler, high, "1", "hpa-bounds-sane", "field-values-valid", value=1, at=near)
        yield make.replace(scaler, ("spec", "scaleTargetRef", "name"), "nobody", "hpa-targets-workload")
        near = tuple(spot(scaler, "spec", "scaleTargetRef", key) for key in ("name", "kind", "apiVersion"))
        yield make.replace(scaler, ("spec", "scaleTargetRef", "kind"), "StatefulSet", "hpa-targets-workload", at=near)
        for reference in world.graph.references_by_source[scaler]:
            target = reference.target
            if reference.relation is Relation.SCALES and target is not None:
                floor = (spot(target, "spec", "replicas"), spot(target, "metadata", "name"))
                yield make.drop(scaler, "min-replicas", at=floor)
                yield make.drop(target, "hpa-targets-workload", at=(spot(scaler, "spec", "scaleTargetRef", "name"),))
                fixed = (spot(target, "spec", "replicas"),)
                yield make.add(
                    target, ("spec", "selector"), "replicas", "4", 4, "replicas-not-fixed-under-autoscaler", at=fixed
                )


def services(world: World) -> Iterator[Mutant]:
    """Services without pods or ports, gone, or open to the world."""
    make = Maker(world, "Services")
    named_by: dict[Resource, list[Place]] = {}
    for need in world.graph.needs:
        if need.service is not None:
            named_by.setdefault(need.service, []).append(need.place)
    for reference in world.graph.references:
        if reference.kind == "Service" and reference.target is not None:
            named_by.setdefault(reference.target, []).append(reference.place)
    for service in world.graph.index.of_kind("Service", ""):
        selector = ("spec", "selector")
        for key in mapping(service.spec.get("selector")):
            near = (spot(service, *selector), spot(service, *selector, key))
            yield make.replace(service, (*selector, key), "other", "service-has-endpoints", at=near)
        uses = named_by.get(service, [])
        mentions = tuple(spot(place.resource, *place.path) for place in uses)
        mentions += tuple(
            spot(place.resource, *place.path[:-1], *more)
            for place in uses
            for more in (("port", "name"), ("port", "number"), ("port",), ("name",))
        )
        rules = ("service-reference-exists", "ingress-backend-exists", "stateful-service-exists")
        if uses:
            yield make.drop(service, *rules, at=mentions)
            yield make.replace(service, ("metadata", "name"), "renamed", *rules, at=mentions)
        for index, port in enumerate(sequence(service.spec.get("ports"))):
            path = ("spec", "ports", index)
            near = (spot(service, *path, "targetPort"), spot(service, *path, "name"), spot(service, *path))
            if isinstance(port.get("targetPort"), str):
                yield make.replace(service, (*path, "targetPort"), "nowhere", "service-has-endpoints", at=near)
            dialled = service.spec.get("clusterIP") != "None"
            if dialled and any(_dials(need, service, port) for need in world.graph.needs):
                yield make.replace(service, (*path, "port"), "4242", *rules[:2], value=4242, at=mentions)
        if "type" in service.spec and service.spec.get("clusterIP") != "None":
            near = (spot(service, "spec", "type"),)
            rule = ("datastore-not-exposed", "service-exposure-intended", "admin-port-not-exposed")
            yield make.replace(service, ("spec", "type"), "LoadBalancer", *rule, at=near)
            yield make.replace(service, ("spec", "type"), "NodePort", *rule, at=near)
        yield make.add(
            service,
            selector,
            "externalIPs",
            '["203.0.113.9"]',
            ["203.0.113.9"],
            "service-external-ips",
            at=(spot(service, "spec", "externalIPs"), spot(service, "spec", "externalIPs", 0)),
        )


def _dials(need: Need, service: Resource, port: dict[str, Any]) -> bool:
    """Tell whether somebody calls a port of a Service by its number."""
    return isinstance(need.source, Workload) and need.service is service and need.port == port.get("port")


def governing(world: World) -> Iterator[Mutant]:
    """StatefulSets under a Service that is not there."""
    make = Maker(world, "Services")
    for resource in world.graph.index.of_kind("StatefulSet", "apps"):
        if "serviceName" in resource.spec:
            yield make.replace(resource, ("spec", "serviceName"), "nowhere", "stateful-service-exists")


def entry_points(world: World) -> Iterator[Mutant]:
    """Entry points without TLS, certificate, redirect, limits, host or backend."""
    make = Maker(world, "entry points")
    for ingress in world.graph.index.of_kind("Ingress", "networking.k8s.io"):
        hosts = tuple(
            spot(ingress, "spec", "rules", index, "host") for index, _ in enumerate(sequence(ingress.spec.get("rules")))
        )
        name = (spot(ingress, "metadata", "name"), spot(ingress, "spec", "tls"))
        yield make.remove(ingress, ("spec", "tls"), "ingress-tls", at=(*hosts, *name))
        for index, entry in enumerate(sequence(ingress.spec.get("tls"))):
            path = ("spec", "tls", index)
            secret = (spot(ingress, *path, "secretName"), *name)
            yield make.replace(ingress, (*path, "hosts", 0), "other.example.com", "ingress-tls", at=(*hosts, *name))
            yield make.remove(ingress, (*path, "hosts"), "tls-secret-provided", "ingress-tls", at=(*secret, *hosts))
            if "secretName" in entry:
                yield make.remove(
                    ingress,
                    (*path, "secretName"),
                    "tls-secret-provided",
                    "ingress-tls",
                    at=(*secret, *hosts, spot(ingress, *path)),
                )
        for key in ingress.annotations:
            path = ("metadata", "annotations", key)
            near = (spot(ingress, *path), spot(ingress, "metadata", "annotations"), spot(ingress, "metadata", "name"))
            if key.startswith("cert-manager.io/"):
                secrets = tuple(spot(ingress, "spec", "tls", index, "secretName") for index in range(9))
                yield make.remove(ingress, path, "tls-secret-provided", at=secrets)
            elif key.endswith("/ssl-redirect") and key.replace("ssl", "force-ssl") not in ingress.annotations:
                yield make.replace(ingress, path, '"false"', "ingress-redirects-https", value="false", at=near)
            elif key.endswith("/limit-rps"):
                renamed = key.replace("limit-rps", "rate-limit")
                at = (spot(ingress, "metadata", "annotations", renamed),)
                yield make.rename(ingress, path, renamed, "ingress-annotation-known", at=at)
        yield make.add(
            ingress,
            ("metadata", "labels"),
            "finalizers",
            "nowhere",
            "nowhere",
            "schema-valid",
        )
        for index, rule in enumerate(sequence(ingress.spec.get("rules"))):
            host = ("spec", "rules", index, "host")
            near = (spot(ingress, *host), spot(ingress, "spec", "rules", index), *name)
            yield make.replace(ingress, host, '"*.com"', "ingress-host-explicit", "ingress-tls", value="*.com", at=near)
            for number, entry in enumerate(sequence(mapping(rule.get("http")).get("paths"))):
                backend = ("spec", "rules", index, "http", "paths", number, "backend", "service")
                near = tuple(
                    spot(ingress, *backend, *more)
                    for more in (("name",), ("port", "name"), ("port", "number"), ("port",))
                )
                yield make.replace(ingress, (*backend, "name"), "nowhere", "ingress-backend-exists", at=near)
                for kind in mapping(entry["backend"]["service"]["port"]):
                    new, value = ("4242", 4242) if kind == "number" else ("nowhere", "nowhere")
                    port = (*backend, "port", kind)
                    yield make.replace(ingress, port, new, "ingress-backend-exists", value=value, at=near)
        if world.architecture != "none":
            players = tuple(
                spot(item, *path)
                for item in world.resources
                for path in (("metadata", "name"), ("spec", "type"))
                if item.kind in ("Deployment", "StatefulSet", "Service", "Namespace", "Ingress")
            )
            only = len(world.graph.index.of_kind("Ingress")) == 1
            if only:
                yield make.drop(ingress, "architecture-roles", at=players)


def namespaces(world: World) -> Iterator[Mutant]:
    """Namespaces whose labels no longer hold pods to the standards."""
    make = Maker(world, "namespaces")
    enforce = "pod-security.kubernetes.io/enforce"
    for namespace in world.graph.index.of_kind("Namespace", ""):
        if enforce not in namespace.labels:
            continue
        path = ("metadata", "labels", enforce)
        near = (spot(namespace, *path), spot(namespace, "metadata", "labels"), spot(namespace, "metadata", "name"))
        runs = world.graph.index.workloads_by_namespace.get(namespace.name, ())
        if runs:
            yield make.remove(namespace, path, "namespace-pod-security", at=near)
            yield make.replace(namespace, path, "privileged", "namespace-pod-security", at=near)
            yield make.replace(namespace, path, "restrictive", "namespace-pod-security", "field-values-valid", at=near)


def access(world: World) -> Iterator[Mutant]:
    """Roles that grant too much, bindings that lead nowhere or to everybody."""
    make = Maker(world, "access")
    for kind in ("Role", "ClusterRole"):
        for role in world.graph.index.of_kind(kind):
            for index, rule in enumerate(sequence(role.data.get("rules"))):
                path = ("rules", index)
                for field in ("verbs", "resources", "apiGroups"):
                    if sequence(rule.get(field)) and "resourceNames" not in rule:
                        near = (
                            spot(role, *path),
                            spot(role, *path, field),
                            spot(role, *path, field, 0),
                            spot(role, *path, "verbs", 0),
                            spot(role, *path, "resources", 0),
                        )
                        yield make.replace(role, (*path, field, 0), '"*"', "rbac-least-privilege", value="*", at=near)
                if "resourceNames" in rule and "secrets" in sequence(rule.get("resources")):
                    near = (
                        spot(role, *path),
                        spot(role, *path, "resources"),
                        spot(role, *path, "resources", 0),
                        spot(role, *path, "verbs", 0),
                        spot(role, *path, "verbs"),
                    )
                    yield make.remove(role, (*path, "resourceNames"), "rbac-secrets-scoped", at=near)
                if sequence(rule.get("resources")) and "" in rule["apiGroups"] and "resourceNames" not in rule:
                    near = tuple(
                        spot(role, *path, *more)
                        for more in ((), ("resources",), ("resources", 0), ("verbs",), ("verbs", 0))
                    )
                    yield make.replace(
                        role, (*path, "resources", 0), "secrets", "rbac-secrets-scoped", "rbac-least-privilege", at=near
                    )
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in world.graph.index.of_kind(kind):
            users = (spot(binding, "roleRef", "name"), spot(binding, "subjects", 0, "name"))
            yield make.replace(binding, ("roleRef", "name"), "nowhere", "rbac-references-exist", at=users)
            near = (spot(binding, "roleRef", "name"), spot(binding, "roleRef"), spot(binding, "metadata", "name"))
            if kind == "ClusterRoleBinding":
                yield make.replace(binding, ("roleRef", "name"), "cluster-admin", "rbac-no-cluster-admin", at=near)
            for index, subject in enumerate(sequence(binding.data.get("subjects"))):
                path = ("subjects", index, "name")
                if subject.get("kind") == "ServiceAccount":
                    yield make.replace(binding, path, "nobody", "rbac-references-exist")
                    near = (spot(binding, *path), spot(binding, "subjects", index))
                    yield make.replace(
                        binding, path, "default", "rbac-default-account-unbound", "rbac-references-exist", at=near
                    )
            role = next(
                (
                    item.target
                    for item in world.graph.references_by_source.get(binding, ())
                    if item.relation is Relation.GRANTS
                ),
                None,
            )
            if role is not None:
                yield make.drop(role, "rbac-references-exist", at=users)


GENERATORS = (replicas, autoscalers, services, governing, entry_points, namespaces, access)
