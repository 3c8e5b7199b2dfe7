"""Parameters: the last layer that names one wins, and the value remembers who set it."""

from __future__ import annotations

import pytest

from refarch_lint.catalogue.rule import Parameter, Rule, Target
from refarch_lint.evaluate.finding import Finding
from refarch_lint.evaluate.parameters import Layer, Resolved, resolve
from refarch_lint.severity import Severity
from tests.evaluate.running import check
from tests.graph.trees import workload

RULE = Rule(
    "own-rule", "Title", "custom", Severity.ERROR, "", "", Target(), (), parameters={"floor": Parameter(2, "A floor.")}
)


@pytest.mark.parametrize(
    ("layers", "answer"),
    [
        ([], Resolved(2, "rule own-rule")),
        ([("profile p", {"floor": 3})], Resolved(3, "profile p")),
        ([("profile p", {"floor": 3}), ("role r", {"floor": 1})], Resolved(1, "role r")),
        ([("profile p", {"floor": 3}), ("role r", {"other": 1})], Resolved(3, "profile p")),
        ([("profile p", {"own-rule.floor": 4, "floor": 3})], Resolved(4, "profile p")),
        ([("profile p", {"own-rule.floor": 4}), ("role r", {"floor": 1})], Resolved(1, "role r")),
        ([("profile p", {"other-rule.floor": 4})], Resolved(2, "rule own-rule")),
        ([("profile p", {"floor": 0})], Resolved(0, "profile p")),
        ([("profile p", {"floor": None})], Resolved(None, "profile p")),
    ],
)
def test_layers(layers: list[tuple[str, dict[str, object]]], answer: Resolved) -> None:
    assert resolve(RULE, "floor", [Layer(*layer) for layer in layers]) == answer


def test_a_parameter_that_the_rule_does_not_declare_is_a_mistake_of_the_rule() -> None:
    with pytest.raises(KeyError):
        resolve(RULE, "ceiling", [Layer("profile p", {"ceiling": 3})])


def replicas(configuration: str, *, text: str = "", count: int = 1) -> list[Finding]:
    manifest = text or workload(spec=f"replicas: {count}", namespace="shop")
    return list(check(manifest, configuration, select=("min-replicas",)).active)


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ("architecture: none", "3 required by profile production-small"),
        ("{architecture: none, profile: staging}", "2 required by profile staging"),
        ("{architecture: none, parameters: {min_replicas: 7}}", "7 required by the project configuration"),
        (
            "{architecture: none, rules: {min-replicas: {parameters: {min_replicas: 8}}}}",
            "8 required by the project configuration",
        ),
        (
            "{architecture: none, profiles: [{profile: production-medium, namespaces: [sh*]}]}",
            "5 required by profile production-medium",
        ),
        (
            "{architecture: none, profiles: [{profile: staging, paths: ['other/**']}]}",
            "3 required by profile production-small",
        ),
        ("{architecture: none, profiles: [{profile: staging, paths: ['app*']}]}", "2 required by profile staging"),
    ],
)
def test_the_message_says_where_the_number_comes_from(configuration: str, words: str) -> None:
    (finding,) = replicas(configuration)
    assert words in finding.message


def test_a_role_is_stronger_than_the_profile_and_weaker_than_the_project() -> None:
    database = workload("StatefulSet", "database", spec="replicas: 1").replace("registry.example/main:1", "postgres:17")
    assert replicas("{architecture: web-app}", text=database) == []
    (finding,) = replicas("{architecture: web-app, parameters: {min_replicas: 2}}", text=database)
    assert "2 required by the project configuration" in finding.message


def test_development_asks_for_one() -> None:
    assert replicas("{architecture: none, profile: development}") == []
