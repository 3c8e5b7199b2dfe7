"""Label selectors: the API's semantics, its refusals, and an index that agrees with matching one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.model.selector import (
    LabelIndex,
    LabelSelector,
    SelectorFault,
    equality_selector,
    parse_selector,
)


def selector(value: object) -> LabelSelector:
    parsed = parse_selector(value)
    assert parsed is not None
    assert not parsed.faults
    return parsed


def expression(key: str, operator: str, *values: str) -> dict[str, object]:
    found: dict[str, object] = {"key": key, "operator": operator}
    return {**found, "values": list(values)} if values else found


def test_absent_and_empty_differ() -> None:
    assert parse_selector(None) is None
    assert selector({}).is_empty
    assert selector({"matchLabels": {}, "matchExpressions": []}).is_empty
    assert selector({"matchLabels": None}).matches({})


@pytest.mark.parametrize(
    ("operator", "values", "absent", "same", "other"),
    [
        ("In", ("x", "z"), False, True, False),
        ("NotIn", ("x", "z"), True, False, True),
        ("Exists", (), False, True, True),
        ("DoesNotExist", (), True, False, False),
    ],
)
def test_operators(operator: str, values: tuple[str, ...], absent: bool, same: bool, other: bool) -> None:
    found = selector({"matchExpressions": [expression("k", operator, *values)]})
    assert [found.matches(labels) for labels in ({}, {"k": "x"}, {"k": "y"})] == [absent, same, other]


def test_labels_and_expressions_are_both_required() -> None:
    found = selector({"matchLabels": {"app": "a"}, "matchExpressions": [expression("tier", "Exists")]})
    assert found.matches({"app": "a", "tier": ""})
    assert not found.matches({"app": "a"})
    assert not found.matches({"tier": "x"})


def test_text_form() -> None:
    value = {
        "matchLabels": {"app": "a"},
        "matchExpressions": [
            expression("b", "NotIn", "2", "1"),
            expression("c", "Exists"),
            expression("d", "DoesNotExist"),
            expression("e", "In", "z", "y"),
        ],
    }
    assert str(selector(value)) == "app=a,b notin (1,2),c,!d,e in (y,z)"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("app=a", ()),
        ({"matchLabels": ["a"]}, ("matchLabels",)),
        ({"matchLabels": {"app": 1}}, ("matchLabels", "app")),
        ({"matchLabels": {"app": "a b"}}, ("matchLabels", "app")),
        ({"matchLabels": {"app": "a\n"}}, ("matchLabels", "app")),
        ({"matchLabels": {"A/b/c": "x"}}, ("matchLabels", "A/b/c")),
        ({"matchLabels": {"/b": "x"}}, ("matchLabels", "/b")),
        ({"matchExpressions": {}}, ("matchExpressions",)),
        ({"matchExpressions": [3]}, ("matchExpressions", 0)),
        ({"matchExpressions": [expression("k", "Equals", "x")]}, ("matchExpressions", 0, "operator")),
        ({"matchExpressions": [{"key": "k", "operator": []}]}, ("matchExpressions", 0, "operator")),
        ({"matchExpressions": [{"operator": "Exists"}]}, ("matchExpressions", 0, "key")),
        ({"matchExpressions": [expression("k", "In")]}, ("matchExpressions", 0, "values")),
        ({"matchExpressions": [expression("k", "Exists", "x")]}, ("matchExpressions", 0, "values")),
        ({"matchExpressions": [{"key": "k", "operator": "In", "values": "x"}]}, ("matchExpressions", 0, "values")),
        ({"matchExpressions": [{"key": "k", "operator": "In", "values": [[]]}]}, ("matchExpressions", 0, "values", 0)),
    ],
)
def test_what_the_api_refuses_matches_nothing_and_says_why(value: object, path: tuple[str | int, ...]) -> None:
    found = parse_selector(value)
    assert found is not None
    assert [fault.path for fault in found.faults] == [path]
    assert not found.is_empty
    assert not found.matches({"app": "a", "k": "x"})
    assert LabelIndex([("item", {"app": "a", "k": "x"})]).matching(found) == []


def test_service_selector() -> None:
    assert equality_selector(None) is None
    assert equality_selector({}) is None
    assert equality_selector(["a"]) == LabelSelector(faults=(SelectorFault((), "is not a mapping"),))
    found = equality_selector({"app": "a", "tier": "b"})
    assert found is not None
    assert found.matches({"app": "a", "tier": "b", "more": "c"})
    assert not found.matches({"app": "a"})


KEYS = st.sampled_from(["a", "b", "example.com/c"])
VALUES = st.sampled_from(["x", "y", ""])
LABELS = st.dictionaries(KEYS, VALUES)
EXPRESSIONS = st.one_of(
    st.builds(
        lambda key, operator, values: expression(key, operator, *values),
        KEYS,
        st.sampled_from(["In", "NotIn"]),
        st.lists(VALUES, min_size=1, max_size=3),
    ),
    st.builds(expression, KEYS, st.sampled_from(["Exists", "DoesNotExist"])),
)
SELECTORS = st.fixed_dictionaries({}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS)})


@given(st.lists(LABELS, max_size=12), SELECTORS)
def test_the_index_agrees_with_matching_one_by_one(labels: list[dict[str, str]], value: dict[str, object]) -> None:
    found = selector(value)
    index = LabelIndex(enumerate(labels))
    assert len(index) == len(labels)
    assert index.matching(found) == [position for position, item in enumerate(labels) if found.matches(item)]
