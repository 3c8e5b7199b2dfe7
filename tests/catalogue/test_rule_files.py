"""Rule and architecture files of a project: every fault of every file, each at its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.catalogue.parse_rule import parse_field
from refarch_lint.catalogue.rule import FieldAssertion, RelationAssertion, Scope
from refarch_lint.errors import RuleFileError
from refarch_lint.source.discovery import name_from_here

GOOD = """\
id: own-rule
title: Things are as they should be
severity: warning
rationale: Without it nobody knows what happens at night.
remediation: Write it down. Then keep to it.
parameters:
  floor: { default: 2, description: The least number. }
target: { workloads: replicated }
assert:
  - { fact: effective-replicas, operator: at-least, parameter: floor, message: "{resource} has {value} of {expected}" }
"""

ARCHITECTURE = """\
id: own
title: Own
description: For a test.
roles:
  - { id: api, title: API, description: D, demand: required, matchers: [{ names: [api] }] }
  - { id: db, title: DB, description: D, demand: optional, matchers: [{ names: [db] }], alternatives: [api] }
flows:
  - { from: api, to: db, demand: required, description: Reads. }
"""


def faults(folder: Path, files: dict[str, str]) -> list[str]:
    """Return the faults of the files, each with its place as it is shown."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        load_catalogue((folder,))
    shown = str(caught.value).replace(f"{name_from_here(folder)}/", "").splitlines()
    assert len(shown) == len(caught.value.faults)
    return shown


def load(folder: Path, files: dict[str, str]) -> Catalogue:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return load_catalogue((folder,))


def test_a_good_file_is_a_rule_of_the_section_custom(tmp_path: Path) -> None:
    rule = load(tmp_path, {"own-rule.yaml": GOOD}).rules["own-rule"]
    assert (rule.section, rule.severity, rule.parameters["floor"].default) == ("custom", "warning", 2)
    (assertion,) = rule.assertions
    assert isinstance(assertion, FieldAssertion)
    assert assertion.condition.operand.parameter == "floor"


def test_a_folder_is_the_section_and_a_deeper_one_part_of_the_id(tmp_path: Path) -> None:
    files = {
        "security/own-rule.yaml": GOOD,
        "security/pod/own-rule.yaml": GOOD.replace("id: own-rule", "id: pod/own-rule"),
    }
    rules = load(tmp_path, files).rules
    assert (rules["own-rule"].section, rules["pod/own-rule"].section) == ("security", "security")


def test_an_own_rule_replaces_a_bundled_one(tmp_path: Path) -> None:
    text = GOOD.replace("id: own-rule", "id: min-replicas")
    assert load(tmp_path, {"availability/min-replicas.yaml": text}).rules["min-replicas"].title.startswith("Things")


def test_fixtures_hold_no_rules(tmp_path: Path) -> None:
    assert "own-rule" in load(tmp_path, {"own-rule.yaml": GOOD, "fixtures/own-rule/pass.yaml": "kind: [\n"}).rules


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: own-rule", "id: other-rule", "1:5: the file is named own-rule.yaml, but its id is other-rule"),
        ("severity: warning", "severity: fatal", "3:11: severity: 'fatal' is not one of ['error', 'warning', 'info']"),
        ("severity: warning\n", "", "1:1: the file: 'severity' is a required property"),
        ("rationale:", "rational:", "4:1: rational is not known; rationale is meant?"),
        ("at-least", "least", "10:43: assert[0].operator: 'least' is not one of "),
        ("parameter: floor", "parameter: flor", "10:64: parameter flor is not declared under parameters"),
        ("{value}", "{vale}", "10:80: unknown placeholder {vale}; known are container, count, expected, "),
        (
            "operator: at-least, parameter: floor",
            "operator: matches, value: '['",
            "10:59: not a regular expression: unterminated character set at position 0",
        ),
        ("at-least, parameter: floor", "at-least, value: two", "10:60: at-least needs a number"),
        ("at-least, parameter: floor", "at-least, value: { parameter: floor }", "10:53: at-least needs a number"),
        ("at-least, parameter: floor", "in, value: two", "10:54: in needs a list"),
        ("at-least, parameter: floor", "equals", "10:43: equals needs a value, or a parameter"),
        ("at-least, parameter: floor", "exists, value: true", "10:58: exists takes no value"),
        ("fact: effective-replicas", "field: spec..x", "10:14: spec..x is no path to a field"),
        ("fact: effective-replicas", "field: 'a[x]'", "10:14: a[x] is no path to a field"),
        ("workloads: replicated", "workloads: some", "8:22: target.workloads: 'some' is not one of "),
        ("target: { workloads: replicated }", "target: {}", "8:1: target: "),
        ("  floor: { default: 2,", "  Floor: { default: 2,", "6:1: parameters: 'Floor' does not match "),
        ("title: Things", "title: Things\ntitle: More", "3:1: key title is written twice"),
        ("assert:\n", "assert: [\n", "10:3: could not parse document 1: "),
    ],
)
def test_a_fault_stands_at_its_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    found = faults(tmp_path, {"own-rule.yaml": GOOD.replace(old, new, 1)})
    assert any(line.startswith(f"own-rule.yaml:{fault}") for line in found), found


