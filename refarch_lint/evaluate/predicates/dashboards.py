"""Dashboards come from files, so that a lost Grafana is drawn again by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.demands import attestation
from refarch_lint.evaluate.predicates.log_collection import installer
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import KUSTOMIZE, Resource, mapping, sequence
from refarch_lint.regex import regex

_KINDS = (
    ("GrafanaDashboard", "grafana.integreatly.org"),
    ("GrafanaDashboard", "integreatly.org"),
    ("GrafanaManifest", "grafana.integreatly.org"),
    ("Dashboard", "grafana.crossplane.io"),
    ("Dashboard", "oss.grafana.crossplane.io"),
    ("PersesDashboard", "perses.dev"),
    ("DatadogDashboard", "datadoghq.com"),
)
_LABEL = regex(r"grafana[-_.]?dashboard|dashboard[-_.]?grafana", re.IGNORECASE)
_PANELS = regex(r'"(?:panels|rows)"\s*:\s*\[')
_INSTALLED = ("grafana", "prometheus", "monitoring", "loki")


def provisioned(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A ConfigMap or an object of the tree holds a dashboard; asked once for a unit."""
    running = [workload for workload in subject.members if not workload.runs_to_completion]
    if (attested := attestation(context)) is not None:
        yield attested
    elif not running:
        yield NotApplicable("nothing runs throughout")
    elif not any(_is_dashboard(resource) for resource in context.run.shared.resources):
        grafana = next(iter(context.roles.with_trait("dashboards")), None)
        if release := installer(context, _INSTALLED):
            yield Unverifiable(f"{release} may bring dashboards")
        elif grafana is not None:
            text = f"{grafana} is provisioned with no dashboard: {_looked_for()}"
            yield Fault(text, Place(grafana, ("metadata", "name")))
        else:
            more = " and the other workloads" if len(running) > 1 else ""
            text = f"no dashboard shows {running[0]}{more}: {_looked_for()}"
            yield Fault(text, Place(running[0].resource, ("metadata", "name")))


def _looked_for() -> str:
    return "the tree has no ConfigMap with a dashboard and no GrafanaDashboard"


def _is_dashboard(resource: Resource) -> bool:
    if (resource.kind, resource.group) in _KINDS:
        return True
    if resource.kind == "ConfigMap" and resource.group == "":
        if any(_LABEL.search(key) for key in (*resource.labels, *resource.annotations)):
            return bool(mapping(resource.data.get("data")) or mapping(resource.data.get("binaryData")))
        texts = mapping(resource.data.get("data")).values()
        return any(isinstance(text, str) and _PANELS.search(text) is not None for text in texts)
    if resource.kind == "Kustomization" and resource.group == KUSTOMIZE:
        for item in sequence(resource.data.get("configMapGenerator")):
            files = [name for name in sequence(mapping(item).get("files")) if isinstance(name, str)]
            if any("dashboard" in name and name.endswith(".json") for name in files):
                return True
    return False
