"""SARIF: valid by the official schema, and what GitHub code scanning asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from refarch_lint.evaluate.finding import Finding, Help, Related, Report
from refarch_lint.location import Location, Position, Span
from refarch_lint.report import REPORTERS, RenderOptions
from refarch_lint.report.formats import sarif
from refarch_lint.severity import Severity

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def run(report: Report, **options: bool) -> Any:
    log = json.loads(REPORTERS["sarif"](report, RenderOptions(**options)))  # type: ignore[arg-type]
    VALIDATOR.validate(log)
    return log["runs"][0]


def with_finding(report: Report, **changes: Any) -> Any:
    finding = replace(report.findings[0], **changes)
    return run(replace(report, findings=(finding,)))["results"][0]


def test_schema_refuses_what_is_wrong(full_report: Report) -> None:
    log = json.loads(REPORTERS["sarif"](full_report, RenderOptions()))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not VALIDATOR.is_valid(log)


def test_empty_report_has_results_and_rules(empty_report: Report) -> None:
    shown = run(empty_report)
    assert shown["results"] == []
    assert [rule["id"] for rule in shown["tool"]["driver"]["rules"]] == [rule.id for rule in empty_report.rules]


def test_result(full_report: Report) -> None:
    assert run(full_report)["results"][2] == {
        "ruleId": "service-has-endpoints",
        "ruleIndex": 3,
        "level": "warning",
        "message": {
            "text": "Service/frontend selects no pod. See [the nearest match is Deployment/frontend](1)."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "k8s/service.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 6, "startColumn": 3, "endLine": 6, "endColumn": 11},
                },
                "logicalLocations": [
                    {"name": "frontend", "fullyQualifiedName": "shop/Service/frontend", "kind": "resource"}
                ],
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {
                    "artifactLocation": {"uri": "k8s/frontend.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 4, "startColumn": 9, "endLine": 4, "endColumn": 17},
                },
                "message": {"text": "the nearest match is Deployment/frontend"},
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": "9833fce511b24e33:1",
            "refarchLint/v1": "c0ffee00",
        },
        "properties": {"path": "spec.selector"},
    }  # fmt: skip


def test_rule_descriptor(full_report: Report) -> None:
    rule = run(full_report)["tool"]["driver"]["rules"][1]
    assert rule == {
        "id": "image-by-digest",
        "name": "ImageByDigest",
        "shortDescription": {"text": "Images are pinned by digest."},
        "fullDescription": {"text": "A tag can be moved to other bytes."},
        "help": {
            "text": "Write the image as name@sha256:…, which always names the same bytes. Let a bot update it.\n\n"
            "A tag can be moved to other bytes.\n\nhttps://kubernetes.io/docs/concepts/containers/images/",
            "markdown": "**Images are pinned by digest** (`image-by-digest`)\n\n### What to do\n\n"
            "Write the image as name@sha256:…, which always names the same bytes. Let a bot update it.\n\n"
            "### Why\n\nA tag can be moved to other bytes.\n\n### References\n\n"
            "- <https://kubernetes.io/docs/concepts/containers/images/>\n\n"
            "Checklist item: `security.image-scanning`",
        },
        "defaultConfiguration": {"level": "note"},
        "properties": {
            "tags": ["security", "security.image-scanning", "kubernetes"],
            "precision": "high",
            "problem.severity": "recommendation",
            "security-severity": "2.0",
        },
        "helpUri": "https://kubernetes.io/docs/concepts/containers/images/",
    }


def test_only_security_rules_have_a_security_severity(full_report: Report) -> None:
    rules = run(full_report)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules if "security-severity" in rule["properties"]] == ["image-by-digest"]


def test_rules_are_sorted_and_indexed(full_report: Report) -> None:
    shown = run(replace(full_report, rules=tuple(reversed(full_report.rules))))
    ids = [rule["id"] for rule in shown["tool"]["driver"]["rules"]]
    assert ids == sorted(ids)
    assert all(ids[result["ruleIndex"]] == result["ruleId"] for result in shown["results"])


def test_run_properties(full_report: Report) -> None:
    shown = run(full_report)
    assert shown["columnKind"] == "unicodeCodePoints"
    assert shown["automationDetails"] == {"id": "refarch-lint/"}
    assert shown["invocations"][0]["executionSuccessful"] is True
    assert shown["invocations"][0]["toolExecutionNotifications"][2] == {
        "level": "note",
        "message": {"text": "Skipped notes.yaml: no apiVersion and kind."},
    }
    assert shown["tool"]["driver"]["semanticVersion"] == "0.1.0"


def test_development_version_is_no_semantic_version(full_report: Report) -> None:
    driver = run(replace(full_report, version="0.2.0.dev3+g1"))["tool"]["driver"]
    assert driver["version"] == "0.2.0.dev3+g1"
    assert "semanticVersion" not in driver


def test_suppressed_results_are_left_out(full_report: Report) -> None:
    assert [result["ruleId"] for result in run(full_report)["results"]] == [
        "min-replicas",
        "image-by-digest",
        "service-has-endpoints",
    ]


def test_suppressed_results_on_demand(full_report: Report) -> None:
    result = run(full_report, sarif_suppressed=True)["results"][2]
    assert result["suppressions"] == [
        {
            "kind": "inSource",
            "status": "accepted",
            "justification": "shown to nobody",
            "location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": "k8s/frontend.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 14, "startColumn": 32, "endLine": 14, "endColumn": 80},
                }
            },
        }
    ]


def test_an_absolute_path_has_no_base(full_report: Report) -> None:
    place = full_report.findings[0].location._replace(file="/srv/k8s/a b.yaml")
    result = with_finding(full_report, location=place, related=())
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file:///srv/k8s/a%20b.yaml"}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("k8s/a b.yaml", "k8s/a%20b.yaml"),
        ("./k8s/é#1%.yaml", "k8s/%C3%A9%231%25.yaml"),
        ("a:b/c.yaml", "a%3Ab/c.yaml"),
        ("../up.yaml", "../up.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_paths_are_percent_encoded(full_report: Report, file: str, uri: str) -> None:
    result = with_finding(full_report, location=Location(file, Span(Position(1, 1), Position(1, 2))))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_brackets_that_look_like_a_link_are_escaped(full_report: Report) -> None:
    place = full_report.findings[0].location
    result = with_finding(
        full_report, message="see [x](1) and containers[0]", related=(Related("env[0] of \\x", place),)
    )
    assert result["message"]["text"] == r"see \[x](1) and containers[0]. See [env\[0\] of \\x](1)."


def test_every_other_place_is_there_though_the_message_links_ten(full_report: Report) -> None:
    place = full_report.findings[0].location
    result = with_finding(full_report, message="nothing provides it", related=(Related("named here", place),) * 30)
    assert len(result["relatedLocations"]) == 30
    links = ", ".join(f"[named here]({number})" for number in range(1, 11))
    assert result["message"]["text"] == f"nothing provides it. See {links}, and 20 more places."


def test_file_without_lines_has_no_line_hash(full_report: Report) -> None:
    result = run(replace(full_report, sources={}))["results"][0]
    assert result["partialFingerprints"] == {"refarchLint/v1": "5d1b0c7e"}


def test_rule_that_is_not_described_still_validates(full_report: Report) -> None:
    report = replace(full_report, rules=())
    rule = run(report)["tool"]["driver"]["rules"][0]
    assert rule["id"] == "greeting-polite"
    assert rule["fullDescription"]["text"]


def test_descriptions_fit(full_report: Report) -> None:
    long = Help("x" * 300, "t" * 2000, "data", Severity.INFO, "r" * 2000, "", (), "")
    rule = run(replace(full_report, findings=(), rules=(long,)))["tool"]["driver"]["rules"][0]
    assert len(rule["shortDescription"]["text"]) == 1024
    assert len(rule["fullDescription"]["text"]) == 1024
    assert len(rule["name"]) == 255


def test_too_many_results_keep_the_worst(full_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    shown = run(full_report)
    assert [result["level"] for result in shown["results"]] == ["error", "warning"]
    assert shown["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"] == (
        "Left out 1 of 3 results, the least severe: GitHub accepts 2."
    )


def test_no_source_line_is_in_the_log(full_report: Report) -> None:
    masked = {file: tuple(line and "masked" for line in lines) for file, lines in full_report.sources.items()}
    plain = REPORTERS["sarif"](full_report, RenderOptions())
    assert "registry.example.org" not in plain
    assert "registry.example.org" not in REPORTERS["sarif"](replace(full_report, sources=masked), RenderOptions())


def test_finding_about_a_file(full_report: Report) -> None:
    finding: Finding = replace(full_report.findings[0], resource=None, path=(), fingerprint="")
    result = run(replace(full_report, findings=(finding,), sources={}))["results"][0]
    assert "logicalLocations" not in result["locations"][0]
    assert "properties" not in result
    assert "partialFingerprints" not in result
