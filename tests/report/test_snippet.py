"""Markers stand under the blamed characters, whatever is on the line."""

from __future__ import annotations

import pytest

from refarch_lint.location import Position, Span
from refarch_lint.report.columns import crop, pad, printable, text_width
from refarch_lint.report.snippet import snippet
from refarch_lint.report.style import painter


def shown(lines: list[str], start: tuple[int, int], end: tuple[int, int], label: str = "", width: int = 60) -> str:
    span = Span(Position(*start), Position(*end))
    gutter = len(str(end[0]))
    return "\n".join(snippet(lines, span, "^", "error", label, gutter, width, painter(False)))


@pytest.mark.parametrize(
    ("line", "start", "end", "expected", "marker"),
    [
        ("key: value", 6, 11, "key: value", "     ^^^^^"),
        ("キー: 値", 5, 6, "キー: 値", "      ^^"),
        ("a: 🚀 # launch", 4, 5, "a: 🚀 # launch", "   ^^"),
        ("a: 🚀 x", 6, 7, "a: 🚀 x", "      ^"),
        ("a: cafe\u0301 x", 10, 11, "a: cafe\u0301 x", "        ^"),
        ("\tkey:\tvalue", 7, 12, "    key:    value", "            ^^^^^"),
        ("key:", 5, 5, "key:", "    ^"),
        ("key: value   ", 6, 11, "key: value", "     ^^^^^"),
        ("", 1, 1, "", "^"),
        ("short", 40, 45, "short", "     ^"),
    ],
)
def test_one_line(line: str, start: int, end: int, expected: str, marker: str) -> None:
    assert shown([line], (1, start), (1, end)) == f"  |\n1 | {expected}".rstrip() + f"\n  | {marker}"


def test_label_follows_the_marker() -> None:
    assert shown(["key: value"], (1, 1), (1, 4), "this key") == "  |\n1 | key: value\n  | ^^^ this key"


def test_three_lines_are_shown_whole() -> None:
    lines = ["a:", "  b:", "    c: 1", "  d: 2"]
    assert shown(lines, (2, 3), (4, 4), "all this") == (
        "  |\n"
        "2 |   b:\n"
        "  |   ^^\n"
        "3 |     c: 1\n"
        "  |     ^^^^\n"
        "4 |   d: 2\n"
        "  |   ^ all this"
    )  # fmt: skip


def test_longer_span_shows_first_and_last_line() -> None:
    lines = [f"line {number}" for number in range(1, 13)]
    assert shown(lines, (2, 1), (11, 5)) == (
        "   |\n"
        " 2 | line 2\n"
        "   | ^^^^^^\n"
        "...\n"
        "11 | line 11\n"
        "   | ^^^^"
    )  # fmt: skip


def test_span_up_to_the_start_of_a_line_leaves_that_line_out() -> None:
    assert shown(["a: 1", "b: 2"], (1, 1), (2, 1)) == "  |\n1 | a: 1\n  | ^^^^"


def test_span_beyond_the_end_of_the_file() -> None:
    assert shown(["a: 1"], (1, 1), (9, 9)) == "  |\n1 | a: 1\n  | ^^^^"
    assert shown(["a: 1"], (5, 1), (5, 2)) == ""


def test_long_line_is_cropped_around_the_span() -> None:
    line = "x" * 500 + " blamed " + "y" * 500
    first, second, third = shown([line], (1, 502), (1, 508), width=44).split("\n")
    assert first == "  |"
    assert second.startswith("1 | …xxx")
    assert second.endswith("yyy…")
    assert text_width(second) <= 44
    marked = slice(third.index("^"), third.rindex("^") + 1)
    assert second[marked] == "blamed"


def test_long_line_with_the_span_at_its_start_is_cropped_at_its_end() -> None:
    second = shown(["key: " + "z" * 500], (1, 1), (1, 4), width=44).split("\n")[1]
    assert second == "1 | key: " + "z" * 34 + "…"


def test_span_wider_than_the_terminal() -> None:
    _, second, third = shown(["key: " + "z" * 500], (1, 6), (1, 506), width=44).split("\n")
    assert text_width(second) <= 44
    assert text_width(third) <= 44
    assert second[third.index("^")] == "z"


def test_wide_characters_on_a_cropped_line() -> None:
    line = "語" * 300 + "X" + "語" * 300
    _, second, third = shown([line], (1, 301), (1, 302), width=41).split("\n")
    assert text_width(second) <= 41
    assert text_width(second[: second.index("X")]) == third.index("^")


def test_widths() -> None:
    assert text_width("a語e\u0301") == 4
    assert pad("語", 4) == "語  "
    assert crop("語語語", 5) == "語語…"
    assert crop("plain", 5) == "plain"


def test_controls_become_visible() -> None:
    assert printable("a\x1b[0m\x7f\u202e\ud800\tb") == "a␛[0m␡\ufffd\ufffd b"
