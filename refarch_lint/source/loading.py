"""One file into its documents and the problems met on the way; no problem hides a document that can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from refarch_lint.location import Location, Position, Span
from refarch_lint.source.decoding import decode
from refarch_lint.source.discovery import InputFile
from refarch_lint.source.document import Document, duplicate_keys
from refarch_lint.source.events import BYTE_ORDER_MARK
from refarch_lint.source.spans import LineTable
from refarch_lint.source.splitting import Chunk, split
from refarch_lint.source.unreadable import UnreadableError, shortened
from refarch_lint.source.yaml_reader import YamlReader

if TYPE_CHECKING:
    from refarch_lint.source.json_reader import JsonReader

_TEMPLATE: Final = re.compile(r"\{\{[^\r\n]*?(?:\}\}|$)|\{%[^\r\n]*?(?:%\}|$)", re.MULTILINE)
#: What may follow `---` without making the line a broken document marker.
_MARKER_ENDS: Final = ("", " ", "\t", "\r", "\n", "#")
_FILE_START: Final = Span(Position(1, 1), Position(1, 1))

ProblemRule = Literal["manifest-readable", "template-rendered"]


class Problem(NamedTuple):
    """Something in a file that cannot be read as a manifest, under the id of the rule that reports it.

    `hides` says what of the file is not read because of it: nothing, one document or all of it.
    """

    rule: ProblemRule
    message: str
    location: Location
    hides: Literal["nothing", "document", "file"] = "nothing"


@dataclass(frozen=True, slots=True, eq=False)
class FileContent:
    """What a file holds: the documents that could be read, the problems met, and how many documents are empty."""

    name: str
    text: str
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    empty: int = 0
    is_json: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the file could be opened."""
        return all(problem.hides != "file" for problem in self.problems)

    @property
    def unread(self) -> tuple[str, ...]:
        """What of the file was not read, in a few words for each reason."""
        hidden = [problem.rule for problem in self.problems if problem.hides == "document"]
        templates, broken = hidden.count("template-rendered"), hidden.count("manifest-readable")
        return (
            *(() if self.is_open else ("cannot be opened",)),
            *((f"{broken} document{'s' * (broken > 1)} that cannot be parsed",) if broken else ()),
            *((f"{templates} unrendered template{'s' * (templates > 1)}",) if templates else ()),
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The file's lines without their breaks, as editors count them."""
        return tuple(self.text.split("\n") if "\r" not in self.text else re.split(r"\r\n|\n|\r", self.text))


def read_file(source: InputFile, reader: YamlReader | None = None) -> FileContent:
    """Return the content of a file; one that cannot be opened has a problem instead of documents.

    Files that share a `reader` share the words that it has met.
    """
    try:
        data = source.read()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        location = Location(source.name, _FILE_START)
        problem = Problem("manifest-readable", f"could not read {source.name}: {reason}", location, "file")
        return FileContent(source.name, "", problems=(problem,))
    return read_bytes(source.name, data, reader)


def read_bytes(name: str, data: bytes, reader: YamlReader | None = None) -> FileContent:
    """Return the content of a file whose bytes are already at hand; a name ending in `.json` demands JSON."""
    text, fault = decode(data)
    report = _Report(name, text)
    if fault is not None:
        report.add("manifest-readable", f"could not decode the file: {fault.reason}", fault.offset)
    demands_json = name.lower().endswith(".json")
    if demands_json or text.lstrip(" \t\r\n")[:1] in ("{", "["):
        from refarch_lint.source.json_reader import JsonReader

        found = JsonReader(text)
        try:
            found.read()
        except UnreadableError as error:
            if demands_json:
                report.unreadable(error, len(found.documents), text, 0)
                return _json_content(report, found)
        else:
            return _json_content(report, found)
    return _yaml_content(report, reader or YamlReader())


def _json_content(report: _Report, reader: JsonReader) -> FileContent:
    documents: list[Document] = []
    for index, found in enumerate(reader.documents):
        if found.data is None:
            continue
        row = report.lines.line_of(found.start)
        line_start = report.lines.line_bounds(row)[0]
        own = " " * (found.start - line_start) + report.text[found.start : found.end]
        document = Document(report.name, index, own, row + 1, found.data, is_json=True)
        documents.append(_with_duplicates(document) if found.has_duplicates else document)
    empty = len(reader.documents) - len(documents)
    return FileContent(report.name, report.text, tuple(documents), tuple(report.problems), empty, is_json=True)


def _yaml_content(report: _Report, reader: YamlReader) -> FileContent:
    name = report.name
    documents: list[Document] = []
    index = empty = 0
    for chunk in split(report.text):
        own, first_line, start = chunk
        if own.isspace() or not own:
            continue
        base = 1 if own.startswith(BYTE_ORDER_MARK) else 0
        if own.startswith("---", base) and own[base + 3 : base + 4] not in _MARKER_ENDS:
            _report_glued_marker(report, chunk, base)
        try:
            reading = reader.read(own[base:] if base else own)
        except UnreadableError as error:
            report.unreadable(error.moved(start + base), index, own, start)
            index += 1
            continue
        if not reading.present:
            continue
        if reading.data is None:
            empty += 1
        else:
            document = Document(name, index, own, first_line, reading.data)
            documents.append(_with_duplicates(document) if reading.has_duplicates else document)
            _report_refusals(report, chunk, reading.data)
        index += 1
    return FileContent(name, report.text, tuple(documents), tuple(report.problems), empty)


def _with_duplicates(document: Document) -> Document:
    return replace(document, duplicates=duplicate_keys(document))


def _report_glued_marker(report: _Report, chunk: Chunk, base: int) -> None:
    marker = chunk.marker_line
    start = chunk.start + base
    message = "invalid document separator: put --- alone on its line"
    report.add("manifest-readable", message, start, start + len(marker))


def _report_refusals(report: _Report, chunk: Chunk, data: Any) -> None:
    """Report what is good YAML but keeps kubectl from reading a manifest, which it cuts from its file at each `---`."""
    if not (isinstance(data, dict) and "apiVersion" in data and "kind" in data):
        return
    directive = chunk.directive
    if directive:
        start = chunk.start + chunk.text.index(directive)
        message = f"kubectl does not read YAML directives: remove {shortened(directive)}"
        report.add("manifest-readable", message, start, start + len(directive))
    marker = chunk.marker_line
    rest = marker[3:].strip()
    if marker.startswith("---") and marker[3:4] in (" ", "\t") and rest and not rest.startswith("#"):
        start = chunk.start + chunk.text.index(rest)
        message = "kubectl does not read what stands on the line of ---: move it to the next line"
        report.add("manifest-readable", message, start, start + len(rest))
    if marker.startswith("..."):
        message = "kubectl ignores a document that follows ... without a --- line: begin it with ---"
        report.add("manifest-readable", message, chunk.start, chunk.start + 3)


class _Report:
    """The problems of one file as they are met."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.problems: list[Problem] = []

    @cached_property
    def lines(self) -> LineTable:
        return LineTable(self.text)

    def add(
        self,
        rule: ProblemRule,
        message: str,
        start: int,
        end: int | None = None,
        hides: Literal["nothing", "document"] = "nothing",
    ) -> None:
        """Add a problem at a range of the text; one that shows at a single place covers one character of its line."""
        if end is None:
            line_end = self.lines.line_bounds(self.lines.line_of(start))[1]
            end = min(start + 1, max(line_end, start))
        self.problems.append(Problem(rule, message, Location(self.name, self.lines.span(start, end)), hides))

    def unreadable(self, error: UnreadableError, index: int, own: str, offset: int) -> None:
        """Add the problem of a document that cannot be read; `own` is its text, which begins at `offset`.

        Templates are told from mistakes: what they need is not another bracket.
        """
        template = _TEMPLATE.search(own)
        if template is not None:
            message = (
                f"could not parse document {index + 1}: it holds template markers ({template.group()[:2]} …); "
                "render it first and check the result"
            )
            self.add("template-rendered", message, offset + template.start(), offset + template.end(), "document")
            return
        message = f"could not parse document {index + 1}: {error.reason}"
        if error.within is not None:
            line = self.lines.position(error.within.start).line
            message += f" ({error.within.words} that begins on line {line})"
        self.add("manifest-readable", message, error.index, hides="document")
