"""The checklist as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.finding import ItemVerdict, Verdict
from refarch_lint.report.columns import crop, printable
from refarch_lint.report.style import Meaning, Paint
from refarch_lint.report.wording import capitalized, first_sentence

_TITLE_WIDTH = 36

#: Up to this one where the terminal is wide.
_WIDE_TITLE_WIDTH = 56
_MIN_EVIDENCE_WIDTH = 28
_GAP = 2

_MEANINGS: dict[Verdict, Meaning] = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.NOT_APPLICABLE: "faint",
    Verdict.NOT_VERIFIABLE: "doubt",
    Verdict.ATTESTED: "attested",
}


def scorecard(items: tuple[ItemVerdict, ...], width: int, paint: Paint) -> str:
    """Return one row per item: section (named once), item, verdict and the first piece of evidence."""
    # Importing tabulate takes longer than everything else that reporting does.
    from tabulate import tabulate

    section_width = max(len(section_title(item)) for item in items)
    title_width = min(_WIDE_TITLE_WIDTH if width >= 140 else _TITLE_WIDTH, max(len(item.title) for item in items))
    verdict_width = max(len(item.verdict) for item in items)
    room = max(width - section_width - title_width - verdict_width - 3 * _GAP, _MIN_EVIDENCE_WIDTH)
    return tabulate(
        list(_rows(items, title_width, room, paint)),
        headers=("Section", "Item", "Verdict", "Evidence"),
        tablefmt="simple",
        disable_numparse=True,
    )


def _rows(items: tuple[ItemVerdict, ...], title_width: int, room: int, paint: Paint) -> Iterator[tuple[str, ...]]:
    section = ""
    for item in items:
        named = "" if item.section == section else section_title(item)
        section = item.section
        verdict = paint(_MEANINGS[item.verdict], item.verdict.value)
        yield named, crop(printable(item.title), title_width), verdict, short_evidence(item, room)


def section_title(item: ItemVerdict) -> str:
    """Return what an item's section is called; its id with a capital where the report does not say."""
    return item.section_title or capitalized(item.section)


def short_evidence(item: ItemVerdict, width: int) -> str:
    """Return an item's first piece of evidence in at most `width` columns, and how many more pieces there are."""
    if not item.evidence:
        return ""
    more = f" (+{len(item.evidence) - 1})" if len(item.evidence) > 1 else ""
    return crop(printable(first_sentence(item.evidence[0])), width - len(more)) + more
