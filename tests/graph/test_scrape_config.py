"""Scrape jobs: what they find, what their relabelings keep, and where they are written."""

from __future__ import annotations

from typing import Any

import pytest

from refarch_lint.graph.scrape_config import meta_labels, scrape_jobs
from refarch_lint.model.resource import Resource, resource_of
from refarch_lint.source.document import Document

SCRAPE = "__meta_kubernetes_pod_annotation_prometheus_io_scrape"


def config_map(text: str) -> Resource:
    data = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "p", "namespace": "m"},
        "data": {"p.yml": text},
    }
    found = resource_of(Document("a.yaml", 0, "", 1, data), data, ())
    assert found is not None
    return found


def keeps(rules: str, labels: dict[str, str]) -> bool | None:
    text = (
        f"scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{{role: pod}}]\n    relabel_configs: {rules}\n"
    )
    (job,) = scrape_jobs([config_map(text)])
    return job.keeps(labels)


@pytest.mark.parametrize(
    ("rules", "value", "kept"),
    [
        (f"[{{source_labels: [{SCRAPE}], action: keep, regex: true}}]", "true", True),
        (f"[{{source_labels: [{SCRAPE}], action: keep, regex: 'true'}}]", "false", False),
        (f"[{{source_labels: [{SCRAPE}], action: drop, regex: 'false'}}]", "false", False),
        (f"[{{source_labels: [{SCRAPE}], action: keep, regex: tru}}]", "true", False),
        ("[{source_labels: [__meta_kubernetes_pod_ip], action: keep, regex: '10.*'}]", "true", None),
        (
            f"[{{source_labels: [{SCRAPE}], target_label: x}}, {{source_labels: [x], action: keep, regex: 'true'}}]",
            "true",
            True,
        ),
        (f"[{{source_labels: [{SCRAPE}], action: keep, regex: '('}}]", "true", None),
        ("[]", "", True),
        ("[3, {action: keep}]", "", True),
    ],
)
def test_relabelings(rules: str, value: str, kept: bool | None) -> None:
    assert keeps(rules, {SCRAPE: value}) is kept


def test_a_label_that_is_not_there_is_empty() -> None:
    rule = "[{source_labels: [__meta_kubernetes_pod_label_app], action: keep, regex: '.+'}]"
    assert keeps(rule, {}) is False
    assert keeps(rule, meta_labels("pod", {"app": "x"}, {})) is True


def test_targets_have_their_line() -> None:
    text = "scrape_configs:\n- job_name: a\n  static_configs:\n  - targets:\n    - api.shop:9100\n    - 7\n"
    (job,) = scrape_jobs([config_map(text)])
    (target,) = job.targets
    assert (target.host, target.port, target.place.path[-1]) == ("api.shop", 9100, (4, (6, 19)))


def test_discovery_looks_into_its_namespaces() -> None:
    text = "- job_name: a\n  kubernetes_sd_configs: [{role: pod, namespaces: {names: [shop], own_namespace: true}}]\n"
    (job,) = scrape_jobs([config_map(text)])
    assert [job.finds("pod", namespace) for namespace in ("shop", "m", "other")] == [True, True, False]
    assert not job.finds("endpoints", "shop")


@pytest.mark.parametrize("text", ["scrape_configs: 3", "scrape_configs: [a, null]", "scrape_configs: [", "- job_name"])
def test_what_is_no_configuration(text: str) -> None:
    found: list[Any] = list(scrape_jobs([config_map(text)]))
    assert found == []
