"""Comments are found where YAML has them, and nowhere else."""

from __future__ import annotations

from refarch_lint.source.comments import Comment, comments
from refarch_lint.source.loading import read_bytes


def found(text: str, containing: str = "#", name: str = "a.yaml") -> list[Comment]:
    return list(comments(read_bytes(name, text.encode()), containing))


def test_comments_have_their_place_and_know_whether_they_stand_alone() -> None:
    assert found("# top\na: 1  # behind\n  # indented \n\n---  # marker\nb: [x, # inside\n  y]\n# end") == [
        Comment(1, 1, "# top", True),
        Comment(2, 7, "# behind", False),
        Comment(3, 3, "# indented", True),
        Comment(5, 6, "# marker", False),
        Comment(6, 8, "# inside", False),
        Comment(8, 1, "# end", True),
    ]


def test_a_hash_inside_a_value_is_none() -> None:
    text = (
        "a: x#y\nb: 'x # y'\nc: \"x\n  # y\"\nd: |  # header\n  # text\n  x # text\ne: >-\n  # text\n\n# real\nf#: 1\n"
    )
    assert [(comment.line, comment.text) for comment in found(text)] == [(5, "# header"), (11, "# real")]


def test_a_comment_that_ends_a_block_of_text_is_one() -> None:
    assert [comment.line for comment in found("a:\n  b: |\n    text\n  # less indented\n  c: 1\n")] == [4]


def test_only_comments_with_the_words_asked_for_are_given() -> None:
    text = "# one\n---\na: 1 # two\n---\nb: 'two'\n"
    assert found(text, "two") == [Comment(3, 6, "# two", False)]
    assert found(text, "three") == []


def test_json_has_no_comments() -> None:
    assert found('{"a": "# b"}', name="a.json") == []


def test_comments_of_broken_documents_are_known_up_to_the_fault_and_by_line_beyond() -> None:
    text = "# top\na: 1 # one\nb: c: d # two\n# three\ne: 1 # four\n---\nf: 1 # five\n"
    assert [comment.text for comment in found(text)] == ["# top", "# one", "# three", "# five"]


def test_line_breaks_and_byte_order_marks_do_not_move_them() -> None:
    assert found("\ufeff# top\r\na: 1 # one\r\n---\r\n\ufeff# two\r\nb: é # three\r\n") == [
        Comment(1, 1, "# top", True),
        Comment(2, 6, "# one", False),
        Comment(4, 2, "# two", True),
        Comment(5, 6, "# three", False),
    ]
    assert found("a: 1 # one\rb: 2\r# two\r")[1] == Comment(3, 1, "# two", True)


def test_a_glued_marker_with_a_comment_is_a_comment() -> None:
    assert found("a: 1\n---# note\nb: 2\n") == [Comment(2, 4, "# note", False)]
