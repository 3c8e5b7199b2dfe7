"""One YAML document into plain data: keys, merges, aliases, tags, and the caps on hostile input."""

from __future__ import annotations

from typing import Any

import pytest

from refarch_lint.source.expansion import MAX_DEPTH
from refarch_lint.source.unreadable import UnreadableError
from refarch_lint.source.yaml_reader import YamlReader


@pytest.fixture(params=[False, True], ids=["libyaml", "python"])
def reader(request: pytest.FixtureRequest) -> YamlReader:
    return YamlReader(pure=request.param)


def read(reader: YamlReader, text: str) -> Any:
    reading = reader.read(text)
    assert reading.present
    return reading.data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1\nb: [x, 'y', \"n\"]\n", {"a": 1, "b": ["x", "y", "n"]}),
        ("[y, 'y']", [True, "y"]),
        ("1: a\ntrue: b\n'x': c\n", {"1": "a", "true": "b", "x": "c"}),
        ("metadata: {name: y}\ny: 1\n", {"metadata": {"name": True}, "true": 1}),
        ("a: !Ref x\nb: !x {c: 1}\nc: !y [1]\n", {"a": "x", "b": {"c": 1}, "c": [1]}),
        ("a: ! 12\nb: ! '12'\n", {"a": "12", "b": "12"}),
        ("a: !!binary aGVsbG8=\n", {"a": "hello"}),
        ("a: =\n=: b\n", {"a": "=", "=": "b"}),
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x foo\n*x : 1\n", {"a": "foo", "foo": 1}),
        ("&k 12: a\nb: *k\n", {"12": "a", "b": 12}),
        ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
        ("a: &x\nb: *x\n", {"a": None, "b": None}),
        ("a: |\n  x\n  y\n\nb: >-\n  x\n  y\n", {"a": "x\ny\n", "b": "x y"}),
        ("? a\n: 1\n", {"a": 1}),
        ("---\na: 1\n", {"a": 1}),
        ("--- # note\na: 1\n", {"a": 1}),
        ("---# note\na: 1\n", {"a": 1}),
        ("... # note\na: 1\n", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: 1\rb: 2\r", {"a": 1, "b": 2}),
        ('a: "\\u00e9\\U0001F600\\x41"\n', {"a": "é😀A"}),
        ("null\n", None),
        ("just text\n", "just text"),
    ],
)
def test_documents(reader: YamlReader, text: str, data: object) -> None:
    assert read(reader, text) == data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("[curl, http://web:80/x, a:b]\n", ["curl", "http://web:80/x", "a:b"]),
        ('{url: http://web, "q": x:y, a:1}\n', {"url": "http://web", "q": "x:y", "a:1": None}),
        ("{a:, b: c:}\n", {"a:": None, "b": "c:"}),
        ("x: [!t a:b, 'c:d', \"e:f\"]  # g:h\nz: k:l\n", {"x": ["a:b", "c:d", "e:f"], "z": "k:l"}),
    ],
)
def test_colons_inside_words_of_flow_collections(text: str, data: object) -> None:
    assert read(YamlReader(), text) == data


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "...\n", "... # end\n"])
def test_texts_without_a_document(reader: YamlReader, text: str) -> None:
    assert not reader.read(text).present


def test_tabs_that_do_not_indent_are_blanks() -> None:
    assert read(YamlReader(), "a:\t1\t\nb: 2 \t# note\n") == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("mapping", "data"),
    [
        ("<<: *b\n  a: 9\n", {"a": 9, "b": 2}),
        ("a: 9\n  <<: *b\n", {"a": 1, "b": 2}),
        ("<<: [*b, *c]\n", {"a": 1, "b": 2, "c": 4}),
        ("<<: *b\n  <<: *c\n", {"a": 3, "b": 2, "c": 4}),
        ("<<: {a: 1}\n", {"a": 1}),
        ('"<<": 1\n', {"<<": 1}),
        ("!!str <<: 1\n", {"<<": 1}),
    ],
)
def test_merge_keys(reader: YamlReader, mapping: str, data: object) -> None:
    reading = reader.read(f"b: &b {{a: 1, b: 2}}\nc: &c {{a: 3, c: 4}}\nx:\n  {mapping}")
    assert reading.data["x"] == data
    assert not reading.has_duplicates


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "{a: 1, 'a': 2}", "1: a\n'1': b\n", "x: &x {a: 1}\ny: {<<: *x, a: 2, a: 3}\n"]
)
def test_duplicate_keys_are_noticed(reader: YamlReader, text: str) -> None:
    assert reader.read(text).has_duplicates


