"""The text report, held against its exact text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from refarch_lint.evaluate.finding import Coverage, Related, Report
from refarch_lint.location import Location, Position, Span
from refarch_lint.report import REPORTERS, RenderOptions
from refarch_lint.severity import Impact, Severity

FINDINGS = """\
error[min-replicas]: Deployment/frontend runs 2 replica(s), 3 required by profile production-small
 --> k8s/frontend.yaml:6:13
  |
6 |   replicas: 2
  |             ^
  |
  = help: Raise spec.replicas, e.g. to 3.

warning[service-has-endpoints]: Service/frontend selects no pod
 --> k8s/service.yaml:6:3
  |
6 |   selector:
  |   ^^^^^^^^
 ::: k8s/frontend.yaml:4:9
  |
4 |   name: frontend
  |         -------- the nearest match is Deployment/frontend
  |
  = help: Make the selector match the labels of the pod template.

info[image-by-digest] k8s/frontend.yaml:11:18: container web takes its image by tag, not by digest
"""

CONTEXT = """\
Architecture web-app in k8s: fits 85 %, detected
  frontend  Deployment/frontend  k8s/frontend.yaml:4:9  its name is frontend
  cache     Deployment/redis     k8s/redis.yaml:4:9     image redis
  missing: role backup

Section        Item                                  Verdict         Evidence
-------------  ------------------------------------  --------------  -------------------------------
Availability   At least three replicas for critica…  fail            1 of 3 workloads runs too… (+1)
               Liveness and readiness probes         pass            4 containers have both probes.
Data           Restore tested                        attested        Restored on 2026-10-01, says o…
Delivery       Rollback possible                     not verifiable  no pipeline and no GitOps obje…
Observability  Distributed tracing                   not applicable

Not verifiable:
  service-has-endpoints: the pods of Rollout/api are made by a kind that is not known

Read 12 files, 34 documents, 33 resources; skipped 3 \
(2 files: template, not rendered; notes.yaml: no apiVersion and kind)
note: the configuration names a unit that does not exist: web
"""

SUMMARY = """\
First of all:
  1. k8s/frontend.yaml:6:13 Deployment/frontend runs 2 replica(s), 3 required by profile production-small
     min-replicas: Raise spec.replicas, e.g. to 3.
  2. k8s/service.yaml:6:3 Service/frontend selects no pod
     service-has-endpoints: Make the selector match the labels of the pod template.
