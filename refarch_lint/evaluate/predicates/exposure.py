"""What can be reached from outside the cluster: datastores, doors for administrators, ways round the entry point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.open_services import INTERNAL, OPEN_TYPES, limits_of
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.flow_ends import ENTRANCE_KINDS, arrivals_at_service
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.operator_pods import OperatorPod
from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic_services import service_ports
from refarch_lint.location import Path
from refarch_lint.model.image import parse_image
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.severity import Severity

#: Fields of operators' objects that ask for a Service open to the outside: kind, path, values that do so.
_OPERATOR_EXPOSURE: dict[tuple[str, str], tuple[tuple[Path, tuple[object, ...]], ...]] = {
    ("rabbitmq.com", "RabbitmqCluster"): ((("spec", "service", "type"), OPEN_TYPES),),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): ((("spec", "http", "service", "spec", "type"), OPEN_TYPES),),
    ("postgres-operator.crunchydata.com", "PostgresCluster"): ((("spec", "service", "type"), OPEN_TYPES),),
    ("acid.zalan.do", "postgresql"): (
        (("spec", "enableMasterLoadBalancer"), (True,)),
        (("spec", "enableReplicaLoadBalancer"), (True,)),
    ),
    ("mysql.oracle.com", "InnoDBCluster"): ((("spec", "service", "type"), OPEN_TYPES),),
}

#: Words in port names that mean a door for administrators.
_ADMIN_WORDS = frozenset({"admin", "management", "mgmt", "debug", "pprof", "jmx", "actuator", "dashboard"})

#: Ports by which whoever reaches them commands what listens, and what they are for; a host of Git repositories or
#: files is meant to be reached by SSH.
_COMMAND_PORTS = {
    22: "SSH",
    2222: "SSH",
    2375: "the Docker API",
    3389: "remote desktops",
    5005: "Java debuggers",
    5900: "remote desktops",
    9229: "Node.js debuggers",
    10250: "the kubelet API",
}
_MEANT_FOR_SSH = ("forgejo", "gerrit", "gitea", "gitlab", "gogs", "sftp", "soft-serve")

#: Annotations and middlewares by which an entry point asks who is there.
_AUTHENTICATES = ("auth-url", "auth-type", "auth-secret", "auth-tls", "router.middlewares", "oauth", "oidc", "cognito")

#: Ingress classes whose load balancers send requests to node ports.
_NEEDS_NODE_PORTS = ("gce", "gce-internal", "alb")


def datastore_not_exposed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No Service, route or operator opens a datastore to the outside of the cluster."""
    resource = subject.resource
    if (resource.group, resource.kind) == ("", "Service"):
        kind = resource.spec.get("type")
        stores = _stores(resource, context)
        if kind not in OPEN_TYPES or not resource.spec.get("selector"):
            if stores:
                return
            yield NotApplicable("it leads to no datastore")
            return
        for store in stores:
            limits = limits_of(resource)
            yield Fault(
                f"{resource} of type {kind} opens {store} to the outside{f', {limits}' if limits else ''}",
                Place(resource, ("spec", "type")),
                (Note(f"{store} keeps data", Place(store, ("metadata", "name"))),),
                Severity.WARNING if limits else None,
            )
    elif resource.kind in ENTRANCE_KINDS:
        yield from _routed_stores(resource, context)
    else:
        fields = list(_operator_fields(resource))
        judged = fields or (resource.group, resource.kind) in _OPERATOR_EXPOSURE
        if not judged and "datastore" not in context.roles.traits(resource):
            yield NotApplicable("it opens nothing")
        for path in fields:
            yield Fault(f"{resource} asks its operator to open it to the outside", Place(resource, path))


def _stores(service: Resource, context: RuleContext) -> list[Resource]:
    found = [workload.resource for workload in context.graph.selected(service)]
    found += [item.resource for item in _operated(service, context.graph)]
    wanted = {"datastore", "cache"}
    return [item for item in dict.fromkeys(found) if wanted & context.roles.traits(item)]


def _operated(service: Resource, graph: ResourceGraph) -> Iterator[OperatorPod]:
    selector = mapping(service.spec.get("selector"))
    for item in graph.operator_pods(service.namespace):
        labels = item.pod.label_mapping
        if selector and all(labels.get(key) == value for key, value in selector.items()):
            yield item