@pytest.mark.parametrize(
    ("text", "reason", "index"),
    [
        ("a: b: c\n", "mapping values are not allowed", 4),
        ("a: {}\nb\n", "could not find expected ':'", 6),
        ("~: 1\n", "key is empty or null", 0),
        ("a: 1\n? ~\n: 2\n", "key is empty or null", 7),
        ("{[a]: 1}\n", "key is itself a mapping or a list", 1),
        ("a: *b\n", "an alias has no anchor", 3),
        ("a: &x {b: *x}\n", "an anchor contains itself", 10),
        ("a:\n  <<: 1\n", "merge key", 9),
        ("a:\n  <<: [1]\n", "merge key", 9),
        ("a: .inf\n", "cannot be written as JSON", 3),
        ("- .nan\n", "cannot be written as JSON", 2),
        ("a: !!int x\n", "cannot read the value as !!int", 3),
        ("a: @b\n", "found '@', which cannot begin a value", 3),
        ("a:\n\tb: 1\n", "found a tab", 3),
        ('a: "b\n', "found unexpected end of stream", 3),
        ("a: x\x07\n", "U+0007", 4),
    ],
)
def test_reasons_and_places(text: str, reason: str, index: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        YamlReader().read(text)
    assert reason in caught.value.reason
    assert caught.value.index == index


@pytest.mark.parametrize(
    "text", ["a: b: c\n", "a: [\n", "a: 'x\n", "a: *b\n", "a: \x00\n", "%YAML 9.9\n---\na\n", '"\\ud83d"']
)
def test_both_parsers_refuse(reader: YamlReader, text: str) -> None:
    with pytest.raises(UnreadableError):
        reader.read(text)


def test_an_unfinished_list_is_blamed_where_it_begins() -> None:
    with pytest.raises(UnreadableError) as caught:
        YamlReader().read("a: 1\nb: [x,\n  y\n")
    assert caught.value.index == 8
    assert caught.value.within is not None
    assert caught.value.within.words == "while parsing a flow sequence"


@pytest.mark.parametrize("unit", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(reader: YamlReader, unit: str) -> None:
    with pytest.raises(UnreadableError, match="levels deep"):
        reader.read(unit * 10_000)


def test_nesting_up_to_the_cap_is_read(reader: YamlReader) -> None:
    assert read(reader, "[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_an_alias_bomb_is_refused(reader: YamlReader) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12)
    )
    with pytest.raises(UnreadableError, match="aliases expand"):
        reader.read(bomb)


def test_a_chain_of_merges_is_refused_before_it_fills_memory(reader: YamlReader) -> None:
    chain = "m0: &m0 {k0: 1}\n" + "".join(
        f"m{level}: &m{level} {{<<: *m{level - 1}, k{level}: 1}}\n" for level in range(1, 1000)
    )
    with pytest.raises(UnreadableError, match="aliases expand"):
        reader.read(chain)


def test_aliases_that_nest_too_deep_together_are_refused(reader: YamlReader) -> None:
    half = MAX_DEPTH - 10
    text = f"a: &a {'[' * half}{']' * half}\nb: &b {'[' * half}*a{']' * half}\n"
    with pytest.raises(UnreadableError, match="levels deep"):
        reader.read(text)


def test_ordinary_sharing_is_allowed(reader: YamlReader) -> None:
    text = "base: &b {cpu: 100m, memory: 128Mi}\nuses: [" + ", ".join(["*b"] * 500) + "]\n"
    assert len(read(reader, text)["uses"]) == 500
