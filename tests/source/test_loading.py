"""One file into documents and problems: what is counted, how messages read, where they point."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.source.discovery import InputFile
from refarch_lint.source.loading import FileContent, read_bytes, read_file


def load(text: str, name: str = "a.yaml") -> FileContent:
    return read_bytes(name, text.encode())


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    content = read_file(InputFile("gone.yaml", tmp_path / "gone.yaml"))
    assert content.documents == ()
    assert content.problems[0].message == "could not read gone.yaml: No such file or directory"
    assert str(content.problems[0].location) == "gone.yaml:1:1"


def test_a_file_is_read_through_its_path_and_standard_input_from_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")
    assert read_file(InputFile("a.yaml", tmp_path / "a.yaml")).documents[0].data == {"a": 1}
    assert read_file(InputFile("<stdin>", None, b"b: 2\n")).documents[0].data == {"b": 2}
    assert read_file(InputFile("<stdin>", None)).documents == ()


def test_messages_number_the_document_and_say_where_the_unfinished_part_began() -> None:
    content = load("a: 1\n---\nb: 1\n---\nc:\n  - x\n d: 1\n")
    (problem,) = content.problems
    assert problem.message == (
        "could not parse document 3: did not find expected key (while parsing a block mapping that begins on line 5)"
    )
    assert str(problem.location) == "a.yaml:7:2"
    assert len(content.documents) == 2


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("name: {{ .Values.name }}\n", 7, 25),
        ("{% if x %}\na: 1\n{% endif %}\n", 1, 11),
        ("a: b: {{ broken\n", 7, 16),
    ],
)
def test_templates_are_told_from_mistakes(text: str, start: int, end: int) -> None:
    (problem,) = load(text).problems
    assert problem.rule == "template-rendered"
    assert "render it first" in problem.message
    assert problem.location.span == ((1, start), (1, end))


def test_markers_inside_strings_are_no_templates() -> None:
    content = load("a: 'uses {{ braces }}'\nb: |\n  {{ more }}\n")
    assert content.problems == ()
    assert len(content.documents) == 1


def test_a_template_among_documents_hides_none_of_them() -> None:
    content = load("a: 1\n---\n{{ if }}\n---\nb: 2\n---\nc: {{ x }}\n")
    assert [document.data for document in content.documents] == [{"a": 1}, {"b": 2}]
    assert [(problem.rule, problem.location.span.start.line) for problem in content.problems] == [
        ("template-rendered", 3),
        ("template-rendered", 7),
    ]


def test_directives_without_a_document_hide_none() -> None:
    content = load("%YAML 1.1\n...\n---\na: 1\n")
    assert [document.data for document in content.documents] == [{"a": 1}]
    assert [problem.location.span.start.line for problem in content.problems] == [1]


def test_what_only_kubectl_refuses_matters_only_in_manifests() -> None:
    assert load("%YAML 1.1\n---\na: 1\n... # end\nb: 2\n--- [c]\n").problems == ()
    assert len(load("%YAML 1.1\n---\napiVersion: v1\nkind: A\n...\napiVersion: v1\nkind: B\n").problems) == 2


@pytest.mark.parametrize(
    ("text", "documents", "empty"),
    [
        ("", 0, 0),
        ("\n \n", 0, 0),
        ("# comment\n", 0, 0),
        ("---\n", 0, 1),
        ("# comment\n---\na: 1\n", 1, 0),
        ("a: 1\n---\n", 1, 1),
        ("a: 1\n---\n---\n# x\n---\nnull\n", 1, 3),
        ("a: 1\n...\n", 1, 0),
        ("a: 1\n...\n...\n# x\n", 1, 0),
    ],
)
def test_empty_documents_are_counted(text: str, documents: int, empty: int) -> None:
    content = load(text)
    assert (len(content.documents), content.empty, content.problems) == (documents, empty, ())


def test_json_by_name_is_strict_and_json_by_look_is_not() -> None:
    assert load("{a: 1}", "a.yaml").documents[0].data == {"a": 1}
    (problem,) = load("{a: 1}", "a.json").problems
    assert problem.message.startswith("could not parse document 1: expecting property name")
    assert str(problem.location) == "a.json:1:2"
    assert load('{"a": "y\\/"}\n', "<stdin>").documents[0].data == {"a": "y/"}
    assert load('{"a": 1}', "A.JSON").is_json


def test_json_after_yaml_flow_style_still_has_places() -> None:
    content = load('{"a": 1}\n---\n{"b": 2}\n')
    assert [str(document.locate((key,))) for document, key in zip(content.documents, "ab", strict=True)] == [
        "a.yaml:1:7",
        "a.yaml:3:7",
    ]


def test_lines_are_those_of_editors() -> None:
    assert load("a: 1\r\nb: 2\rc: 3\nd: 'x\u2028y'").lines == ("a: 1", "b: 2", "c: 3", "d: 'x\u2028y'")


def test_many_broken_documents_are_all_reported() -> None:
    content = load("a: b: c\n---\n" * 500)
    assert len(content.problems) == 500
    assert content.problems[-1].location.span.start == (999, 5)


def test_first_lines_and_texts_follow_the_file() -> None:
    content = load("# head\n\n---\na: 1\n---\nb: 2\n")
    assert [(document.first_line, document.text) for document in content.documents] == [
        (3, "---\na: 1\n"),
        (5, "---\nb: 2\n"),
    ]


def test_what_is_not_read_is_counted_by_reason() -> None:
    broken, template = "a: [\n", "a: {{ .Values.a }}\n"
    content = read_bytes("a.yaml", "---\n".join((broken, "a: 1\n", template, broken)).encode())
    assert content.unread == ("2 documents that cannot be parsed", "1 unrendered template")
    assert content.is_open
    assert read_bytes("a.yaml", b"a: \xe9\n---foo\n").unread == ()


def test_a_file_that_cannot_be_opened_is_not_read(tmp_path: Path) -> None:
    content = read_file(InputFile("gone.yaml", tmp_path / "gone.yaml"))
    assert content.unread == ("cannot be opened",)
    assert not content.is_open
