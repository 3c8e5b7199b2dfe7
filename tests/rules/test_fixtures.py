"""Every rule is held against its fixtures, and every rule has some."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.evaluate.rule_fixtures import Case, cases, faults_of

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "rules"


@cache
def catalogue() -> Catalogue:
    return load_catalogue(check=True)


def _name(case: Case) -> str:
    return f"{case.rule}/{case.path.name}"


@pytest.mark.parametrize("case", list(cases(FIXTURES, catalogue())), ids=_name)
def test_case_is_as_it_states(case: Case) -> None:
    assert faults_of(case, catalogue()) == ()


@pytest.mark.parametrize("rule", list(catalogue().rules))
def test_rule_has_a_pass_and_a_fail_case(rule: str) -> None:
    names = [path.name for path in (FIXTURES / rule).iterdir()] if (FIXTURES / rule).is_dir() else []
    assert any(name.startswith("pass") for name in names)
    assert any(name.startswith("fail") for name in names)


def test_every_fixture_folder_belongs_to_a_rule() -> None:
    folders = {case.rule for case in cases(FIXTURES, catalogue())}
    there = {path.parent.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("pass*")}
    assert {name.split("/pass")[0] for name in there if "/pass" not in name} <= folders | set(there)
