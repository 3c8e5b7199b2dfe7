"""A version without schemas of its own: judged by the nearest, and said to be."""

from __future__ import annotations

import pytest

from refarch_lint.config import Settings
from refarch_lint.evaluate.lint import lint

POD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'a:1'}]}\n"


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("1.20", ("no schemas of Kubernetes 1.20: those of 1.25 stand in",)),
        ("1.30", ()),
        ("1.99", ("no schemas of Kubernetes 1.99: those of 1.37 stand in",)),
    ],
)
def test_what_stands_in_is_told_once(version: str, told: tuple[str, ...]) -> None:
    settings = Settings(select=("schema-valid",), kubernetes_version=version, architecture="none")
    report = lint(["-"], settings, stdin=lambda: POD + b"---\n" + POD.replace(b"name: a}", b"name: b}", 1))
    (outcome,) = (item for item in report.outcomes if item.rule == "schema-valid")
    assert outcome.unverifiable == told
    assert outcome.passed == 2 - len(told)
