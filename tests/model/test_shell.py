"""Simple commands of shell scripts, what joins them, and the options that hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.model.shell import options, read_shell


def programs(text: str) -> list[str]:
    return [command.program for command in read_shell(text) if command.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pg_dump a | gzip > /b/a.gz", ["pg_dump", "gzip"]),
        ("a && b || c; d & e", ["a", "b", "c", "d", "e"]),
        ("# a comment\necho 'x # y'", ["echo"]),
        ("one \\\n  --flag\ntwo", ["one", "two"]),
        ("if ! a; then b; else c; fi", ["a", "b", "c"]),
        ("for x in 1 2; do a; done", ["for", "a"]),
        ('X="$(a | b)" c', ["a", "b", "c"]),
        ("sudo -u postgres /usr/bin/pg_dump a", ["pg_dump"]),
        ("timeout -k 5 30 nice -n 5 a b", ["a"]),
        ("gosu postgres pg_dump a", ["pg_dump"]),
        ("cat <<EOF\nrm -rf /\nEOF\nlast", ["cat", "last"]),
        ("exec env A=1 a", ["a"]),
    ],
)
def test_programs(text: str, expected: list[str]) -> None:
    assert programs(text) == expected


def test_operators_outputs_and_lines() -> None:
    first, second, third = read_shell("a 2>&1 |\n  b >> /out\nc 2>/dev/null")
    assert (first.joined_by, second.joined_by) == ("|", ";")
    assert (first.outputs, second.outputs, third.outputs) == ((), ("/out",), ())
    assert [command.line for command in (first, second, third)] == [0, 1, 2]


def test_variables_are_followed() -> None:
    commands = read_shell('DAY=$(date +%F)\na > "/b/$DAY-$HOST.sql"', {"HOST": "db"})
    assert commands[-1].outputs == ("/b/$(date +%F)-db.sql",)


def test_single_quotes_keep_dollars() -> None:
    assert read_shell("a '$X'", {"X": "1"})[0].words == ("a", "$X")


def test_a_condition_is_marked() -> None:
    condition, body = read_shell("if a; then b; fi")
    assert (condition.is_condition, body.is_condition) == (True, False)


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("set -euo pipefail", "", {"errexit", "pipefail"}),
        ("set -o errexit\nset -o pipefail", "", {"errexit", "pipefail"}),
        ("a", "-ec", {"errexit"}),
        ("a", "-e -o pipefail -c", {"errexit", "pipefail"}),
        ("set -u\necho -e x", "", set()),
        ("set +e", "", set()),
    ],
)
def test_options(text: str, given: str, expected: set[str]) -> None:
    assert options(read_shell(text), given) == expected


@given(st.text(alphabet="ab$(){}|&;<>\"'\\`#= \n", max_size=60))
def test_any_text_is_read(text: str) -> None:
    lines = text.count("\n")
    assert all(0 <= command.line <= lines for command in read_shell(text))
