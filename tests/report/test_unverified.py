"""Reasons why something could not be verified: what several rules or objects share is one."""

from __future__ import annotations

from dataclasses import replace

from refarch_lint.evaluate.finding import Report, RuleOutcome
from refarch_lint.report.unverified import Reason, unverified
from tests.evaluate.running import check


def report(*given: tuple[str, tuple[str, ...]]) -> Report:
    empty = check("kind: A\n")
    return replace(empty, outcomes=tuple(RuleOutcome(rule, 0, 0, 0, reasons) for rule, reasons in given))


def test_rules_that_give_one_reason_are_named_together() -> None:
    found = unverified(report(("b", ("no repository",)), ("a", ("no repository",)), ("c", ("no schema for x/v1 Y",))))
    assert found == (Reason("no repository", ("a", "b"), 1), Reason("no schema for x/v1 Y", ("c",), 1))


def test_reasons_that_differ_in_their_object_are_counted() -> None:
    texts = tuple(
        f"Deployment/{name}: the image of container {name} is filled in later" for name in ("web", "api", "db")
    )
    assert unverified(report(("image-pinned", texts))) == (Reason(min(texts), ("image-pinned",), 3),)
    assert len(unverified(report(("image-pinned", texts)), apart=True)) == 3


def test_what_is_said_of_the_object_keeps_reasons_apart() -> None:
    texts = ("Deployment/web: what it runs is in its image", "Deployment/web: where it sends is in its image")
    assert [item.number for item in unverified(report(("backup", texts)))] == [1, 1]
