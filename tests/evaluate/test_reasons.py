"""Why something is not verifiable: the nearest reason, in words that say what would have to be in the tree."""

from __future__ import annotations

import pytest

from tests.evaluate.running import check

CLUSTER = "apiVersion: rabbitmq.com/v1beta1\nkind: RabbitmqCluster\nmetadata: {name: orders, namespace: shop}\n"
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: orders, namespace: shop}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app.kubernetes.io/name: orders}}
"""
MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: orders, namespace: shop}
spec:
  namespaceSelector: {any: true}
  podMetricsEndpoints: [{port: prometheus}]
  selector: {matchLabels: {app: orders}}
"""


@pytest.mark.parametrize(
    ("rule", "files", "reason"),
    [
        (
            "pdb-selects-pods",
            {"cluster.yaml": CLUSTER, "budget.yaml": BUDGET},
            "RabbitmqCluster/orders may make pods that PodDisruptionBudget/orders selects",
        ),
        ("pdb-selects-pods", {"budget.yaml": BUDGET}, "no workload of namespace shop is in the tree"),
        (
            "scrape-target-exists",
            {"monitor.yaml": MONITOR},
            "PodMonitor/orders looks into every namespace, of which the tree has no pods",
        ),
    ],
)
def test_the_nearest_reason_is_given(rule: str, files: dict[str, str], reason: str) -> None:
    report = check(files, "architecture: none", select=(rule,))
    assert [outcome.unverifiable for outcome in report.outcomes if outcome.rule == rule] == [(reason,)]
