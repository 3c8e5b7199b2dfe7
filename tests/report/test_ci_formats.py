"""The formats of CI services: GitHub commands, GitLab Code Quality, JUnit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from refarch_lint.evaluate.finding import Related, Report
from refarch_lint.location import Location, Position, Span
from refarch_lint.report import REPORTERS, RenderOptions


def rendered(name: str, report: Report) -> str:
    return REPORTERS[name](report, RenderOptions())


def test_github_commands_worst_first(full_report: Report) -> None:
    assert rendered("github", full_report) == (
        "::error title=refarch-lint (min-replicas),file=k8s/frontend.yaml,line=6,col=13,endLine=6,endColumn=14"
        "::Deployment/frontend runs 2 replica(s), 3 required by profile production-small\n"
        "::warning title=refarch-lint (service-has-endpoints),file=k8s/service.yaml,line=6,col=3,endLine=6,endColumn=11"
        "::Service/frontend selects no pod%0Ak8s/frontend.yaml:4:9: the nearest match is Deployment/frontend\n"
        "::notice title=refarch-lint (image-by-digest),file=k8s/frontend.yaml,line=11,col=18,endLine=11,endColumn=46"
        "::container web takes its image by tag, not by digest\n"
        "refarch-lint: 1 error, 1 warning, 1 info; 1 suppressed; 1 not verifiable\n"
    )


def test_github_command_cannot_be_broken_out_of(full_report: Report) -> None:
    finding = replace(
        full_report.findings[0],
        message="100%\r\n::set-output name=x::y",
        location=Location("a,b:c.yaml", Span(Position(1, 1), Position(2, 5))),
    )
    assert rendered("github", replace(full_report, findings=(finding,))).split("\n")[0] == (
        "::error title=refarch-lint (min-replicas),file=a%2Cb%3Ac.yaml,line=1,endLine=2"
        "::100%25%0D%0A::set-output name=x::y"
    )


def test_github_commands_steer_no_terminal(full_report: Report) -> None:
    finding = replace(full_report.findings[0], message="\x1b[31mred\0 \u202etxet")
    line = rendered("github", replace(full_report, findings=(finding,))).split("\n")[0]
    assert line.endswith("::\u241b[31mred\u2400 \ufffdtxet")


@pytest.mark.parametrize("name", ["github", "junit", "markdown"])
def test_of_many_other_places_three_are_shown_and_the_rest_counted(name: str, full_report: Report) -> None:
    finding = next(item for item in full_report.findings if item.related)
    named_in = tuple(
        Related("needs it too", Location(f"k8s/{number}.yaml", Span(Position(1, 1), Position(1, 2))))
        for number in range(400)
    )
    text = rendered(name, replace(full_report, findings=(replace(finding, related=named_in),)))
    assert [number for number in range(400) if f"k8s/{number}.yaml:1:1" in text] == [0, 1, 2]
    assert text.count("and 397 more places") == 1
    few = rendered(name, replace(full_report, findings=(replace(finding, related=named_in[:3]),)))
    assert few.count("needs it too") == 3
    assert "more place" not in few


def test_gitlab_issue(full_report: Report) -> None:
    issues: list[Any] = json.loads(rendered("gitlab", full_report))
    assert [issue["severity"] for issue in issues] == ["major", "info", "minor"]
    fingerprint = issues[0].pop("fingerprint")
    assert len(fingerprint) == 64
    assert issues[0] == {
        "description": "Deployment/frontend runs 2 replica(s), 3 required by profile production-small",
        "check_name": "min-replicas",
        "severity": "major",
        "location": {
            "path": "k8s/frontend.yaml",
            "positions": {"begin": {"line": 6, "column": 13}, "end": {"line": 6, "column": 14}},
        },
    }


def test_gitlab_fingerprints_differ_and_do_not_depend_on_lines(full_report: Report) -> None:
    finding = full_report.findings[0]
    moved = replace(finding, location=Location(finding.location.file, Span(Position(9, 1), Position(9, 2))))
    twice = json.loads(rendered("gitlab", replace(full_report, findings=(finding, moved))))
    assert twice[0]["fingerprint"] != twice[1]["fingerprint"]
    once = json.loads(rendered("gitlab", replace(full_report, findings=(moved,))))
    assert once[0]["fingerprint"] == twice[0]["fingerprint"]


def test_gitlab_without_findings(empty_report: Report) -> None:
    assert rendered("gitlab", empty_report) == "[]\n"


def test_junit(full_report: Report) -> None:
    root = ElementTree.fromstring(rendered("junit", full_report))
    assert root.attrib == {"name": "refarch-lint", "tests": "3", "failures": "3", "errors": "0"}
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("k8s/frontend.yaml", "2"),
        ("k8s/service.yaml", "1"),
    ]
    case = root[1][0]
    assert case.attrib == {
        "name": "refarch-lint.service-has-endpoints",
        "classname": "k8s/service.yaml",
        "line": "6",
        "column": "3",
    }
    assert case[0].attrib == {"message": "Service/frontend selects no pod", "type": "warning"}
    assert case[0].text == (
        "k8s/service.yaml:6:3: Service/frontend selects no pod\n"
        "k8s/frontend.yaml:4:9: the nearest match is Deployment/frontend"
    )


def test_junit_without_findings_has_a_case_that_passed(empty_report: Report) -> None:
    root = ElementTree.fromstring(rendered("junit", empty_report))
    assert root.attrib == {"name": "refarch-lint", "tests": "1", "failures": "0", "errors": "0"}
    assert [list(case) for case in root.iter("testcase")] == [[]]


def test_junit_takes_any_text(full_report: Report) -> None:
    finding = replace(full_report.findings[0], message="\x00\x1b<&\"'\ufffe]]>")
    root = ElementTree.fromstring(rendered("junit", replace(full_report, findings=(finding,))))
    failure = next(root.iter("failure"))
    assert failure.get("message") == "␀␛<&\"'\ufffd]]>"
