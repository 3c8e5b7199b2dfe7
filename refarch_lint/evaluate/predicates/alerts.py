"""Alerts: some are defined, Prometheus takes them in, and they reach somebody who exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.credentials import is_placeholder
from refarch_lint.evaluate.demands import attestation
from refarch_lint.evaluate.predicates.log_collection import installer, others
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.alert_rules import alerts
from refarch_lint.graph.alertmanager import Integration, Routing, integrations, routes, routings
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.regex import regex

#: Kinds that define alerts beside PrometheusRule, VMRule and rule files.
_OTHER_KINDS: Final = (
    ("Rules", "monitoring.googleapis.com"),
    ("ClusterRules", "monitoring.googleapis.com"),
    ("GlobalRules", "monitoring.googleapis.com"),
    ("AlertingRule", "loki.grafana.com"),
    ("GrafanaAlertRuleGroup", "grafana.integreatly.org"),
    ("DatadogMonitor", "datadoghq.com"),
    ("PrometheusServiceLevel", "sloth.slok.dev"),
)
_INSTALLED = ("prometheus", "monitoring", "victoria", "grafana", "alert")
#: Settings of an integration that say where it sends to or with which key.
_ADDRESS = regex(r"(?:^|_)(?:url|key|token|smarthost|to|room|user_key|chat_id|secret)$|Url$|Key$|Token$|Smarthost$")
_NOWHERE = regex(r"https?://(?:www\.)?(?:example\.(?:com|org|net)|[\w.-]+\.(?:example|invalid))(?:[:/?#]|$)", re.I)

#: What an integration cannot do without: settings of its own (any of them), else a global one.
_NEEDED: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "slack": (
        ("api_url", "api_url_file", "app_token", "app_token_file"),
        ("slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file"),
    ),
    "pagerduty": (("routing_key", "routing_key_file", "service_key", "service_key_file"), ()),
    "webhook": (("url", "url_file"), ()),
    "opsgenie": (("api_key", "api_key_file"), ("opsgenie_api_key", "opsgenie_api_key_file")),
    "victorops": (("api_key", "api_key_file"), ("victorops_api_key", "victorops_api_key_file")),
    "email": (("smarthost",), ("smtp_smarthost",)),
    "discord": (("webhook_url", "webhook_url_file"), ()),
    "msteams": (("webhook_url", "webhook_url_file"), ()),
    "msteamsv2": (("webhook_url", "webhook_url_file"), ()),
    "telegram": (("bot_token", "bot_token_file"), ("telegram_bot_token", "telegram_bot_token_file")),
}  # fmt: skip


def defined(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Alerts are defined, and the Prometheus of the tree takes them in; asked once for a unit."""
    running = [workload for workload in subject.members if not workload.runs_to_completion]
    shared, scraping = context.run.shared, context.run.shared.scraping
    if (attested := attestation(context)) is not None:
        yield attested
        return
    if not running:
        yield NotApplicable("nothing runs throughout")
        return
    found = list(alerts(shared.resources))
    ignored = {
        alert.place.resource: alert.place
        for alert in found
        if alert.place.resource.kind == "PrometheusRule" and not scraping.is_picked_up(alert.place.resource, "rule")
    }
    for resource in ignored:
        prometheus = scraping.prometheuses[0]
        note = Note(f"{prometheus} does not select it", Place(prometheus, ("spec", "ruleSelector")))
        text = f"the alerts of {resource} never fire: no Prometheus of the tree selects it"
        yield Fault(text, Place(resource, ("metadata", "name")), (note,))
    if found or any(scraping.index.of_kind(kind, group) for kind, group in _OTHER_KINDS):
        return
    if release := installer(context, _INSTALLED):
        yield Unverifiable(f"{release} may define alerts")
        return
    candidates = (*context.roles.with_trait("alerting"), *context.roles.with_trait("metrics"), running[0].resource)
    blamed = candidates[0]
    watched = f"{running[0]}{others(running)}"
    text = f"no alert is defined for {watched}: the tree has no PrometheusRule and no rule file with an alert"
    yield Fault(text, Place(blamed, ("metadata", "name")))


def receivers_real(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Alerts are routed to receivers that exist, and those to addresses and keys that do."""
    found = list(routings(subject.resource))
    if not found:
        yield NotApplicable("it routes no alerts")
    for routing in found:
        yield from _routes(routing)
        for integration in integrations(routing):
            yield from _integration(routing, integration)
        if not routing.is_object:
            yield from _global(routing)


def _routes(routing: Routing) -> Iterator[Fault]:
    names = {str(mapping(item).get("name")) for item in sequence(routing.data.get("receivers"))}
    used: set[str] = set()
    for index, route in enumerate(routes(routing)):
        if route.receiver:
            used.add(route.receiver)
            if route.receiver not in names:
                text = f"{routing.resource} routes alerts to receiver {route.receiver}, which it does not define"
                yield Fault(text, routing.place(*route.path, "receiver"))
        elif index == 0 and not routing.is_object:
            yield Fault(f"{routing.resource} has a root route without a receiver", routing.place("route"))
    notifying = {integration.receiver for integration in integrations(routing)}
    if used & names and not used & notifying:
        text = f"{routing.resource} notifies nobody: no receiver that its routes name has an integration"
        yield Fault(text, routing.place("receivers"))


def _integration(routing: Routing, integration: Integration) -> Iterator[Fault]:
    subject = f"{routing.resource}: receiver {integration.receiver}"
    for name, value, path in _settings(integration.settings, integration.path):
        if why := _unreal(name, value):
            yield Fault(f"{subject} notifies nobody: {name} of {integration.kind} {why}", routing.place(*path))
    needed = _NEEDED.get(integration.kind)
    if needed is None or routing.is_object:
        return
    own, fallback = needed
    options = mapping(routing.data.get("global"))
    if not any(integration.settings.get(name) for name in own) and not any(options.get(name) for name in fallback):
        wanted = " or ".join((own[0], *(f"global.{name}" for name in fallback[:1])))
        yield Fault(f"{subject} notifies nobody: {integration.kind} has no {wanted}", routing.place(*integration.path))


def _global(routing: Routing) -> Iterator[Fault]:
    for name, value, path in _settings(mapping(routing.data.get("global")), ("global",)):
        if why := _unreal(name, value):
            yield Fault(f"{routing.resource} notifies nobody: global {name} {why}", routing.place(*path))


def _settings(
    settings: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    for name, value in settings.items():
        if isinstance(name, str) and isinstance(value, str) and _ADDRESS.search(name):
            yield name, value, (*path, name)


def _unreal(name: str, value: str) -> str:
    """Return why a value is no address or key, empty if it may be one; the value itself is never told."""
    if is_placeholder(value, name):
        return "is a placeholder"
    return "is at a host that does not exist" if _NOWHERE.match(value) else ""
