"""The coverage page names nothing that does not exist and leaves out nothing that the catalogue has."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference-coverage.md"
ROW = re.compile(r"^\| (?P<statement>[^|]+) \| (?P<covers>[^|]+) \|$")
NAME = re.compile(r"`(?P<kind>[a-z]+):(?P<name>[^`]+)`")
TITLES = ("the reference document says", "---")


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def rows() -> list[tuple[int, str, str]]:
    found = []
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), start=1):
        match = ROW.match(line)
        if match and match["statement"].strip() not in TITLES:
            found.append((number, match["statement"], match["covers"]))
    return found


def named(kind: str) -> set[str]:
    return {match["name"] for _, _, covers in rows() for match in NAME.finditer(covers) if match["kind"] == kind}


def roles() -> set[str]:
    return {f"{item.id}/{role.id}" for item in catalogue().architectures.values() for role in item.roles}


def flows() -> set[str]:
    return {
        f"{item.id}/{flow.source}->{flow.target}" for item in catalogue().architectures.values() for flow in item.flows
    }


def is_profile(name: str) -> bool:
    profile, dot, setting = name.partition(".")
    if profile not in catalogue().profiles:
        return False
    parameter, _, value = setting.partition("=")
    return not dot or str(catalogue().profiles[profile].parameters.get(parameter)).lower() == value


def is_parameter(name: str) -> bool:
    rule, _, parameter = name.partition(".")
    return rule in catalogue().rules and parameter in catalogue().rules[rule].parameters


def is_file(name: str) -> bool:
    architecture, _, path = name.partition("/")
    return (ROOT / "fixtures" / "architectures" / architecture / "reference" / path).is_file()


KINDS: dict[str, Callable[[str], bool]] = {
    "architecture": lambda name: name in catalogue().architectures,
    "component": lambda name: name in catalogue().components,
    "file": is_file,
    "flow": lambda name: name in flows(),
    "item": lambda name: any(item.id == name for item in catalogue().items),
    "parameter": is_parameter,
    "profile": is_profile,
    "role": lambda name: name in roles(),
    "rule": lambda name: name in catalogue().rules,
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_covers_a_statement_exists(kind: str) -> None:
    names = named(kind)
    assert names
    assert sorted(name for name in names if not KINDS[kind](name)) == []


def test_every_row_names_what_covers_it_and_nothing_else() -> None:
    for number, _, covers in rows():
        found = [match["kind"] for match in NAME.finditer(covers)]
        assert found, f"line {number} is covered by nothing"
        assert set(found) <= KINDS.keys(), f"line {number} names an unknown kind"
        assert not NAME.sub("", covers).strip(), f"line {number} has words beside its names"


def test_every_line_of_a_table_is_read() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    tables = sum(line == "|---|---|" for line in lines)
    assert len(lines) == len(rows()) + 2 * tables


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("architecture", lambda: set(catalogue().architectures)),
        ("flow", flows),
        ("item", lambda: {item.id for item in catalogue().items}),
        ("role", roles),
    ],
)
def test_nothing_of_the_catalogue_is_left_out(kind: str, known: Callable[[], set[str]]) -> None:
    assert sorted(known() - named(kind)) == []


def test_every_profile_occurs_with_its_replicas() -> None:
    stated = {name.partition(".")[0] for name in named("profile") if ".min_replicas=" in name}
    assert stated == set(catalogue().profiles)


def test_the_checklist_has_31_items_in_7_sections() -> None:
    items = named("item")
    assert len(items) == 31
    assert len({name.partition(".")[0] for name in items}) == 7
