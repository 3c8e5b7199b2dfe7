"""The bundled catalogue: every file is valid, and every name in it leads somewhere."""

from __future__ import annotations

from functools import cache

import pytest

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.catalogue.reading import read_document
from refarch_lint.catalogue.rule import Rule
from refarch_lint.data_folder import data_folder
from refarch_lint.evaluate.own_rules import vocabulary_faults

RULE_FILES = sorted(
    file
    for file in (data_folder() / "rules").rglob("*.yaml")
    if file.parent.name != "architectures" and file.parent.name != "rules"
)


@cache
def bundled() -> Catalogue:
    """Return the catalogue with every file checked against its schema."""
    return load_catalogue(check=True)


def test_every_file_is_valid_and_becomes_a_rule() -> None:
    assert len(bundled().rules) == len(RULE_FILES)


@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.stem)
def test_what_a_rule_calls_upon_exists(file: object) -> None:
    document, faults = read_document(file, file.name)  # type: ignore[arg-type, attr-defined]
    assert document is not None
    assert (faults, tuple(vocabulary_faults(document, bundled()))) == ((), ())


def test_rules_stand_in_the_order_of_sections_and_ids() -> None:
    sections = [section.id for section in bundled().sections]
    keys = [(sections.index(rule.section), rule.id) for rule in bundled().rules.values()]
    assert keys == sorted(keys)


def test_the_checklist_has_thirty_one_items_in_seven_sections() -> None:
    items = bundled().items
    assert len(items) == 31
    assert list(dict.fromkeys(item.section for item in items)) == [
        "availability",
        "performance",
        "security",
        "observability",
        "data",
        "delivery",
        "documentation",
    ]
    assert len({item.id for item in items}) == 31


def test_every_item_can_be_decided() -> None:
    by_item = {rule.checklist for rule in bundled().rules.values()}
    undecided = [item.id for item in bundled().items if not (item.attested or item.trait or item.id in by_item)]
    assert undecided == []


def test_rules_that_decide_an_item_belong_to_it() -> None:
    wrong = [
        (item.id, name)
        for item in bundled().items
        for name in item.decided_by
        if name not in bundled().rules or bundled().rules[name].checklist != item.id
    ]
    assert wrong == []


def test_rules_that_fail_an_item_too_belong_to_another() -> None:
    wrong = [
        (item.id, name)
        for item in bundled().items
        for name in item.also
        if name not in bundled().rules or bundled().rules[name].checklist == item.id
    ]
    assert wrong == []


def test_items_of_some_architectures_name_ones_that_exist() -> None:
    assert {name for item in bundled().items for name in item.architectures} <= set(bundled().architectures)


def _declared(rules: dict[str, Rule]) -> set[str]:
    return {name for rule in rules.values() for name in rule.parameters} | {
        f"{rule.id}.{name}" for rule in rules.values() for name in rule.parameters
    }


def test_every_parameter_that_is_set_is_one_that_a_rule_has() -> None:
    declared = _declared(dict(bundled().rules))
    layers = {
        **{f"profile {profile.id}": profile.parameters for profile in bundled().profiles.values()},
        **{f"architecture {entry.id}": entry.parameters for entry in bundled().architectures.values()},
        **{f"component {entry.id}": entry.parameters for entry in bundled().components.values()},
        **{
            f"role {entry.id}/{role.id}": role.parameters
            for entry in bundled().architectures.values()
            for role in entry.roles
        },
    }
    assert [(layer, name) for layer, values in layers.items() for name in values if name not in declared] == []


def test_profiles_change_severities_of_rules_that_exist() -> None:
    named = {rule for profile in bundled().profiles.values() for rule in profile.severities}
    assert named <= set(bundled().rules)


def test_the_numbers_of_the_profiles() -> None:
    floors = {profile.id: profile.parameters["min_replicas"] for profile in bundled().profiles.values()}
    assert floors == {
        "development": 1,
        "staging": 2,
        "production-small": 3,
        "production-medium": 5,
        "production-large": 10,
    }


def test_roles_and_flows_of_the_four_architectures_lead_somewhere() -> None:
    assert list(bundled().architectures) == ["data-pipeline", "full-stack", "microservices", "web-app"]
    for architecture in bundled().architectures.values():
        roles = {role.id for role in architecture.roles}
        assert {end for flow in architecture.flows for end in (flow.source, flow.target)} <= roles
        assert set(architecture.signature) <= roles
        assert {name for role in architecture.roles for name in role.alternatives} <= roles


@pytest.mark.parametrize("field", ["title", "rationale", "remediation"])
def test_texts_are_written_out(field: str) -> None:
    texts = {rule.id: getattr(rule, field) for rule in bundled().rules.values()}
    assert [name for name, text in texts.items() if text.endswith(".") is (field == "title")] == []
    assert [name for name, text in texts.items() if text[0] != text[0].upper() and field == "title"] == []


def test_every_rule_names_its_sources() -> None:
    assert [rule.id for rule in bundled().rules.values() if not rule.references and rule.section != "manifest"] == []
