"""Every path has a place: values, keys, names, absent things, lines of texts, in YAML and in JSON."""

from __future__ import annotations

import pytest

from refarch_lint.location import Location, Path, Position, Span, TextLine
from refarch_lint.source.document import Document
from refarch_lint.source.loading import read_bytes


def document(text: str, name: str = "a.yaml", index: int = 0) -> Document:
    content = read_bytes(name, text.encode())
    assert not content.problems
    return content.documents[index]


def shown(text: str, location: Location) -> tuple[str, int, int]:
    """Return the characters that a one-line location covers, and where it begins."""
    (line, column), (end_line, end_column) = location.span
    assert line == end_line
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[line - 1][column - 1 : end_column - 1], line, column


DEPLOYMENT = """\
# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "web"   # quoted
  labels: {app: web, tier: }
spec:
  replicas: 2
  empty:
  template:
    spec:
      containers:
      - image: nginx
        name: main
        env: []
      - image: busybox
      -
        resources: &res
          limits: {cpu: 1}
      - {}
      -
      args: &args [a, "b c", 'd']
      more: *args
      again: *res
      copy: {<<: *res, x: 1}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ('"web"', 5, 9)),
        (("metadata", "name"), ('"web"', 5, 9)),
        (("metadata",), ("metadata", 4, 1)),
        (("metadata", "labels"), ("labels", 6, 3)),
        (("metadata", "labels", "app"), ("web", 6, 17)),
        (("metadata", "labels", "tier"), ("tier", 6, 22)),
        (("metadata", "annotations"), ("metadata", 4, 1)),
        (("metadata", "annotations", "x"), ("metadata", 4, 1)),
        (("status",), ('"web"', 5, 9)),
        (("spec", "replicas"), ("2", 8, 13)),
        (("spec", "replicas", "x"), ("replicas", 8, 3)),
        (("spec", "empty"), ("empty", 9, 3)),
        (("spec", "template", "spec", "containers"), ("containers", 12, 7)),
        (("spec", "template", "spec", "containers", 0), ("main", 14, 15)),
        (("spec", "template", "spec", "containers", 0, "image"), ("nginx", 13, 16)),
        (("spec", "template", "spec", "containers", 0, "env"), ("env", 15, 9)),
        (("spec", "template", "spec", "containers", 0, "env", 0), ("env", 15, 9)),
        (("spec", "template", "spec", "containers", 0, "resources", "limits"), ("main", 14, 15)),
        (("spec", "template", "spec", "containers", 1), ("image", 16, 9)),
        (("spec", "template", "spec", "containers", 1, "ports"), ("image", 16, 9)),
        (("spec", "template", "spec", "containers", 2), ("resources", 18, 9)),
        (("spec", "template", "spec", "containers", 3), ("{}", 20, 9)),
        (("spec", "template", "spec", "containers", 4), ("-", 21, 7)),
        (("spec", "template", "spec", "containers", 9), ("containers", 12, 7)),
        (("spec", "template", "spec", "containers", -1), ("containers", 12, 7)),
        (("spec", "template", "spec", "containers", "x"), ("containers", 12, 7)),
        (("spec", "template", "spec", "args", 1), ('"b c"', 22, 23)),
        (("spec", "template", "spec", "more", 2), ("'d'", 22, 30)),
        (("spec", "template", "spec", "more"), ("more", 23, 7)),
        (("spec", "template", "spec", "again", "limits", "cpu"), ("1", 19, 25)),
        (("spec", "template", "spec", "again", "limits"), ("limits", 19, 11)),
        (("spec", "template", "spec", "copy", "limits", "cpu"), ("1", 19, 25)),
        (("spec", "template", "spec", "copy", "x"), ("1", 25, 27)),
        (("spec", "template", "spec", "copy", "nothing"), ("copy", 25, 7)),
    ],
)
def test_places_in_a_deployment(path: Path, expected: tuple[str, int, int]) -> None:
    text = DEPLOYMENT
    assert shown(text, document(text).locate(path)) == expected


def test_crlf_and_cr_leave_lines_and_columns_as_they_are() -> None:
    for line_break in ("\r\n", "\r"):
        text = DEPLOYMENT.replace("\n", line_break)
        found = document(text).locate(("spec", "template", "spec", "containers", 0, "image"))
        assert shown(text, found) == ("nginx", 13, 16)


def test_unicode_line_separators_are_not_lines() -> None:
    text = 'a: "x\u2028y\u2029z\x85"\nb: 1\n'
    assert shown(text, document(text).locate(("b",))) == ("1", 2, 4)


def test_columns_count_code_points() -> None:
    text = "é😀: {ü: 'ñ', b: 1}\n"
    assert shown(text, document(text).locate(("é😀", "b"))) == ("1", 1, 17)


def test_later_documents_count_lines_from_the_top_of_the_file() -> None:
    text = "\ufeff# head\n---\na: 1\n---\n\ufeffb: 2\nc: 3\n"
    second = document(text, index=1)
    assert str(second.locate(("b",))) == "a.yaml:5:5"
    assert str(second.locate(("c",))) == "a.yaml:6:4"
    assert str(document(text).locate(("a",))) == "a.yaml:3:4"


def test_items_of_a_list_are_grabbed_by_their_own_name() -> None:
    text = (
        "kind: List\nitems:\n- kind: A\n  metadata:\n    name: one\n- kind: B\n"
        "  metadata: {generateName: two-}\n- kind: C\n"
    )
    found = document(text)
    assert shown(text, found.locate(("items", 0))) == ("one", 5, 11)
    assert shown(text, found.locate(("items", 0, "spec", "x"))) == ("one", 5, 11)
    assert shown(text, found.locate(("items", 0, "metadata", "labels"))) == ("metadata", 4, 3)
    assert shown(text, found.locate(("items", 1, "spec"))) == ("two-", 7, 28)
    assert shown(text, found.locate(("items", 2))) == ("kind", 8, 3)
    assert shown(text, found.locate(())) == ("List", 1, 7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n", ("a", 1, 1)),
        ("- x\n", ("x", 1, 3)),
        ("- - x\n", ("x", 1, 5)),
        ("[]\n", ("[]", 1, 1)),
        ("just text\n", ("just text", 1, 1)),
        ("--- |\n  a\n", ("|", 1, 5)),
    ],
)
def test_the_root_of_odd_documents(text: str, expected: tuple[str, int, int]) -> None:
    assert shown(text, document(text).locate(())) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("&a 12", "12"),
        ("!!str 12", "12"),
        ("!!str &a '12'", "'12'"),
        ("&a !x\n  12", "12"),
        ("&a # note\n  12", "12"),
        ("!<tag:yaml.org,2002:str> 12", "12"),
    ],
)
def test_tags_and_anchors_are_not_the_value(value: str, expected: str) -> None:
    text = f"key: {value}\n"
    assert shown(text, document(text).locate(("key",)))[0] == expected


def test_a_scalar_over_several_lines_is_its_whole_extent() -> None:
    assert document("a: 'x\n  y'\n").locate(("a",)).span == ((1, 4), (2, 5))
    assert document("a: x\n  y\n\nb: 1\n").locate(("a",)).span == ((1, 4), (2, 4))


def test_an_empty_value_with_properties_is_its_key() -> None:
    text = "a: &x\nb: !!str\nc: 1\n"
    assert shown(text, document(text).locate(("a",))) == ("a", 1, 1)
    assert shown(text, document(text).locate(("b",))) == ("b", 2, 1)


def test_duplicate_keys_have_both_places_and_the_last_wins() -> None:
    text = "a:\n- x: 1\n  y: 2\n  'x': 3\nb: 1\nb: 2\n"
    found = document(text)
    assert found.data == {"a": [{"x": 3, "true": 2}], "b": 2}
    assert [(duplicate.path, duplicate.first.start, duplicate.second.start) for duplicate in found.duplicates] == [
        (("a", 0, "x"), (2, 3), (4, 3)),
        (("b",), (5, 1), (6, 1)),
    ]
    assert shown(text, found.locate(("b",))) == ("2", 6, 4)


BLOCKS = """\
literal: |  # note
  first

    third  \n  fourth
