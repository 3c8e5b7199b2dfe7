"""Which rules run: enabled ones, or those selected by id, glob or section, less those ignored or switched off."""

from __future__ import annotations

import pytest

from refarch_lint.errors import UsageError
from refarch_lint.evaluate.selecting import selected_rules
from tests.evaluate.running import catalogue, check, settings
from tests.graph.trees import workload


def chosen(configuration: str = "") -> list[str]:
    return [rule.id for rule in selected_rules(catalogue(), settings(configuration))]


def test_without_a_choice_every_enabled_rule_runs() -> None:
    assert chosen() == [rule.id for rule in catalogue().rules.values() if rule.enabled]


@pytest.mark.parametrize(
    ("configuration", "rules"),
    [
        ("select: [min-replicas]", ["min-replicas"]),
        ("select: [memory-*, cpu-limit]", ["cpu-limit", "memory-limit", "memory-request"]),
        ("select: [memory-*]\nignore: [memory-limit]", ["memory-request"]),
        ("select: [min-replicas, cpu-limit]\nrules: {min-replicas: 'off'}", ["cpu-limit"]),
    ],
)
def test_choices(configuration: str, rules: list[str]) -> None:
    assert chosen(configuration) == rules


def test_a_section_selects_all_its_rules() -> None:
    wanted = [rule.id for rule in catalogue().rules.values() if rule.section == "availability"]
    assert chosen("select: [availability]") == wanted


def test_ignoring_takes_away() -> None:
    assert set(chosen()) - set(chosen("ignore: [availability, cpu-*]")) == {
        rule for rule in chosen() if catalogue().rules[rule].section == "availability" or rule.startswith("cpu-")
    }


def test_a_severity_of_its_own_switches_a_rule_on() -> None:
    rules = {name: rule._replace(enabled=name == "cpu-limit") for name, rule in catalogue().rules.items()}
    known = catalogue()._replace(rules=rules)
    for configuration, wanted in (("", []), ("rules: {min-replicas: warning}", ["min-replicas"])):
        assert [rule.id for rule in selected_rules(known, settings(configuration))] == [*wanted, "cpu-limit"]


@pytest.mark.parametrize("field", ["select", "ignore"])
@pytest.mark.parametrize("pattern", ["no-such-rule", "min-replica", "no-*", "availabilty"])
def test_a_choice_that_fits_nothing_is_an_error(field: str, pattern: str) -> None:
    with pytest.raises(UsageError, match="no rule or section fits"):
        chosen(f"{field}: ['{pattern}']")


@pytest.mark.parametrize(
    "configuration",
    ["ignore: ['*']", "select: [cpu-limit]\nignore: [cpu-*]", "select: [cpu-limit]\nrules: {cpu-limit: 'off'}"],
)
def test_a_choice_that_leaves_nothing_is_an_error(configuration: str) -> None:
    with pytest.raises(UsageError, match="no rule is left to run"):
        chosen(configuration)


@pytest.mark.parametrize(
    ("configuration", "severity"),
    [
        ("{}", "error"),
        ("rules: {min-replicas: info}", "info"),
        ("rules: {min-replicas: {severity: warning}}", "warning"),
    ],
)
def test_the_project_decides_about_severities(configuration: str, severity: str) -> None:
    report = check(workload(spec="replicas: 1"), configuration, select=("min-replicas",))
    assert [finding.severity for finding in report.active] == [severity]


def test_a_profile_lowers_severities_and_the_project_raises_them_again() -> None:
    manifest, select = workload(), ("pod-isolated", "namespace-default-deny")
    development = {item.severity for item in check(manifest, "profile: development", select=select).active}
    assert development == {"warning"}
    raised = "{profile: development, rules: {namespace-default-deny: error}}"
    assert "error" in {item.severity for item in check(manifest, raised, select=select).active}


def test_a_profile_switches_rules_off() -> None:
    manifest = workload(spec="replicas: 2")
    assert check(manifest, select=("pdb-covers-workload",)).active
    off = check(manifest, "profile: development", select=("pdb-covers-workload",))
    assert off.active == ()
    assert [(outcome.rule, outcome.passed) for outcome in off.outcomes] == [("pdb-covers-workload", 0)]