def _routed_stores(route: Resource, context: RuleContext) -> Iterator[Outcome]:
    edges = context.graph.outgoing(route, Relation.ROUTES_TO)
    needs = [need for need in context.graph.needs_by_source.get(route, ()) if need.service is not None]
    targets = [(edge.source, edge.target.resource) for edge in edges]
    if not targets:
        targets = [(need.place, need.service) for need in needs if need.service is not None]
    if not targets:
        yield NotApplicable("it routes to nothing that the tree shows")
    for place, service in targets:
        found = _stores(service, context) if service.kind == "Service" else [service]
        for store in found:
            traits = context.roles.traits(store)
            if not {"datastore", "cache"} & traits or "object-store" in traits:
                continue
            yield Fault(
                f"{route} opens {store} to the outside through {service}",
                place,
                (Note(f"{store} keeps data", Place(store, ("metadata", "name"))),),
            )


def _operator_fields(resource: Resource) -> Iterator[Path]:
    for path, values in _OPERATOR_EXPOSURE.get((resource.group, resource.kind), ()):
        if dig(resource.data, *path) in values:  # type: ignore[arg-type]
            yield path
    match resource.group, resource.kind:
        case "postgresql.cnpg.io", "Cluster":
            for index, item in enumerate(sequence(dig(resource.spec, "managed", "services", "additional"))):
                if dig(item, "serviceTemplate", "spec", "type") in OPEN_TYPES:
                    root: Path = ("spec", "managed", "services", "additional", index)
                    yield (*root, "serviceTemplate", "spec", "type")
        case "clickhouse.altinity.com", "ClickHouseInstallation":
            for index, item in enumerate(sequence(dig(resource.spec, "templates", "serviceTemplates"))):
                annotations = mapping(dig(item, "metadata", "annotations"))
                is_internal = any(annotations.get(key) in values for key, values in INTERNAL.items())
                if dig(item, "spec", "type") in OPEN_TYPES and not is_internal:
                    yield ("spec", "templates", "serviceTemplates", index, "spec", "type")
        case "kafka.strimzi.io", "Kafka":
            for index, item in enumerate(sequence(dig(resource.spec, "kafka", "listeners"))):
                listener = mapping(item)
                guarded = listener.get("authentication") and listener.get("tls") is True
                if listener.get("type") in ("nodeport", "loadbalancer", "ingress", "route") and not guarded:
                    yield ("spec", "kafka", "listeners", index, "type")


