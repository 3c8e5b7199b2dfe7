"""Whatever the bytes, reading ends in documents and placed problems; whatever the document, places show the value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refarch_lint.location import Path
from refarch_lint.source.comments import comments
from refarch_lint.source.loading import FileContent, read_bytes
from refarch_lint.source.unreadable import UnreadableError
from refarch_lint.source.yaml_reader import YamlReader

#: Pieces that parsers trip over, to be strung together at random.
PIECES = [
    *(
        "a",
        "b",
        "name",
        "kind",
        "0777",
        "yes",
        "~",
        "é",
        "😀",
        "\u2028",
        "\ufeff",
        "\x00",
        "\x85",
        "<<",
        "=",
        "-",
        "---",
        "...",
    ),
    *(
        ": ",
        ":",
        "- ",
        ", ",
        "? ",
        "# c",
        " #",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "  ",
        "    ",
        "|\n",
        ">-\n",
        "|2\n",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "&x ",
        "*x",
        "!!str ",
        "!t ",
        "!!int ",
        "!!binary ",
        "%YAML 1.1\n",
        "{{",
        "}}",
        "\\",
        "@",
        "`",
    ),
    *(
        "---\n",
        "--- ",
        "---#",
        "...\n",
        "a: 1\n",
        "b: [x, y]\n",
        "{{ .x }}\n",
        "http://x:1/y",
        '{"a": 1}',
        "\\u00e9",
        "\\ud800",
    ),
]
PIECED_TEXT = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
NAMES = st.sampled_from(["a.yaml", "a.json", "<stdin>"])

quick = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])


def paths(data: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    found = [(path, data)]
    if isinstance(data, dict):
        found += [entry for key, value in data.items() for entry in paths(value, (*path, key))]
    elif isinstance(data, list):
        found += [entry for index, value in enumerate(data) for entry in paths(value, (*path, index))]
    return found


def check(content: FileContent) -> None:
    lines = content.lines
    places = [problem.location for problem in content.problems]
    for document in content.documents:
        for path, _ in paths(document.data)[:200]:
            for part in (path, (*path, "absent"), (*path, 7)):
                places += [document.locate(part), document.key_location(part), document.value_location(part)]
        for duplicate in document.duplicates:
            assert (1, 1) <= duplicate.first.start < duplicate.second.start
    for location in places:
        start, end = location.span
        assert (1, 1) <= start <= end
        assert end.line <= len(lines)
        assert start.column <= len(lines[start.line - 1]) + 1
        assert end.column <= len(lines[end.line - 1]) + 1
    for comment in comments(content):
        line = lines[comment.line - 1]
        assert line[comment.column - 1 :].startswith(comment.text)
        assert comment.text.startswith("#")


@quick
@given(data=st.binary(max_size=200), name=NAMES)
def test_any_bytes(data: bytes, name: str) -> None:
    check(read_bytes(name, data))


@quick
@given(text=st.text(max_size=100), name=NAMES, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_any_text(text: str, name: str, encoding: str) -> None:
    check(read_bytes(name, text.encode(encoding, "replace")))


@quick
@given(text=PIECED_TEXT, name=NAMES)
def test_any_string_of_awkward_pieces(text: str, name: str) -> None:
    check(read_bytes(name, text.encode()))


@quick
@given(before=PIECED_TEXT.map(lambda text: text.replace("%", "")), after=PIECED_TEXT)
def test_nothing_hides_a_document_between_markers(before: str, after: str) -> None:
    content = read_bytes("a.yaml", f"{before}\n---\nwanted: true\n---\n{after}".encode())
    assert {"wanted": True} in [document.data for document in content.documents]


@quick
@given(text=PIECED_TEXT)
def test_reading_twice_gives_the_same(text: str) -> None:
    first, second = (read_bytes("a.yaml", text.encode()) for _ in range(2))
    assert [repr(document.data) for document in first.documents] == [
        repr(document.data) for document in second.documents
    ]
    assert first.problems == second.problems


scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=6), children, max_size=4)
    ),
    max_leaves=20,
)


def plainly(value: Any) -> Any:
    """Return the value with what UTF-8 cannot carry taken out."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode())


