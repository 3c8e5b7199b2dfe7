"""Fingerprints: the same finding keeps its name through edits elsewhere, and no two findings of a rule share one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from refarch_lint.evaluate.finding import Finding
from refarch_lint.evaluate.fingerprint import distinct, file_fingerprint, fingerprint
from refarch_lint.evaluate.lint import lint
from refarch_lint.graph.place import Place
from refarch_lint.location import Location, Position, Span, TextLine
from refarch_lint.location import Path as Route
from refarch_lint.severity import Severity
from tests.evaluate.running import check
from tests.graph.trees import graph_of, workload

QUIET = "architecture: none"


def container(name: str) -> str:
    return f"      - name: {name}\n        image: registry.example/{name}:1\n"


def pods(*names: str) -> str:
    head = workload().partition("      - name: main")[0]
    return head + "".join(container(name) for name in names)


def names_by_place(manifests: str | dict[str, str], rule: str = "cpu-request") -> dict[str, str]:
    return {finding.message: finding.fingerprint for finding in check(manifests, QUIET, select=(rule,)).active}


BEFORE = names_by_place(pods("main", "helper"))


def test_it_is_thirty_two_hexadecimal_digits() -> None:
    assert len(BEFORE) == 2
    assert all(len(name) == 32 and int(name, 16) >= 0 for name in BEFORE.values())


def test_containers_have_names_of_their_own() -> None:
    assert len(set(BEFORE.values())) == 2


@pytest.mark.parametrize(
    "manifests",
    [
        "# a comment\n\n\n" + pods("main", "helper"),
        pods("helper", "main"),
        {"moved/elsewhere.yaml": pods("main", "helper")},
        workload(name="web") + "---\n" + pods("main", "helper"),
        "apiVersion: v1\nkind: List\nitems:\n- " + pods("main", "helper").replace("\n", "\n  ").strip() + "\n",
    ],
    ids=["lines moved", "containers reordered", "file moved", "another document before", "inside a list"],
)
def test_it_survives_edits_that_do_not_touch_the_object(manifests: str | dict[str, str]) -> None:
    after = names_by_place(manifests)
    assert {message: after[message] for message in BEFORE} == BEFORE


def test_a_number_in_the_message_does_not_change_it() -> None:
    two, one = (check(workload(spec=f"replicas: {n}"), QUIET, select=("min-replicas",)).active for n in (2, 1))
    assert two[0].message != one[0].message
    assert two[0].fingerprint == one[0].fingerprint


@pytest.mark.parametrize(
    "other",
    [workload(name="web"), workload(namespace="other"), workload("StatefulSet"), workload(container="stdin: true")],
    ids=["name", "namespace", "kind", "nothing"],
)
def test_objects_have_names_of_their_own(other: str) -> None:
    first, second = (check(text, QUIET, select=("cpu-request",)).active for text in (workload(), other))
    same_object = "stdin" in other
    assert (first[0].fingerprint == second[0].fingerprint) is same_object


def test_rules_have_names_of_their_own() -> None:
    found = check(workload(), QUIET, select=("cpu-request", "memory-request")).active
    assert len({finding.fingerprint for finding in found}) == len(found) == 2


def of(path: Route, data: str, message: str = "") -> str:
    (resource,) = graph_of(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n{data}\n").resources
    return fingerprint("rule", Place(resource, path), message)


@pytest.mark.parametrize(
    ("before", "after", "path_before", "path_after"),
    [
        ("l: [{name: a}, {name: b}]", "l: [{name: b}, {name: a}]", ("l", 0, "x"), ("l", 1, "x")),
        ("l: [{key: a}, {key: b}]", "l: [{key: b}, {key: a}]", ("l", 1), ("l", 0)),
        ("l: [{host: a}, {host: b}]", "l: [{host: b}, {host: a}]", ("l", 1), ("l", 0)),
        ("l: [{port: 1}, {port: 2}]", "l: [{port: 2}, {port: 1}]", ("l", 1), ("l", 0)),
        ("l: [a, b]", "l: [b, a]", ("l", 0), ("l", 1)),
        ("l: [1, 2]", "l: [2, 1]", ("l", 0), ("l", 1)),
    ],
)
def test_list_items_are_known_by_what_they_are(before: str, after: str, path_before: Route, path_after: Route) -> None:
    assert of(path_before, before) == of(path_after, after)
    assert of(path_before, before) != of(path_before, after)


def test_items_without_a_name_are_known_by_their_place() -> None:
    data = "l: [{x: 1}, {x: 2}]"
    assert of(("l", 0), data) != of(("l", 1), data)


def test_lines_of_a_text_are_known_by_the_message() -> None:
    data = "data: {a: b}"
    assert of(("data", "a", TextLine(3)), data, "m") == of(("data", "a", TextLine(9)), data, "m")
    assert of(("data", "a", TextLine(3)), data, "m") != of(("data", "a", TextLine(3)), data, "n")


def test_a_path_that_leads_nowhere_has_a_name_too() -> None:
    assert of(("l", 7, "x"), "l: 5") != of(("l", 8, "x"), "l: 5")


def finding(message: str, fingerprint: str = "0" * 32) -> Finding:
    location = Location("a.yaml", Span(Position(1, 1), Position(1, 2)))
    return Finding("rule", Severity.ERROR, message, None, (), location, fingerprint=fingerprint)


def test_no_two_of_a_report_share_a_name() -> None:
    found = [finding("m"), finding("n"), finding("n"), finding("m", "1" * 32)]
    named = distinct(found)
    assert [item.message for item in named] == ["m", "n", "n", "m"]
    assert (named[0], named[3]) == (found[0], found[3])
    assert len({item.fingerprint for item in named}) == 4
    assert all(len(item.fingerprint) == 32 for item in named)
    assert distinct(found[:2])[1] == named[1]
    assert distinct([found[0], finding("other"), found[1]])[2] == named[1]


def test_an_object_in_two_files_has_findings_of_two_names() -> None:
    found = check({"a.yaml": workload(), "b.yaml": workload()}, QUIET, select=("cpu-request",)).active
    assert len({item.fingerprint for item in found}) == len(found) == 2


def test_findings_of_files_are_known_by_file_and_message() -> None:
    assert len({file_fingerprint(*parts) for parts in (("r", "a", "m"), ("r", "b", "m"), ("r", "a", "n"))}) == 3


def test_two_faults_at_one_place_have_names_of_their_own() -> None:
    found: list[Finding] = list(check({"a.yaml": "a: [\n", "b.yaml": "b: [\n"}, QUIET).active)
    assert len(found) == 2
    assert len({finding.fingerprint for finding in found}) == 2


ROOT = Path(__file__).parents[2] / "fixtures" / "architectures"


@pytest.mark.parametrize("architecture", ["web-app", "microservices", "data-pipeline", "full-stack"])
def test_no_two_findings_of_a_real_tree_share_a_name(architecture: str) -> None:
    found = lint([str(ROOT / architecture / "as-documented")]).findings
    shared = Counter(finding.fingerprint for finding in found)
    assert [(item.rule, item.message) for item in found if shared[item.fingerprint] > 1] == []