strip: |-

  second
folded: >
  one
  still one

  two
    three

    four
  five
keep: |2+
   x

end: "a\\nb"
"""


@pytest.mark.parametrize(
    ("key", "line", "expected"),
    [
        ("literal", 0, ("first", 2, 3)),
        ("literal", 2, ("third  ", 4, 5)),
        ("literal", 3, ("fourth", 5, 3)),
        ("literal", 99, ("literal", 1, 1)),
        ("strip", 1, ("second", 8, 3)),
        ("folded", 0, ("one", 10, 3)),
        ("folded", 1, ("two", 13, 3)),
        ("folded", 2, ("three", 14, 5)),
        ("folded", 4, ("four", 16, 5)),
        ("folded", 5, ("five", 17, 3)),
        ("keep", 0, ("x", 19, 4)),
        ("end", 1, ('"a\\nb"', 21, 6)),
    ],
)
def test_lines_of_texts(key: str, line: int, expected: tuple[str, int, int]) -> None:
    assert shown(BLOCKS, document(BLOCKS).locate((key, TextLine(line)))) == expected


def test_a_block_of_text_is_its_key() -> None:
    assert shown(BLOCKS, document(BLOCKS).locate(("folded",))) == ("folded", 9, 1)


def test_a_text_line_of_something_else_is_its_place() -> None:
    text = "a: {b: 1}\nc:\n"
    assert shown(text, document(text).locate(("a", TextLine(0)))) == ("a", 1, 1)
    assert shown(text, document(text).locate(("a", "b", TextLine(3)))) == ("1", 1, 8)
    assert shown(text, document(text).locate(("c", TextLine(0)))) == ("c", 2, 1)
    assert shown(text, document(text).locate(("x", TextLine(0)))) == ("a", 1, 1)


def test_key_and_value_locations() -> None:
    found = document(DEPLOYMENT)
    assert shown(DEPLOYMENT, found.key_location(("spec", "replicas"))) == ("replicas", 8, 3)
    assert shown(DEPLOYMENT, found.key_location(("spec", "absent"))) == ("spec", 7, 1)
    assert shown(DEPLOYMENT, found.key_location(("spec", "template", "spec", "containers", 0))) == ("main", 14, 15)
    assert shown(DEPLOYMENT, found.value_location(("metadata", "labels"))) == ("{app: web, tier: }", 6, 11)
    assert found.value_location(("metadata",)).span == ((5, 3), (6, 29))
    assert found.value_location(("spec", "template", "spec", "containers", 0)).span == ((13, 9), (15, 16))
    assert document(BLOCKS).value_location(("literal",)).span == ((1, 10), (5, 9))
    assert shown(DEPLOYMENT, found.value_location(("spec", "empty"))) == ("empty", 9, 3)


@pytest.mark.parametrize(
    ("key", "part", "expected"),
    [
        ("plain", "http", ("http", 1, 9)),
        ("quoted", "pass", ("pass", 2, 16)),
        ("escaped", "pass", ('"a\\tpass"', 3, 10)),
        ("block", "pass", ("pass", 6, 10)),
        ("block", "two: pass\nthree", ("two: pass", 6, 5)),
        ("folded", "pass", ("folded", 8, 1)),
    ],
)
def test_parts_of_texts(key: str, part: str, expected: tuple[str, int, int]) -> None:
    text = (
        "plain:  http://x\nquoted: 'user: pass'\nescaped: \"a\\tpass\"\n"
        "block: |\n  one\n    two: pass\n  three\nfolded: >\n  a\n  pass\n"
    )
    found = document(text)
    start = found.data[key].index(part)
    assert shown(text, found.locate_text((key,), start, start + len(part))) == expected


JSON = """\
{
\t"kind": "Pod", "metadata": {"name": "web\\u0031"},
\t"spec": {"containers": [{"image": "a"}, {"name": "b", "env": []}, 12, []], "empty": ""}
}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ('"web\\u0031"', 2, 38)),
        (("spec", "x"), ('"spec"', 3, 2)),
        (("spec", "containers", 0), ('"image"', 3, 27)),
        (("spec", "containers", 0, "image"), ('"a"', 3, 36)),
        (("spec", "containers", 1, "env", 0), ('"env"', 3, 56)),
        (("spec", "containers", 2), ("12", 3, 68)),
        (("spec", "containers", 3), ("[]", 3, 72)),
        (("spec", "empty"), ('""', 3, 86)),
    ],
)
def test_places_in_json(path: Path, expected: tuple[str, int, int]) -> None:
    assert shown(JSON, document(JSON, "a.json").locate(path)) == expected


