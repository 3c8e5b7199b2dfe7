"""The JSON report: valid by its schema, complete, the same on every run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from refarch_lint.evaluate.finding import Report
from refarch_lint.report import REPORTERS, RenderOptions

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text("utf-8"))


def document(report: Report) -> Any:
    return json.loads(REPORTERS["json"](report, RenderOptions()))


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_valid_by_its_schema(full_report: Report, empty_report: Report) -> None:
    for report in (full_report, empty_report):
        jsonschema.Draft202012Validator(SCHEMA).validate(document(report))


@pytest.mark.parametrize("key", ["severity", "location", "resource", "suppressed"])
def test_schema_demands_every_field_of_a_finding(full_report: Report, key: str) -> None:
    changed = document(full_report)
    del changed["findings"][0][key]
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(changed)


def test_schema_refuses_unknown_fields(full_report: Report) -> None:
    changed = document(full_report)
    changed["findings"][0]["colour"] = "red"
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(changed)


def test_schema_documents_every_property() -> None:
    def undocumented(node: Any, path: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        missing = [
            f"{path}.{name}"
            for name, value in node.get("properties", {}).items()
            if "description" not in value and "$ref" not in value and node.get("required") != VERDICTS
        ]
        return missing + [found for key, value in node.items() for found in undocumented(value, f"{path}.{key}")]

    assert undocumented(SCHEMA, "") == []


VERDICTS = ["pass", "fail", "not applicable", "not verifiable", "attested"]


def test_finding(full_report: Report) -> None:
    assert document(full_report)["findings"][3] == {
        "rule": "service-has-endpoints",
        "severity": "warning",
        "message": "Service/frontend selects no pod",
        "resource": {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "frontend"},
        "path": "spec.selector",
        "location": {"file": "k8s/service.yaml", "line": 6, "column": 3, "endLine": 6, "endColumn": 11},
        "related": [
            {
                "message": "the nearest match is Deployment/frontend",
                "location": {"file": "k8s/frontend.yaml", "line": 4, "column": 9, "endLine": 4, "endColumn": 17},
            }
        ],
        "fingerprint": "c0ffee00",
        "suppressed": None,
    }


def test_suppressed_finding(full_report: Report) -> None:
    finding = document(full_report)["findings"][2]
    assert finding["path"] == "spec.template.spec.containers[0].env[0].value(line 1)"
    assert finding["suppressed"] == {
        "source": "comment",
        "reason": "shown to nobody",
        "location": {"file": "k8s/frontend.yaml", "line": 14, "column": 32, "endLine": 14, "endColumn": 80},
    }


def test_finding_about_a_file(full_report: Report) -> None:
    report = replace(full_report, findings=(replace(full_report.findings[0], resource=None, path=()),))
    jsonschema.Draft202012Validator(SCHEMA).validate(document(report))
    finding = document(report)["findings"][0]
    assert (finding["resource"], finding["path"]) == (None, "")


def test_summary(full_report: Report) -> None:
    summary = document(full_report)["summary"]
    assert {key: summary[key] for key in list(summary)[:6]} == {
        "findings": 3,
        "error": 1,
        "warning": 1,
        "info": 1,
        "suppressed": 1,
        "unverifiable": 1,
    }
    assert summary["checklist"] == dict.fromkeys(VERDICTS, 1)
    assert summary["sections"]["availability"] == dict(zip(VERDICTS, (1, 1, 0, 0, 0), strict=True))
    assert list(summary["sections"]) == ["availability", "data", "delivery", "observability"]


def test_rule_without_outcome_counts_nothing(full_report: Report) -> None:
    report = replace(full_report, outcomes=())
    assert document(report)["rules"][2] == {
        "id": "min-replicas",
        "title": "Workloads run enough replicas",
        "section": "availability",
        "checklist": "availability.replicas",
        "severity": "error",
        "passed": 0,
        "failed": 0,
        "suppressed": 0,
        "unverifiable": [],
    }


def test_layout(full_report: Report) -> None:
    text = REPORTERS["json"](full_report, RenderOptions())
    assert text.startswith(
        '{\n  "version": "1",\n  "tool": {\n    "name": "refarch-lint",\n    "version": "0.1.0"\n  },'
    )
    assert text.endswith("\n}\n")


def test_lone_surrogates_can_be_written(full_report: Report) -> None:
    report = replace(full_report, findings=(replace(full_report.findings[0], message="bad \ud83d half"),))
    text = REPORTERS["json"](report, RenderOptions())
    text.encode("utf-8")
    assert json.loads(text)["findings"][0]["message"] == "bad \ufffd half"
