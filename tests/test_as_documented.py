"""The architectures as they are documented: every flaw is found where it is, and nothing else is claimed.

`python tests/as_documented.py --write` writes the expected reports anew; read what changed before accepting it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tests.as_documented import expected_file, report_text
from tests.reference_sets import IDS

#: What a reader of the documentation must be told, by architecture: rule, place, words of the message.
STATED = {
    "web-app": [
        ("pdb-covers-workload", "backend.yaml:18", "Deployment/backend"),
        ("pdb-covers-workload", "frontend.yaml:18", "Deployment/frontend"),
        ("replicas-spread-over-nodes", "backend.yaml:26", "Deployment/backend"),
        ("replicas-spread-over-nodes", "frontend.yaml:26", "Deployment/frontend"),
        ("probes-configured", "redis.yaml:27", "livenessProbe"),
        ("probes-configured", "redis.yaml:27", "readinessProbe"),
        ("cpu-request", "backup.yaml:16", "CronJob/postgres-backup"),
        ("memory-limit", "backup.yaml:16", "CronJob/postgres-backup"),
        ("secret-not-in-manifest", "config.yaml:19", "Secret/db-credentials"),
        ("ingress-annotation-known", "entry-point.yaml:9", "nginx.ingress.kubernetes.io/rate-limit"),
        ("claim-exists", "backup.yaml:42", "backup-pvc"),
        ("namespace-default-deny", "backend.yaml:18", "namespace production"),
        ("datastore-closed", "postgres.yaml:28", "StatefulSet/postgres"),
        ("emptydir-bounded", "redis.yaml:39", "redis-data"),
        ("backup-fails-loudly", "backup.yaml:33", "pg_dump"),
        ("restore-rehearsed", "postgres.yaml:28", "StatefulSet/postgres"),
        ("runbooks-present", "backend.yaml:18", "no runbook"),
    ],
    "microservices": [
        ("probes-configured", "gateway.yaml:15", "readinessProbe"),
        ("probes-configured", "message-queue.yaml:16", "livenessProbe"),
        ("stateful-service-exists", "message-queue.yaml:8", "Service/rabbitmq"),
        ("secret-reference-exists", "message-queue.yaml:21", "Secret/rabbitmq-secret"),
        ("secret-reference-exists", "order-service.yaml:26", "Secret/mongodb-secret"),
        ("secret-reference-exists", "user-service.yaml:40", "Secret/jwt-secret"),
        ("service-reference-exists", "user-service.yaml:35", "user-db:5432"),
        ("service-reference-exists", "order-service.yaml:23", "payment-service:80"),
        ("service-reference-exists", "circuit-breaker.yaml:6", "payment-service"),
        ("circuit-breaker", "circuit-breaker.yaml:11", "consecutiveErrors"),
        ("tracing-configured", "gateway.yaml:5", "Deployment/api-gateway"),
    ],
    "data-pipeline": [
        ("probes-configured", "ingestion.yaml:15", "Deployment/data-ingestion"),
        ("probes-configured", "stream-processing.yaml:15", "Deployment/stream-processor"),
        ("probes-configured", "data-lake.yaml:16", "StatefulSet/minio"),
        ("image-pinned", "data-lake.yaml:17", "minio/minio:latest"),
        ("claim-exists", "stream-processing.yaml:33", "stream-processor-state"),
        ("secret-reference-exists", "data-lake.yaml:23", "Secret/minio-secret"),
        ("stateful-service-exists", "data-lake.yaml:8", "Service/minio"),
        ("service-reference-exists", "ingestion.yaml:21", "kafka:9092"),
        ("template-rendered", "batch-processing.yaml:18", "(.Values.date)"),
        ("datastore-backed-up", "data-lake.yaml:5", "StatefulSet/minio"),
    ],
    "full-stack": [
        ("pod-admitted", "production/backend.yaml:28", "enforces restricted"),
        ("pod-admitted", "production/frontend.yaml:28", "enforces restricted"),
        ("pod-admitted", "production/postgres.yaml:39", "enforces restricted"),
        ("pod-admitted", "production/redis.yaml:27", "enforces restricted"),
        ("pod-admitted", "production/backup.yaml:16", "enforces restricted"),
        ("image-pinned", "monitoring/grafana.yaml:16", "grafana/grafana:latest"),
        ("cpu-request", "monitoring/grafana.yaml:15", "container grafana"),
        ("cpu-request", "backup/full-backup.yaml:14", "CronJob/full-backup"),
        ("alert-receiver-real", "monitoring/alertmanager.yaml:10", "slack_api_url"),
        ("alert-receiver-real", "monitoring/alertmanager.yaml:30", "pagerduty-critical"),
        ("backup-secrets-encrypted", "backup/full-backup.yaml:24", "Secrets in clear text"),
        ("backup-retention", "backup/full-backup.yaml:21", "removes none"),
        ("rbac-secrets-scoped", "production/rbac.yaml:15", "get, list all Secrets"),
        ("service-account-used", "production/rbac.yaml:5", "ServiceAccount/backend-sa"),
        ("flow-allowed", "production/network-policies.yaml:8", "Deployment/backend cannot reach StatefulSet/postgres"),
        ("flow-allowed", "production/network-policies.yaml:8", "Deployment/backend cannot reach Deployment/redis"),
        ("flow-allowed", "production/network-policies.yaml:8", "cannot reach Deployment/frontend"),
        ("flow-allowed", "production/network-policies.yaml:8", "CronJob/postgres-backup cannot reach"),
        ("flow-allowed", "production/network-policies.yaml:8", "CronJob/full-backup of namespace backup cannot reach"),
        ("flow-allowed", "production/network-policies.yaml:19", "Prometheus cannot reach Deployment/backend"),
        ("backup-reaches-datastore", "production/backup.yaml:33", "CronJob/postgres-backup cannot reach"),
        ("backup-reaches-datastore", "backup/full-backup.yaml:21", "CronJob/full-backup"),
        ("dns-allowed", "production/network-policies.yaml:8", "Deployment/frontend"),
        ("dns-allowed", "production/network-policies.yaml:47", "TCP 53"),
        ("policy-peer-intended", "production/network-policies.yaml:45", "k8s-app=kube-dns"),
        ("policy-namespace-label", "production/network-policies.yaml:28", "name=ingress-nginx"),
        ("policy-namespace-label", "production/network-policies.yaml:44", "name=kube-system"),
        ("claim-exists", "production/backup.yaml:42", "backup-pvc"),
        ("claim-exists", "backup/full-backup.yaml:32", "backup-pvc"),
        ("claim-exists", "monitoring/grafana.yaml:38", "grafana-pvc"),
        ("secret-reference-exists", "monitoring/grafana.yaml:22", "Secret/grafana-secret"),
        ("config-reference-exists", "monitoring/grafana.yaml:41", "grafana-datasources"),
        ("config-reference-exists", "monitoring/grafana.yaml:44", "grafana-dashboards"),
        ("gitops-source-pinned", "cicd/application.yaml:11", "HEAD"),
        ("gitops-project-scoped", "cicd/application.yaml:7", "project default"),
        ("pipeline-deploys-declaratively", ".gitlab-ci.yml:21", "kubectl set image"),
        ("pipeline-scans-images", ".gitlab-ci.yml:9", "scans images"),
    ],
}


@cache
def report(architecture: str) -> str:
    return report_text(architecture)


@cache
def expected(architecture: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(expected_file(architecture).read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("architecture", IDS)
def test_the_report_is_the_expected_one(architecture: str) -> None:
    assert report(architecture) == expected_file(architecture).read_text(encoding="utf-8")


@pytest.mark.parametrize("architecture", IDS)
def test_every_flaw_that_is_known_is_among_the_findings(architecture: str) -> None:
    findings = expected(architecture)["findings"]
    missing = [
        (rule, place, words)
        for rule, place, words in STATED[architecture]
        if not any(
            item["rule"] == rule and item["place"].startswith(f"{place}:") and words in item["message"]
            for item in findings
        )
    ]
    assert missing == []


@pytest.mark.parametrize("architecture", IDS)
def test_nothing_is_told_twice(architecture: str) -> None:
    findings = expected(architecture)["findings"]
    keys = [(item["rule"], item["place"], item["message"]) for item in findings]
    assert len(set(keys)) == len(keys)
    assert list(expected(architecture)["architectures"]) == [architecture]
