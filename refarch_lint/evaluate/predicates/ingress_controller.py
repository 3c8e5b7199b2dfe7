"""Which controller serves an Ingress, and how each of them redirects to HTTPS and limits rates."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from refarch_lint.evaluate.predicates.ingress_nginx import PREFIX, RATE_LIMITS
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource, dig


class Controller(StrEnum):
    """Ingress controllers whose annotations are understood."""

    NGINX = "ingress-nginx"
    TRAEFIK = "Traefik"
    ALB = "AWS Load Balancer Controller"
    GCE = "GKE Ingress"
    HAPROXY = "HAProxy"
    KONG = "Kong"
    APPGW = "Azure Application Gateway"
    OTHER = "another controller"


_BY_CONTROLLER: Final = {
    "k8s.io/ingress-nginx": Controller.NGINX,
    "traefik.io/ingress-controller": Controller.TRAEFIK,
    "ingress.k8s.aws/alb": Controller.ALB,
    "k8s.io/ingress-gce": Controller.GCE,
    "haproxy.org/ingress-controller": Controller.HAPROXY,
    "ingress-controllers.konghq.com/kong": Controller.KONG,
    "azure/application-gateway": Controller.APPGW,
}
_BY_CLASS: Final = {
    "nginx": Controller.NGINX,
    "ingress-nginx": Controller.NGINX,
    "traefik": Controller.TRAEFIK,
    "alb": Controller.ALB,
    "gce": Controller.GCE,
    "gce-internal": Controller.GCE,
    "haproxy": Controller.HAPROXY,
    "kong": Controller.KONG,
    "azure-application-gateway": Controller.APPGW,
    "azure/application-gateway": Controller.APPGW,
    "cilium": Controller.OTHER,
    "contour": Controller.OTHER,
    "istio": Controller.OTHER,
}
_BY_PREFIX: Final = (
    (PREFIX, Controller.NGINX),
    ("traefik.ingress.kubernetes.io/", Controller.TRAEFIK),
    ("alb.ingress.kubernetes.io/", Controller.ALB),
    ("networking.gke.io/", Controller.GCE),
    ("haproxy.org/", Controller.HAPROXY),
    ("konghq.com/", Controller.KONG),
    ("appgw.ingress.kubernetes.io/", Controller.APPGW),
    ("nginx.org/", Controller.OTHER),
)

#: Annotations that limit rates under controllers other than ingress-nginx, or hand that over to something that does.
_RATE_LIMITS: Final = {
    Controller.TRAEFIK: ("traefik.ingress.kubernetes.io/router.middlewares",),
    Controller.ALB: ("alb.ingress.kubernetes.io/wafv2-acl-arn", "alb.ingress.kubernetes.io/waf-acl-id"),
    Controller.HAPROXY: ("haproxy.org/rate-limit-requests",),
    Controller.KONG: ("konghq.com/plugins",),
    Controller.APPGW: ("appgw.ingress.kubernetes.io/waf-policy-for-path",),
}


class Answer(NamedTuple):
    """Whether something is so (None where it cannot be told), why in words, and the annotation that decides."""

    holds: bool | None
    reason: str = ""
    annotation: str = ""


def class_of(resource: Resource) -> str:
    """Return the class of an Ingress, by its field or its old annotation; empty where it has none."""
    name = resource.spec.get("ingressClassName")
    return name if isinstance(name, str) and name else resource.annotations.get("kubernetes.io/ingress.class", "")


def controller_of(resource: Resource, graph: ResourceGraph) -> Controller | None:
    """Return the controller that serves an Ingress: by its class, else by the annotations that it carries."""
    name = class_of(resource)
    declared = graph.index.find("networking.k8s.io", "IngressClass", "", name) if name else None
    if declared is not None:
        return _BY_CONTROLLER.get(str(declared.spec.get("controller")), Controller.OTHER)
    if name in _BY_CLASS:
        return _BY_CLASS[name]
    for prefix, controller in _BY_PREFIX:
        if any(key.startswith(prefix) for key in resource.annotations):
            return controller
    return None


def redirects(resource: Resource, graph: ResourceGraph) -> Answer:
    """Tell whether plain HTTP requests to an Ingress with TLS are sent to HTTPS."""
    controller = controller_of(resource, graph)
    if controller is None or controller not in _REDIRECTS:
        return Answer(None, f"it is not known how {controller or 'the controller'} of {resource} redirects")
    return _REDIRECTS[controller](resource, graph)


def limits_rates(resource: Resource, graph: ResourceGraph) -> Answer:
    """Tell whether an Ingress or Gateway limits how much one client may ask for."""
    if resource.kind != "Ingress":
        return _policies_limit(resource, graph)
    controller = controller_of(resource, graph)
    if controller is Controller.NGINX:
        limited = any(f"{PREFIX}{name}" in resource.annotations for name in RATE_LIMITS)
        return Answer(limited, "it has none of limit-rps, limit-rpm and limit-connections", f"{PREFIX}limit-rps")
    if controller in (Controller.HAPROXY, Controller.KONG):
        names = _RATE_LIMITS[controller]
        return Answer(any(name in resource.annotations for name in names), f"it has no {names[0]}", names[0])
    if controller is not None and any(name in resource.annotations for name in _RATE_LIMITS.get(controller, ())):
        return Answer(True)
    return Answer(None, f"it is not known whether {controller or 'the controller'} of {resource} limits rates")


def _policies_limit(gateway: Resource, graph: ResourceGraph) -> Answer:
    """Answer for a Gateway, whose API leaves rates to policies of its implementation."""
    for policy in (*graph.index.of_kind("RateLimitPolicy"), *graph.index.of_kind("BackendTrafficPolicy")):
        if policy.kind == "RateLimitPolicy" or policy.spec.get("rateLimit"):
            return Answer(True)
    return Answer(None, f"the Gateway API has no rate limit; no policy of the tree shows one for {gateway}")


def _nginx(resource: Resource, _: ResourceGraph) -> Answer:
    switched_off = resource.annotations.get(f"{PREFIX}ssl-redirect") == "false"
    forced = resource.annotations.get(f"{PREFIX}force-ssl-redirect") == "true"
    return Answer(forced or not switched_off, "ssl-redirect is false", f"{PREFIX}ssl-redirect")


def _traefik(resource: Resource, graph: ResourceGraph) -> Answer:
    prefix = "traefik.ingress.kubernetes.io/router."
    entries = resource.annotations.get(f"{prefix}entrypoints", "")
    if entries and all("secure" in entry for entry in entries.split(",")):
        return Answer(True)
    middlewares = resource.annotations.get(f"{prefix}middlewares", "")
    for named in middlewares.split(","):
        for middleware in graph.index.of_kind("Middleware"):
            full = f"{middleware.namespace}-{middleware.name}@kubernetescrd"
            if named.strip() == full and dig(middleware.spec, "redirectScheme", "scheme") == "https":
                return Answer(True)
    return Answer(None, f"the entry points of {Controller.TRAEFIK} may redirect; {resource} does not show it")


def _alb(resource: Resource, _: ResourceGraph) -> Answer:
    prefix = "alb.ingress.kubernetes.io/"
    listens = resource.annotations.get(f"{prefix}listen-ports", "")
    has_redirect = f"{prefix}ssl-redirect" in resource.annotations or any(
        key.startswith(f"{prefix}actions.") and "redirect" in value for key, value in resource.annotations.items()
    )
    listens_to_http = '"HTTP"' in listens
    return Answer(has_redirect or not listens_to_http, "it has no ssl-redirect", f"{prefix}listen-ports")


def _gce(resource: Resource, graph: ResourceGraph) -> Answer:
    if resource.annotations.get("kubernetes.io/ingress.allow-http") == "false":
        return Answer(True)
    key = "networking.gke.io/v1beta1.FrontendConfig"
    named = resource.annotations.get(key)
    if named is None:
        return Answer(False, "it names no FrontendConfig that redirects", key)
    found = graph.index.find("networking.gke.io", "FrontendConfig", resource.namespace, named)
    if found is None:
        return Answer(None, f"FrontendConfig/{named} is not in the tree")
    return Answer(
        dig(found.spec, "redirectToHttps", "enabled") is True, f"FrontendConfig/{named} does not redirect", key
    )


def _haproxy(resource: Resource, _: ResourceGraph) -> Answer:
    key = "haproxy.org/ssl-redirect"
    return Answer(resource.annotations.get(key) != "false", "ssl-redirect is false", key)


def _kong(resource: Resource, _: ResourceGraph) -> Answer:
    key = "konghq.com/protocols"
    return Answer(resource.annotations.get(key) == "https", "konghq.com/protocols is not https", key)


def _appgw(resource: Resource, _: ResourceGraph) -> Answer:
    key = "appgw.ingress.kubernetes.io/ssl-redirect"
    return Answer(resource.annotations.get(key) == "true", "ssl-redirect is not true", key)


_REDIRECTS: Final[dict[Controller, Callable[[Resource, ResourceGraph], Answer]]] = {
    Controller.NGINX: _nginx,
    Controller.TRAEFIK: _traefik,
    Controller.ALB: _alb,
    Controller.GCE: _gce,
    Controller.HAPROXY: _haproxy,
    Controller.KONG: _kong,
    Controller.APPGW: _appgw,
}
