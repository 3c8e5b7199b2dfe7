"""Operators: every one by table, and what absent or mistyped values mean to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refarch_lint.data_folder import data_folder
from refarch_lint.evaluate.operators import MISSING, OPERATORS, holds

ODD: tuple[Any, ...] = (MISSING, None, True, "text", [], {})


@pytest.mark.parametrize(
    ("operator", "actual", "expected", "answer"),
    [
        ("exists", 0, None, True),
        ("exists", False, None, True),
        ("exists", None, None, False),
        ("exists", MISSING, None, False),
        ("absent", MISSING, None, True),
        ("absent", "", None, False),
        ("equals", 1, 1, True),
        ("equals", 1, True, False),
        ("equals", "1", 1, False),
        ("equals", [1], [1], True),
        ("not-equals", MISSING, 1, True),
        ("not-equals", 1, 1, False),
        ("in", "a", ["a", "b"], True),
        ("in", True, [1], False),
        ("in", "a", "abc", False),
        ("not-in", "c", ["a", "b"], True),
        ("not-in", MISSING, ["a"], True),
        ("at-least", 2, 2, True),
        ("at-least", 1.5, 2, False),
        ("at-most", 2, 2, True),
        ("at-most", 3, 2, False),
        ("more-than", 2, 2, False),
        ("more-than", 3, 2, True),
        ("matches", "v1.2", r"^v\d", True),
        ("matches", "1.2", r"^v\d", False),
        ("not-matches", "1.2", r"^v\d", True),
        ("not-matches", 5, "5", True),
        ("not-empty", "a", None, True),
        ("not-empty", 0, None, True),
        ("not-empty", "", None, False),
        ("not-empty", {}, None, False),
        ("not-empty", MISSING, None, False),
    ],
)
def test_operator(operator: str, actual: Any, expected: Any, answer: bool) -> None:
    assert holds(operator, actual, expected) is answer


@pytest.mark.parametrize("operator", ["at-least", "at-most", "more-than"])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_what_is_no_number_is_neither_more_nor_less(operator: str, odd: Any) -> None:
    assert not holds(operator, odd, 1)
    assert not holds(operator, 1, odd)


@pytest.mark.parametrize("operator", ["equals", "in", "matches"])
def test_an_absent_value_satisfies_no_positive_operator(operator: str) -> None:
    assert not holds(operator, MISSING, ["x"])


def test_the_schema_of_rules_names_every_operator() -> None:
    schema = json.loads((data_folder() / "schemas" / "rule.schema.json").read_text(encoding="utf-8"))
    assert set(schema["$defs"]["operator"]["enum"]) == set(OPERATORS)


def test_what_is_absent_reads_as_nothing() -> None:
    assert repr(MISSING) == "nothing"