@pytest.mark.parametrize(("text", "count"), [("", 0), ("# nothing\n", 0), (f"{GOOD}---\n{GOOD}", 2)])
def test_a_file_holds_one_document(tmp_path: Path, text: str, count: int) -> None:
    assert faults(tmp_path, {"own-rule.yaml": text}) == [f"own-rule.yaml holds {count} documents, 1 is expected"]


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    files = {
        "a.yaml": GOOD.replace("{value}", "{vale}").replace("{expected}", "{wanted}"),
        "b.yaml": GOOD.replace("severity: warning", "severity: fatal").replace("id: own-rule", "id: b"),
        "c.yaml": "id: [\n",
    }
    found = faults(tmp_path, files)
    assert sorted({line.partition(":")[0] for line in found}) == ["a.yaml", "b.yaml", "c.yaml"]
    assert sum(line.startswith("a.yaml") for line in found) == 3


def test_a_fault_of_the_schema_hides_no_other(tmp_path: Path) -> None:
    text = GOOD.replace("severity: warning", "severity: fatal").replace("{value}", "{vale}")
    found = faults(tmp_path, {"own-rule.yaml": text.replace("parameter: floor", "parameter: flor")})
    assert [line.partition(" ")[0] for line in found] == [
        "own-rule.yaml:3:11:",
        "own-rule.yaml:10:79:",
        "own-rule.yaml:10:64:",
    ]
    assert "is not one of" in found[0]
    assert "unknown placeholder {vale}" in found[1]
    assert "parameter flor is not declared" in found[2]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "text",
        "{id: [a], parameters: [x], target: [], assert: {}}",
        "{id: own-rule, target: {where: x}, assert: [1, [], null, {message: [1], field: {}, operator: [], value: 1}]}",
        "{assert: [{predicate: [x], fact: {a: 1}, relation: [], peer: x, operator: matches, value: {}}], target: x}",
    ],
)
def test_a_rule_of_any_shape_has_only_faults(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, {"own-rule.yaml": f"{text}\n"})


def test_each_unknown_field_is_told_at_its_place(tmp_path: Path) -> None:
    found = faults(tmp_path, {"own-rule.yaml": f"{GOOD}more: 1\nsummary: x\n"})
    assert found == ["own-rule.yaml:11:1: more is not known", "own-rule.yaml:12:1: summary is not known"]


def test_the_same_id_in_two_files_of_a_folder_is_told_at_the_second(tmp_path: Path) -> None:
    found = faults(tmp_path, {"data/own-rule.yaml": GOOD, "security/own-rule.yaml": GOOD})
    assert found == ["security/own-rule.yaml:1:5: rule own-rule is already described in data/own-rule.yaml"]


def test_a_good_architecture_is_known(tmp_path: Path) -> None:
    own = load(tmp_path, {"architectures/own.yaml": ARCHITECTURE}).architectures["own"]
    assert [role.id for role in own.roles] == ["api", "db"]
    assert own.role("db") is own.roles[1]
    assert own.role("none") is None


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("to: db", "to: cache", "8:22: no role cache is defined"),
        ("{ from: api", "{ from: web", "8:13: no role web is defined"),
        ("alternatives: [api]", "alternatives: [web]", "6:104: no role web is defined"),
        ("id: db", "id: api", "6:11: role api is defined twice"),
        ("demand: required,", "demand: wished,", "5:52: roles[0].demand: 'wished' is not one of "),
        ("names: [api]", "name: [api]", "5:75: roles[0].matchers[0].name is not known; names is meant?"),
    ],
)
def test_a_fault_of_an_architecture_stands_at_its_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in ARCHITECTURE
    found = faults(tmp_path, {"architectures/own.yaml": ARCHITECTURE.replace(old, new, 1)})
    assert any(line.startswith(f"architectures/own.yaml:{fault}") for line in found), found


def test_profiles_of_a_project_stand_beside_the_bundled_ones(tmp_path: Path) -> None:
    text = "profiles: [{id: lab, title: Lab, description: D, parameters: {}, severities: {cpu-limit: off}}]\n"
    profiles = load(tmp_path, {"profiles.yaml": text}).profiles
    assert profiles["lab"].severities == {"cpu-limit": None}
    assert "production-small" in profiles


def test_relations_and_scopes_are_read(tmp_path: Path) -> None:
    text = GOOD.partition("target:")[0] + (
        "target: { scope: unit }\n"
        "assert: [{ relation: protects, direction: outgoing, peer: { kinds: [Pod], role: api }, at_least: 1, "
        "message: none of them }]\n"
    )
    rule = load(tmp_path, {"own-rule.yaml": text}).rules["own-rule"]
    assert rule.target.scope is Scope.UNIT
    assert rule.assertions == (RelationAssertion("protects", "outgoing", ("Pod",), "api", 1, None, "none of them"),)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("spec.rules[0].host", ("spec", "rules", 0, "host")),
        ("metadata.labels['app.kubernetes.io/name']", ("metadata", "labels", "app.kubernetes.io/name")),
        ("livenessProbe", ("livenessProbe",)),
    ],
)
def test_fields(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_field(text) == path
