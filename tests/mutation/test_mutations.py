"""Whatever is spoilt in a reference set, the right rule tells it at the right place; survivors are explained."""

from __future__ import annotations

import pytest

from tests.mutation.everything import EXPLANATIONS, explanation
from tests.mutation.report import PAGE, Outcome, outcome
from tests.reference_sets import IDS


@pytest.fixture(scope="module", params=IDS)
def result(request: pytest.FixtureRequest) -> Outcome:
    return outcome(request.param)


def test_at_least_ninety_five_of_a_hundred_mutants_are_caught(result: Outcome) -> None:
    assert sum(result.made.values()) > 400
    assert result.share >= 0.95


def test_every_survivor_is_explained(result: Outcome) -> None:
    assert [mutant.id for mutant in result.survivors if explanation(mutant) is None] == []


def test_the_page_tells_what_is_found(result: Outcome) -> None:
    page = PAGE.read_text(encoding="utf-8")
    own = page.partition(f"## {result.architecture}\n")[2].partition("\n## ")[0]
    assert f"## {result.architecture}\n{own}".rstrip() == result.section().rstrip()


@pytest.mark.parametrize("explained", EXPLANATIONS, ids=lambda entry: entry[0])
def test_every_explanation_is_needed(explained: tuple[str, str]) -> None:
    assert explained[1] in PAGE.read_text(encoding="utf-8")
