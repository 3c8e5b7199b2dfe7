"""Reports built by hand: one with everything a report can hold, one with nothing to tell."""

from __future__ import annotations

import pytest

from refarch_lint.evaluate.finding import (
    ArchitectureFit,
    Coverage,
    Finding,
    Help,
    ItemVerdict,
    Related,
    Report,
    ResourceRef,
    RoleAssignment,
    RuleOutcome,
    Skipped,
    Suppression,
    Verdict,
)
from refarch_lint.location import Location, Position, Span, TextLine
from refarch_lint.severity import Severity

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: registry.example.org/web:1.4
          env:
            - name: GREETING
              value: "日本語 🚀" # refarch-lint: ignore[greeting-polite] shown to nobody
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: frontend
spec:
  selector:
    app: frontent
  ports:
    - port: 80
"""


def at(file: str, line: int, column: int, end_column: int, end_line: int | None = None) -> Location:
    return Location(file, Span(Position(line, column), Position(end_line or line, end_column)))


FRONTEND = ResourceRef("apps/v1", "Deployment", "shop", "frontend")
SERVICE_REF = ResourceRef("v1", "Service", "shop", "frontend")

MIN_REPLICAS = Finding(
    rule="min-replicas",
    severity=Severity.ERROR,
    message="Deployment/frontend runs 2 replica(s), 3 required by profile production-small",
    resource=FRONTEND,
    path=("spec", "replicas"),
    location=at("k8s/frontend.yaml", 6, 13, 14),
    fingerprint="5d1b0c7e",
)
GREETING = Finding(
    rule="greeting-polite",
    severity=Severity.WARNING,
    message="container web greets without a word of welcome",
    resource=FRONTEND,
    path=("spec", "template", "spec", "containers", 0, "env", 0, "value", TextLine(0)),
    location=at("k8s/frontend.yaml", 14, 22, 29),
    fingerprint="77aa01fe",
    suppressed=Suppression("comment", "shown to nobody", at("k8s/frontend.yaml", 14, 32, 80)),
)
BY_DIGEST = Finding(
    rule="image-by-digest",
    severity=Severity.INFO,
    message="container web takes its image by tag, not by digest",
    resource=FRONTEND,
    path=("spec", "template", "spec", "containers", 0, "image"),
    location=at("k8s/frontend.yaml", 11, 18, 46),
    fingerprint="0b9f11aa",
)
ENDPOINTS = Finding(
    rule="service-has-endpoints",
    severity=Severity.WARNING,
    message="Service/frontend selects no pod",
    resource=SERVICE_REF,
    path=("spec", "selector"),
    location=at("k8s/service.yaml", 6, 3, 11),
    related=(Related("the nearest match is Deployment/frontend", at("k8s/frontend.yaml", 4, 9, 17)),),
    fingerprint="c0ffee00",
)

RULES = (
    Help(
        "greeting-polite",
        "Greetings are polite",
        "documentation",
        Severity.WARNING,
        "Nobody likes to be greeted rudely.",
        "Say welcome.",
        (),
        "documentation.readme",
    ),
    Help(
        "image-by-digest",
        "Images are pinned by digest",
        "security",
        Severity.INFO,
        "A tag can be moved to other bytes.",
        "Write the image as name@sha256:…, which always names the same bytes. Let a bot update it.",
        ("https://kubernetes.io/docs/concepts/containers/images/",),
        "security.image-scanning",
    ),
    Help(
        "min-replicas",
        "Workloads run enough replicas",
        "availability",
        Severity.ERROR,
        "With fewer replicas the loss of one node is an outage.",
        "Raise spec.replicas, e.g. to 3. An autoscaler's minimum counts as well.",
        ("https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",),
        "availability.replicas",
    ),
    Help(
        "service-has-endpoints",
        "Services have pods behind them",
        "availability",
        Severity.WARNING,
        "A Service without endpoints refuses every connection.",
        "Make the selector match the labels of the pod template.",
        (),
        "availability.resilience",
    ),
)

CHECKLIST = (
    ItemVerdict(
        "availability.replicas",
        "availability",
        "At least three replicas for critical components",
        Verdict.FAIL,
        ("1 of 3 workloads runs too few replicas. Deployment/frontend has 2.", "The profile asks for 3."),
        1,
        ("min-replicas",),
    ),
    ItemVerdict(
        "availability.probes",
        "availability",
        "Liveness and readiness probes",
        Verdict.PASS,
        ("4 containers have both probes.",),
        0,
        ("probes-configured",),
    ),
    ItemVerdict(
        "data.restore-tested",
        "data",
        "Restore tested",
        Verdict.ATTESTED,
        ("Restored on 2026-10-01, says ops@example.org; see https://example.org/restore|42.",),
    ),
    ItemVerdict(
        "delivery.rollback",
        "delivery",
        "Rollback possible",
        Verdict.NOT_VERIFIABLE,
        ("no pipeline and no GitOps object in the tree",),
    ),
    ItemVerdict("observability.tracing", "observability", "Distributed tracing", Verdict.NOT_APPLICABLE, ()),
)


@pytest.fixture
def full_report() -> Report:
    """A report in which every field holds something."""
    return Report(
        version="0.1.0",
        profile="production-small",
        kubernetes_version="1.33",
        findings=(MIN_REPLICAS, BY_DIGEST, GREETING, ENDPOINTS),
        rules=RULES,
        outcomes=(
            RuleOutcome("greeting-polite", 0, 0, 1),
            RuleOutcome("image-by-digest", 0, 1, 0),
            RuleOutcome("min-replicas", 2, 1, 0),
            RuleOutcome(
                "service-has-endpoints", 3, 1, 0, ("the pods of Rollout/api are made by a kind that is not known",)
            ),
        ),
        checklist=CHECKLIST,
        architectures=(
            ArchitectureFit("web-app", "k8s", 0.857, False, ("role backup",), ("6 of 7 required roles are played",)),
        ),
        roles=(
            RoleAssignment(
                "web-app",
                "k8s",
                "frontend",
                FRONTEND,
                at("k8s/frontend.yaml", 4, 9, 17),
                "its name is frontend",
            ),
            RoleAssignment(
                "web-app",
                "k8s",
                "cache",
                ResourceRef("apps/v1", "Deployment", "shop", "redis"),
                at("k8s/redis.yaml", 4, 9, 14),
                "image redis",
            ),
        ),
        coverage=Coverage(
            files=12,
            documents=34,
            resources=33,
            skipped=(
                Skipped("chart/templates/a.yaml", "template, not rendered"),
                Skipped("chart/templates/b.yaml", "template, not rendered"),
                Skipped("notes.yaml", "no apiVersion and kind"),
            ),
        ),
        notes=("the configuration names a unit that does not exist: web",),
        sources={
            "k8s/frontend.yaml": tuple(DEPLOYMENT.split("\n")),
            "k8s/service.yaml": tuple(SERVICE.split("\n")),
        },
    )


@pytest.fixture
def empty_report() -> Report:
    """A report of a clean run."""
    return Report(
        version="0.1.0",
        profile="production-small",
        kubernetes_version="1.33",
        findings=(),
        rules=RULES,
        outcomes=(),
        checklist=(),
        architectures=(),
        roles=(),
        coverage=Coverage(1, 2, 2),
    )
