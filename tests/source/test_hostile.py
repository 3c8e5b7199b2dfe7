"""Every file of `fixtures/hostile` has a defined outcome: what is still read, and what is reported where."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from refarch_lint.source.loading import FileContent, read_bytes

HOSTILE = Path(__file__).parents[2] / "fixtures" / "hostile"

M, T = "manifest-readable", "template-rendered"


class Outcome(NamedTuple):
    """The names of the objects read (or the type of what is none), and line, column, rule and words of each problem."""

    names: list[str]
    problems: list[tuple[int, int, str, str]]
    empty: int = 0


OUTCOMES = {
    "alias-bomb.yaml": Outcome(
        ["after-bomb"], [(1, 1, M, "document 1: its aliases expand to more than 200000 values")]
    ),
    "alias-recursive.yaml": Outcome(["after-recursive"], [(6, 9, M, "document 1: an anchor contains itself")]),
    "alias-unknown.yaml": Outcome(
        ["after-unknown"], [(5, 7, M, "document 1: an alias has no anchor of its name before it")]
    ),
    "bad-among-good.yaml": Outcome(
        ["first", "third", "fifth"],
        [
            (8, 15, M, "document 2: mapping values are not allowed in this context"),
            (
                15,
                4,
                M,
                "document 4: did not find expected ',' or ']' (while parsing a flow sequence that begins on line 15)",
            ),
        ],
    ),
    "binary.yaml": Outcome(
        [],
        [
            (3, 115, M, "could not decode the file: 0x80 is not valid UTF-8; such bytes are read as U+FFFD"),
            (1, 1, M, "document 1: character U+0000 is not allowed in YAML"),
        ],
    ),
    "bom.yaml": Outcome(["marked", "marked-below", "marked-before"], []),
    "content-on-separator.yaml": Outcome(
        ["inline", "below"],
        [(1, 5, M, "kubectl does not read what stands on the line of ---: move it to the next line")],
    ),
    "control-character.yaml": Outcome(
        ["after-bell"], [(5, 15, M, "document 1: character U+0007 is not allowed in YAML")]
    ),
    "cr.yaml": Outcome(["classic", "classic-too"], []),
    "crlf.yaml": Outcome(["windows", "windows-too"], []),
    "custom-tags.yaml": Outcome(["tagged"], []),
    "deep-nesting.json": Outcome([], [(1, 1, M, "document 1: it nests more than 256 levels deep")]),
    "deep-nesting.yaml": Outcome(["after-depth"], [(1, 257, M, "document 1: it nests more than 256 levels deep")]),
    "document-end.yaml": Outcome(
        ["shown", "ignored-by-kubectl", "shown-too"],
        [(5, 1, M, "kubectl ignores a document that follows ... without a --- line: begin it with ---")],
    ),
    "duplicate-keys.json": Outcome(["thrice"], []),
    "duplicate-keys.yaml": Outcome(["twice"], []),
    "empty-documents.yaml": Outcome(["only"], [], 5),
    "empty.yaml": Outcome([], []),
    "flow-urls.yaml": Outcome(["urls"], []),
    "glued-separator.yaml": Outcome(
        ["before", "between", "behind", "noted"],
        [
            (5, 1, M, "invalid document separator: put --- alone on its line"),
            (10, 1, M, "invalid document separator: put --- alone on its line"),
        ],
    ),
    "infinity.yaml": Outcome(
        ["after-infinity"], [(5, 15, M, "document 1: .inf cannot be written as JSON, so no Kubernetes client reads it")]
    ),
    "json-in-yaml.yaml": Outcome(["one", "two"], []),
    "latin-1.yaml": Outcome(
        ["latin"], [(7, 10, M, "could not decode the file: 0xFC is not valid UTF-8; such bytes are read as U+FFFD")]
    ),
    "line-separators.yaml": Outcome(["separators"], []),
    "merge-chain.yaml": Outcome(
        ["after-chain"], [(633, 18, M, "document 1: its aliases expand to more than 200000 values")]
    ),
    "merge-keys.yaml": Outcome(["merged"], []),
    "not-a-manifest.yaml": Outcome(["list", "str", "int"], []),
    "nul.yaml": Outcome(["after-nul"], [(5, 14, M, "document 1: character U+0000 is not allowed in YAML")]),
    "null-key.yaml": Outcome(["after-null-key"], [(6, 3, M, "document 1: a mapping key is empty or null")]),
    "objects.json": Outcome(["one", "two 😀 /"], []),
    "scalars.yaml": Outcome(["scalars"], []),
    "separator-in-text.yaml": Outcome(["scripts"], []),
    "tab-blanks.yaml": Outcome(["tabs"], []),
    "tab-indentation.yaml": Outcome(
        ["after-tabs"], [(4, 1, M, "document 1: found a tab where indentation or a value begins: use spaces")]
    ),
    "template.yaml": Outcome(
        ["quoted"],
        [
            (1, 1, T, "document 1: it holds template markers ({{ …); render it first and check the result"),
            (11, 9, T, "document 2: it holds template markers ({{ …); render it first and check the result"),
        ],
    ),
    "trailing-comma.json": Outcome([], [(3, 1, M, "document 1: expecting property name enclosed in double quotes")]),
    "utf-16-be.yaml": Outcome(["sixteen-be"], []),
    "utf-16-le.yaml": Outcome(["sixteen-le"], []),
    "utf-16-unmarked.yaml": Outcome(
        ["sixteen"],
        [(1, 1, M, "could not decode the file: it is UTF-16 without a byte order mark, which kubectl cannot read")],
    ),
    "utf-32.yaml": Outcome(
        ["thirty-two"], [(1, 1, M, "could not decode the file: it is UTF-32, which kubectl cannot read")]
    ),
    "yaml-directive.yaml": Outcome(
        ["directed"], [(1, 1, M, "kubectl does not read YAML directives: remove %YAML 1.1")]
    ),
}


def load(name: str) -> FileContent:
    return read_bytes(name, (HOSTILE / name).read_bytes())


def test_every_hostile_file_has_an_outcome() -> None:
    files = {path.name for path in HOSTILE.iterdir() if path.suffix in (".yaml", ".json")}
    assert files == OUTCOMES.keys()


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome(name: str) -> None:
    content, expected = load(name), OUTCOMES[name]
    names = [
        document.data["metadata"]["name"] if isinstance(document.data, dict) else type(document.data).__name__
        for document in content.documents
    ]
    problems = [(*problem.location.span.start, problem.rule, problem.message) for problem in content.problems]
    assert names == expected.names
    assert [problem[:3] for problem in problems] == [problem[:3] for problem in expected.problems]
    for (*_, message), (*_, words) in zip(problems, expected.problems, strict=True):
        assert words in message
    assert content.empty == expected.empty


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_value_of_every_document_has_a_place_in_the_file(name: str) -> None:
    content = load(name)
    for document in content.documents:
        for path in paths(document.data):
            start, end = document.locate(path).span
            assert (1, 1) <= start <= end
            assert end.line <= len(content.lines)
            assert end.column <= len(content.lines[end.line - 1]) + 1


def paths(data: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    if isinstance(data, dict):
        for key, value in data.items():
            found += paths(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            found += paths(value, (*path, index))
    return found


def test_documents_keep_their_number_when_others_fail() -> None:
    assert [document.index for document in load("bad-among-good.yaml").documents] == [0, 2, 4]


def test_duplicate_keys_keep_both_places() -> None:
    (document,) = load("duplicate-keys.yaml").documents
    assert [(item.path, item.first.start, item.second.start) for item in document.duplicates] == [
        (("data", "color"), (6, 3), (8, 3))
    ]
    assert document.data["data"]["color"] == "blue"
    (document,) = load("duplicate-keys.json").documents
    assert [(item.path, item.first.start, item.second.start) for item in document.duplicates] == [
        (("metadata", "name"), (2, 15), (2, 32))
    ]


def test_scalars_and_keys_follow_kubectl() -> None:
    (document,) = load("scalars.yaml").documents
    assert document.data["values"] == [
        True, False, 420, 420, 8, "12:30:45", "2001-12-14", 1000, 1000, "=", None
    ]  # fmt: skip
    assert document.data["keys"] == {"1": "a", "true": "b", "16": "c"}


def test_encodings_keep_their_characters() -> None:
    assert load("utf-16-le.yaml").documents[0].data["data"]["city"] == "Zürich"
    assert load("utf-16-be.yaml").documents[0].data["data"]["city"] == "Zürich"
    assert load("latin-1.yaml").documents[0].data["data"]["city"] == "Z\ufffdrich"


def test_places_do_not_move_with_line_breaks_and_separators() -> None:
    for name, line in (("crlf.yaml", 13), ("cr.yaml", 9)):
        assert load(name).documents[1].locate(("metadata", "name")).span.start == (line, 9)
    assert load("line-separators.yaml").documents[0].locate(("data", "last")).span.start == (7, 9)


def test_markers_inside_indented_text_do_not_end_a_document() -> None:
    (document,) = load("separator-in-text.yaml").documents
    assert document.data["data"] == {"readme": "---\ntitle: not a document\n...\n", "other": "--- a/file\n+++ b/file\n"}


def test_tags_are_ignored_and_standard_ones_obeyed() -> None:
    (document,) = load("custom-tags.yaml").documents
    assert document.data["data"] == {"reference": "value", "sequence": ["a", "b"], "binary": "hello", "number": "42"}


def test_merged_values_come_from_the_anchor() -> None:
    (document,) = load("merge-keys.yaml").documents
    assert document.data["copy"] == {"cpu": "500m", "memory": "2Gi"}
    assert document.locate(("copy", "cpu")).span.start == (6, 8)
    assert document.locate(("copy", "memory")).span.start == (10, 11)


def test_urls_in_flow_collections_are_words() -> None:
    (document,) = load("flow-urls.yaml").documents
    assert document.data["command"] == ["curl", "-f", "http://web:8080/healthz"]
    assert document.locate(("command", 2)).span == ((5, 21), (5, 44))