def admin_port_not_exposed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No door for administrators is open to the outside without anybody asking who is there."""
    resource, graph = subject.resource, context.graph
    if (resource.group, resource.kind) == ("", "Service"):
        if resource.spec.get("type") not in OPEN_TYPES or limits_of(resource):
            yield NotApplicable("it opens nothing to everybody")
            return
        for index, entry in enumerate(sequence(resource.spec.get("ports"))):
            number = mapping(entry).get("port")
            if isinstance(number, int):
                place = Place(resource, ("spec", "ports", index, "port"))
                yield from _admin(resource, resource, number, place, context)
        return
    if any(word in key for key in resource.annotations for word in _AUTHENTICATES):
        return
    needs = [need for need in graph.needs_by_source.get(resource, ()) if need.service is not None]
    if not needs:
        yield NotApplicable("it routes to nothing that the tree shows")
    for need in needs:
        service = need.service
        if service is not None and service.kind == "Service" and need.port is not None:
            yield from _admin(resource, service, need.port, need.place, context)


def _admin(opener: Resource, service: Resource, number: int, place: Place, context: RuleContext) -> Iterator[Outcome]:
    name = next((name for port, _, name in service_ports(service) if port == number), "")
    is_named_so = not _ADMIN_WORDS.isdisjoint(name.lower().split("-"))
    via = f" through {service}" if service is not opener else ""
    arrivals = [(item.port, item.end.resource) for item in arrivals_at_service(service, number, "TCP", context.graph)]
    if is_named_so and not any(target for _, target in arrivals):
        yield Fault(f"{opener} opens port {number}, which is named {name}, to the outside{via}", place)
        return
    for arrived, target in arrivals:
        if target is None:
            continue
        component = context.roles.component(target)
        known = component is not None and arrived in component.admin_ports
        commands = _COMMAND_PORTS.get(arrived) if isinstance(arrived, int) else None
        if commands == "SSH" and _is_meant_for_ssh(target, context):
            commands = None
        if not known and not is_named_so and not commands:
            continue
        what = f"port {arrived} of {target}"
        why = f"for administrators of {component.title}" if known and component else f"named {name}"
        why = f"for {commands}" if commands and not known else why
        yield Fault(
            f"{opener} opens {what}, which is {why}, to the outside{via}",
            place,
            (Note(f"{target} listens there", Place(target, ("metadata", "name"))),),
        )
        return


def _is_meant_for_ssh(target: Resource, context: RuleContext) -> bool:
    workload = context.graph.workload(target)
    images = [parse_image(str(container.data.get("image"))) for container in workload.containers] if workload else []
    return any(image.short_name.startswith(_MEANT_FOR_SSH) for image in images if image)


def exposure_intended(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Beside an entry point no other Service is open to the outside."""
    service, graph = subject.resource, context.graph
    entrances = [item for kind in sorted(ENTRANCE_KINDS) for item in graph.index.of_kind(kind)]
    entrances = [item for item in entrances if item.kind != "Route" or item.group == "route.openshift.io"]
    if not entrances:
        yield NotApplicable("the tree has no entry point that it could go round")
        return
    kind = service.spec.get("type")
    if kind not in OPEN_TYPES:
        return
    targets = [workload.resource for workload in graph.selected(service)]
    traits = frozenset(trait for target in targets for trait in context.roles.traits(target))
    if {"ingress-controller", "gateway"} & traits or _looks_like_entrance(service):
        return
    if {"datastore", "cache"} & traits and context.run.runs("datastore-not-exposed"):
        yield NotApplicable("datastore-not-exposed tells")
        return
    if kind == "NodePort" and _is_behind_cloud_load_balancer(service, graph):
        return
    routed = [edge.source.resource for edge in graph.incoming(service, Relation.ROUTES_TO)]
    beside = routed[0] if routed else entrances[0]
    limits = limits_of(service)
    if limits:
        return
    yield Fault(
        f"{service} of type {kind} is open to the outside beside {beside}, past its TLS, limits and authentication",
        Place(service, ("spec", "type")),
        (Note("the entry point", Place(beside, ("metadata", "name"))),),
    )


def _looks_like_entrance(service: Resource) -> bool:
    words = ("ingress", "gateway", "traefik", "haproxy", "istio", "contour", "envoy", "kong")
    return any(word in service.name for word in words)


def _is_behind_cloud_load_balancer(service: Resource, graph: ResourceGraph) -> bool:
    """Tell whether an Ingress of a provider's own load balancer routes to a Service, which needs its node ports."""
    for edge in graph.incoming(service, Relation.ROUTES_TO):
        ingress = edge.source.resource
        classes = (ingress.spec.get("ingressClassName"), ingress.annotations.get("kubernetes.io/ingress.class"))
        if any(item in _NEEDS_NODE_PORTS for item in classes) or classes == (None, None):
            return True
    return False


def no_external_addresses(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A Service claims no addresses of its own choice."""
    if sequence(subject.resource.spec.get("externalIPs")):
        yield Fault(
            f"{subject.resource} claims externalIPs, by which whoever makes a Service takes over traffic to an address",
            Place(subject.resource, ("spec", "externalIPs")),
        )


def namespace_not_default(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """What belongs together has a namespace of its own rather than the namespace default."""
    if subject.namespace != "default":
        return
    declared = [workload for workload in subject.members if workload.resource.namespace_declared]
    if not declared:
        if any(resource.data.get("namespace") for resource in context.graph.index.of_kind("Kustomization")):
            yield NotApplicable("a kustomization sets the namespace")
            return
        first, more = subject.members[0], len(subject.members) - 1
        yield Fault(
            f"{first} names no namespace{f' (nor {more} more)' if more else ''} "
            "and lands in default unless one is given when it is applied",
            Place(first.resource, ("metadata", "namespace")),
            _too(subject.members[1:]),
            Severity.INFO,
        )
        return
    first, more = declared[0], len(declared) - 1
    yield Fault(
        f"{first} is in namespace default{f', and {more} more' if more else ''}; "
        "it cannot carry the Pod Security level, default deny and quotas of one application",
        Place(first.resource, ("metadata", "namespace")),
        _too(declared[1:]),
    )


def _too(workloads: Iterable[Workload]) -> tuple[Note, ...]:
    return tuple(Note(f"{item} too", Place(item.resource, ("metadata", "namespace"))) for item in workloads)