@quick
@given(
    value=st.dictionaries(st.text(min_size=1, max_size=6), values, min_size=1, max_size=5),
    indent=st.none() | st.just(2),
)
def test_json_values_stand_where_they_are_said_to_stand(value: dict[str, Any], indent: int | None) -> None:
    value = plainly(value)
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    content = read_bytes("a.json", text.encode())
    assert [document.data for document in content.documents] == [value]
    for path, expected in paths(value):
        assert json.loads(covered(content, path)) == expected


def covered(content: FileContent, path: Path) -> str:
    """Return the characters of the file that the value at a path covers."""
    (first, column), (last, end) = content.documents[0].value_location(path).span
    lines = content.lines
    if first == last:
        return lines[first - 1][column - 1 : end - 1]
    return "\n".join([lines[first - 1][column - 1 :], *lines[first : last - 1], lines[last - 1][: end - 1]])


@st.composite
def block_yaml(draw: st.DrawFn, depth: int = 0) -> tuple[list[str], Any]:
    """Return the lines of a block-style document and what it says."""
    kind = draw(st.sampled_from(["mapping", "list", "scalar"])) if depth < 3 else "scalar"
    if kind == "scalar":
        word, value = draw(
            st.sampled_from(
                [
                    *(
                        ("plain", "plain"),
                        ("'quoted # x'", "quoted # x"),
                        ('"a\\tb"', "a\tb"),
                        ("12", 12),
                        ("0644", 420),
                    ),
                    *(
                        ("yes", True),
                        ("~", None),
                        ("[x, {y z: 1}]", ["x", {"y z": 1}]),
                        ("&anchor é", "é"),
                        ("!!str 1", "1"),
                    ),
                ]
            )
        )
        return [word], value
    lines: list[str] = []
    data: Any = {} if kind == "mapping" else []
    for number in range(draw(st.integers(1, 3))):
        inner, value = draw(block_yaml(depth + 1))
        note = draw(st.sampled_from(["", "  # note"]))
        is_block = isinstance(value, dict | list) and not inner[0].startswith("[")
        if kind == "mapping":
            key = f"key{number}"
            data[key] = value
            lines += [f"{key}:{note}", *(f"  {line}" for line in inner)] if is_block else [f"{key}: {inner[0]}{note}"]
        else:
            data.append(value)
            lines += [f"- {inner[0]}{'' if is_block else note}", *(f"  {line}" for line in inner[1:])]
        if draw(st.booleans()):
            lines.append("# between")
    return lines, data


@quick
@given(
    document=block_yaml(),
    line_break=st.sampled_from(["\n", "\r\n", "\r"]),
    prefix=st.sampled_from(["", "# top\n---\n", "\ufeff"]),
)
def test_yaml_values_stand_where_they_are_said_to_stand(
    document: tuple[list[str], Any], line_break: str, prefix: str
) -> None:
    lines, data = document
    text = prefix + "\n".join(lines) + "\n"
    content = read_bytes("a.yaml", text.replace("\n", line_break).encode())
    if data is None:
        assert content.empty == 1
        return
    assert [found.data for found in content.documents] == [data]
    for path, expected in paths(data):
        located = content.documents[0].locate(path).span
        whole = covered(content, path)
        if not isinstance(expected, dict | list):
            assert YamlReader().read(whole.replace("!!str ", "")).data == expected or expected == "1"
            assert located == content.documents[0].value_location(path).span
        elif path and isinstance(path[-1], str):
            (line, column), (_, end) = located
            assert content.lines[line - 1][column - 1 : end - 1] == path[-1]


@pytest.mark.parametrize("pure", [False, True])
@quick
@given(text=PIECED_TEXT)
def test_readers_fail_only_as_they_promise(pure: bool, text: str) -> None:
    index = 0
    try:
        YamlReader(pure=pure).read(text)
    except UnreadableError as error:
        index = error.index
    assert 0 <= index <= len(text)