1 error, 1 warning, 1 info; 1 suppressed; 1 not verifiable
"""


def text(report: Report, **options: bool | int) -> str:
    return REPORTERS["text"](report, RenderOptions(**options))  # type: ignore[arg-type]


def test_whole_report(full_report: Report) -> None:
    assert text(full_report) == f"{FINDINGS}\n{CONTEXT}\n{SUMMARY}"


def test_quiet_keeps_findings_and_summary(full_report: Report) -> None:
    assert text(full_report, quiet=True) == f"{FINDINGS}\n{SUMMARY}"


def test_clean_run(empty_report: Report) -> None:
    assert text(empty_report) == (
        "Read 1 file, 2 documents, 2 resources\n\nNo findings: 4 rules checked on 2 resources.\n"
    )


def test_suppressed_findings_are_shown_when_verbose(full_report: Report) -> None:
    assert (
        "suppressed[greeting-polite] k8s/frontend.yaml:14:22: container web greets without a word of welcome "
        "(comment: shown to nobody)\n"
    ) in text(full_report, verbose=True)
    assert "greeting-polite" not in text(full_report)


def test_verbose_shows_information_in_full(full_report: Report) -> None:
    assert (
        "info[image-by-digest]: container web takes its image by tag, not by digest\n"
        "  --> k8s/frontend.yaml:11:18\n"
        "   |\n"
        "11 |           image: registry.example.org/web:1.4\n"
        "   |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "   |\n"
        "   = help: Write the image as name@sha256:…, which always names the same bytes.\n"
        "   = path: spec.template.spec.containers[0].image\n"
        "   = see: https://kubernetes.io/docs/concepts/containers/images/\n"
    ) in text(full_report, verbose=True)


def test_only_suppressed_findings_are_no_findings(full_report: Report) -> None:
    suppressed = tuple(finding for finding in full_report.findings if finding.suppressed)
    shown = text(replace(full_report, findings=suppressed), quiet=True)
    assert shown == (
        "No findings: 4 rules checked on 33 resources.\n0 errors, 0 warnings, 0 info; 1 suppressed; 1 not verifiable\n"
    )


def test_color_only_when_asked(full_report: Report) -> None:
    assert "\x1b" not in text(full_report)
    assert "\x1b[1;31merror[min-replicas]\x1b[0m" in text(full_report, color=True)


def test_color_changes_nothing_else(full_report: Report) -> None:
    colored = text(full_report, color=True, verbose=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text(full_report, verbose=True)


def test_many_findings_of_one_rule_become_lines(full_report: Report) -> None:
    finding = full_report.findings[0]
    shown = text(replace(full_report, findings=(finding,) * 13), quiet=True)
    assert shown.count("error[min-replicas]: Deployment/frontend runs") == 10
    assert shown.count("error[min-replicas] k8s/frontend.yaml:6:13: Deployment/frontend runs") == 3
    assert "13 errors, 0 warnings, 0 info" in shown


def test_file_without_source_lines_keeps_its_address(full_report: Report) -> None:
    shown = text(replace(full_report, sources={}), quiet=True)
    assert " --> k8s/service.yaml:6:3\n ::: k8s/frontend.yaml:4:9: the nearest match is Deployment/frontend\n" in shown


def test_place_beyond_the_file_shows_no_lines(full_report: Report) -> None:
    finding = replace(full_report.findings[0], location=Location("empty.yaml", Span(Position(1, 1), Position(1, 1))))
    shown = text(replace(full_report, findings=(finding,), sources={"empty.yaml": ()}), quiet=True)
    assert " --> empty.yaml:1:1\n  |\n  = help:" in shown


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202egnp", "\x9b31m", "\r", "\n", "\ud800", "\x00"])
def test_nothing_from_a_manifest_steers_the_terminal(full_report: Report, hostile: str) -> None:
    finding = full_report.findings[3]
    report = replace(
        full_report,
        findings=(replace(finding, message=f"a{hostile}b", related=()),),
        sources={finding.location.file: ("",) * 5 + (f"  selector{hostile}:",)},
    )
    shown = text(report, quiet=True)
    assert hostile not in shown.replace("\n", "")
    assert shown.split("\n")[0].startswith("warning[service-has-endpoints]: a")
    assert shown.split("\n")[0].endswith("b")
    assert {character for character in shown if not character.isprintable()} == {"\n"}


def test_first_things_are_told_by_what_they_cost(full_report: Report) -> None:
    outage = tuple(
        rule._replace(impact=Impact.OUTAGE) if rule.id == "service-has-endpoints" else rule
        for rule in full_report.rules
    )
    error = tuple(replace(finding, severity=Severity.ERROR) for finding in full_report.findings)
    shown = text(replace(full_report, rules=outage, findings=error), quiet=True)
    first = shown[shown.index("First of all:") :].splitlines()
    assert "service-has-endpoints" in first[2]
    assert "min-replicas" in "".join(first[3:])


def test_what_stops_at_the_next_disturbance_comes_before_the_rest(full_report: Report) -> None:
    rules = tuple(rule._replace(impact=Impact.RISK) for rule in full_report.rules)
    found = {finding.rule: replace(finding, severity=Severity.ERROR) for finding in full_report.findings}
    others = (found["image-by-digest"],) * 3
    shown = text(replace(full_report, rules=rules, findings=(*others, found["min-replicas"])), quiet=True)
    assert "min-replicas" in shown[shown.index("First of all:") :].splitlines()[2]


def test_an_empty_tree_is_no_clean_run(empty_report: Report) -> None:
    nothing = replace(empty_report, coverage=Coverage(files=0, documents=0, resources=0))
    assert text(nothing) == (
        "Read 0 files, 0 documents, 0 resources\n\nNothing was checked: no Kubernetes object found.\n"
    )


def test_of_many_other_places_three_are_shown(full_report: Report) -> None:
    finding = next(item for item in full_report.findings if item.related)
    many = replace(full_report, findings=(replace(finding, related=finding.related * 5),))
    shown = text(many, quiet=True)
    assert shown.count("the nearest match is") == 3
    assert "  = note: 2 more places; --verbose shows them\n" in shown
    assert text(many, quiet=True, verbose=True).count("the nearest match is") == 5


def test_a_related_place_that_is_the_own_one_is_a_label(full_report: Report) -> None:
    finding = next(item for item in full_report.findings if item.related)
    own = Related("why it matters", finding.location)
    shown = text(replace(full_report, findings=(replace(finding, related=(own, *finding.related)),)), quiet=True)
    assert "  |   ^^^^^^^^ why it matters\n" in shown
    assert shown.count(":::") == 1
    many = text(replace(full_report, findings=(replace(finding, related=(own,) * 5),)), quiet=True)
    assert "  |   ^^^^^^^^ why it matters; why it matters; why it matters\n" in many
    assert "  = note: 2 more places; --verbose shows them\n" in many
    unknown = replace(full_report, findings=(replace(finding, related=(own,)),), sources={})
    assert " ::: k8s/service.yaml:6:3: why it matters\n" in text(unknown, quiet=True)