def test_places_in_a_second_json_object_on_the_same_line() -> None:
    text = '{"a": 1} {"b": 2,\n"b": 3}'
    second = document(text, "a.json", 1)
    assert shown(text, second.key_location(("b",))) == ('"b"', 2, 1)
    assert second.duplicates[0].first.start == (1, 11)


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("a: |\n  one: x\n  two: word here\n", TextLine(1, (5, 9)), ("word", 3, 8)),
        ("a: |-\n\n      one: x\n        two: word\n", TextLine(2, (7, 11)), ("word", 4, 14)),
        ("a: |+ # why\n  é: word\n", TextLine(0, (3, 7)), ("word", 2, 6)),
        ("a: >\n  one word\n  two\n", TextLine(0, (4, 8)), ("one word", 2, 3)),
        ("a: |2\n    one word\n", TextLine(0, (6, 10)), ("one word", 2, 5)),
        ("a: |\n  one\n", TextLine(0, (1, 9)), ("one", 2, 3)),
        ("a: |\n  one\n", TextLine(7, (0, 1)), ("a", 1, 1)),
        ('a: "one\\ntwo"\n', TextLine(1, (0, 3)), ('"one\\ntwo"', 1, 4)),
    ],
)
def test_a_part_of_a_line_is_shown_where_the_text_is_written_as_it_is(
    text: str, line: TextLine, expected: tuple[str, int, int]
) -> None:
    assert shown(text, document(text).locate(("a", line))) == expected


def test_the_part_of_a_span_of_one_line() -> None:
    assert TextLine.of(Span(Position(3, 5), Position(3, 9))) == TextLine(2, (4, 8))
    assert TextLine.of(Span(Position(3, 5), Position(4, 2))) == TextLine(2)
