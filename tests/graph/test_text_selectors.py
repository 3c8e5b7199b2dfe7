"""Selectors in one line: what each term asks, and what is none."""

from __future__ import annotations

import pytest

from refarch_lint.graph.text_selectors import parse_terms

LABELS = {"app": "web", "tier": "", "example.com/old": "yes"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        (" ", True),
        ("app", True),
        ("none", False),
        ("!none", True),
        ("! app", False),
        ("app=web", True),
        ("app == web , tier", True),
        ("app=api", False),
        ("tier=", True),
        ("app!=api", True),
        ("none != api", True),
        ("app in (api, web)", True),
        ("app in(api)", False),
        ("app notin (api, db), example.com/old = yes", True),
        ("none notin (api)", True),
        ("app notin (web)", False),
        ("app=web,app=api", False),
    ],
)
def test_terms_all_have_to_hold(text: str, holds: bool) -> None:
    assert all(term.holds(LABELS) for term in parse_terms(text)) is holds


@pytest.mark.parametrize("text", ["app > 1", "app in web", "in (a)", "!app=web", "app=a=b", "app,", "a b", "app in (a"])
def test_other_texts_are_no_selectors(text: str) -> None:
    with pytest.raises(ValueError, match="is no term of a selector"):
        parse_terms(text)
