"""The quick way to an object's name leads where the whole document's tree leads."""

from __future__ import annotations

import pytest

from refarch_lint.location import Path, Position, Span
from refarch_lint.source.loading import read_bytes

NAME: Path = ("metadata", "name")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("kind: Pod\nmetadata: {labels: {a: [b, {c: d}]}, name: web}\n", (2, 44), (2, 47)),
        ("kind: Pod\nmetadata:\n  labels:\n    name: other\n  name: web\n", (5, 9), (5, 12)),
        ("# first\nspec:\n- metadata: {name: no}\nmetadata:\n  'name': \"web\"\n", (5, 11), (5, 16)),
        ("kind: Pod\nmetadata:\n  name: &n web\nother: *n\n", (3, 12), (3, 15)),
        ("kind: Pod\nmetadata:\n  name: !!str web\n", (3, 15), (3, 18)),
        ("kind: Pod\nmetadata:\n  name: |\n    web\n", (3, 3), (3, 7)),
        ("kind: Pod\nmetadata:\n  name: 'we\n    b'\n", (3, 9), (4, 7)),
        ("kind: Pod\nmetadata:\n  name:\n", (3, 3), (3, 7)),
        ("kind: Pod\nmetadata:\n  generateName: web-\n", (2, 1), (2, 9)),
        ("base: &b {name: web}\nkind: Pod\nmetadata: *b\n", (1, 17), (1, 20)),
        ("base: &b {name: web}\nkind: Pod\nmetadata:\n  <<: *b\n", (1, 17), (1, 20)),
        ("kind: Pod\nmetadata:\n  name: a\n  name: web\n", (4, 9), (4, 12)),
        ("kind: Pod\r\nmetadata:\r\n  name: web\r\n", (3, 9), (3, 12)),
        ("\ufeffmetadata: {name: web}\nkind: Pod\n", (1, 18), (1, 21)),
        ("kind: Pod\nmetadata: none\n", (2, 1), (2, 9)),
    ],
)
def test_the_name_stands_where_the_whole_tree_says(text: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    (document,) = read_bytes("app.yaml", text.encode()).documents
    found = document.locate(NAME)
    assert found.span == Span(Position(*start), Position(*end))
    object_itself = document.locate(())
    document.value_location(())
    assert (document.locate(NAME), document.locate(())) == (found, object_itself)


def test_lines_count_from_the_file() -> None:
    documents = read_bytes("app.yaml", b"kind: A\n---\n# of B\nkind: B\nmetadata:\n  name: b\n").documents
    assert documents[1].locate(NAME).span.start == Position(6, 9)
