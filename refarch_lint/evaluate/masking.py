"""The source lines that reports may show, with every secret value in them masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from refarch_lint.evaluate.credentials import MASK, credential_reason, credentials_in, promise_of
from refarch_lint.evaluate.literals import LAST_APPLIED, clear_credentials
from refarch_lint.graph.kustomize_patching import Patched
from refarch_lint.location import Location, Path, Span
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Workload, workload_of
from refarch_lint.regex import regex
from refarch_lint.source.loading import FileContent

_SECRET_FIELDS = ("data", "stringData")
_PATCH_FIELDS = ("patches", "patchesJson6902", "patchesStrategicMerge")
_SECRET_SIGN = regex(r"kind\\?[\"']?\s*:\s*\\?[\"']?Secret\b")
_FIELD = regex(r"(?P<indent>\s*(?:- )*)[\"']?(?:data|stringData)[\"']?\s*:(?P<rest>.*)")
_INLINE_FIELD = regex(r"\\*\"(?:data|stringData)\\*\"\s*:\s*\{|\b(?:data|stringData)\s*:\s*\{")
_ENTRY = regex(r"(\s*(?:- )*(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s:#'\"{\[][^:]*)\s*:)\s")
_NAME = regex(r"\s*(?:- )?[\"']?name[\"']?\s*:\s*[\"']?([\w.-]+)")
_VALUE = regex(r"(\s*(?:- )?[\"']?value[\"']?\s*:\s*(?:[!&]\S*\s+)*)(\S.*)")
_PAIR = regex(
    r"\bname\\?[\"']?\s*:\s*\\?[\"']?(?P<name>[\w.-]+)\\?[\"']?\s*,\s*\\?[\"']?value\\?[\"']?\s*:\s*"
    r"\\?[\"']?(?P<value>[^\s,\"'\\}\]]+)"
)
_PRIVATE_KEY = regex(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")
_PRIVATE_KEY_END = regex(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]*-----")
_GLUED_MARKER = regex(r"^---(?=[^\s-])", re.MULTILINE)
_SEPARATOR = ("---", "...")


def masked_lines(
    content: FileContent, resources: Iterable[Resource], patched: Iterable[Patched] = ()
) -> tuple[str, ...]:
    """Return the lines of a file with the values of its Secrets and every recognised credential masked.

    `resources` are the objects of that file, `patched` those that patches make, in this file or in others. Of a Secret
    nothing but the keys is left, comments between them included; what could not be read as a document is masked by the
    look of its lines, rather too much than too little.
    """
    lines = list(content.lines)
    secrets = 0
    for resource in resources:
        if resource.kind == "Secret" and resource.group == "":
            secrets += 1
            for field in _SECRET_FIELDS:
                _mask_mapping(lines, resource, field)
        for location in _places(resource):
            _mask_span(lines, location.span)
    for changed in patched:
        for path in _whole_values(changed):
            location = changed.value_location(path)
            if location.file == content.name:
                _mask_span(lines, location.span)
    is_hidden_somewhere = len(_SECRET_SIGN.findall(content.text)) > secrets
    is_broken = bool(content.problems) or any(document.duplicates for document in content.documents)
    if is_hidden_somewhere or (is_broken and secrets):
        _mask_fields_by_look(lines)
    if content.problems:
        _mask_pairs_by_look(lines)
    _mask_pairs_within_lines(lines)
    for found in reversed(credentials_in(_GLUED_MARKER.sub("   ", "\n".join(lines)))):
        line = lines[found.line]
        lines[found.line] = line[: found.start] + _stars(line, found.start, found.end) + line[found.end :]
    _mask_private_keys(lines, content.lines)
    return tuple(lines)


def _stars(line: str, start: int, end: int) -> str:
    """Return the mask of a part of a line: of one length at its end, elsewhere such that the rest keeps its columns."""
    return MASK if not line[end:].strip("\"' ") else "*" * (end - start)


def _places(resource: Resource) -> Iterator[Location]:
    """Yield where an object's credentials stand as its data shows them, whatever the syntax around them."""
    workload = workload_of(resource)
    for path in _secret_values(resource):
        yield resource.value_location(path)
    templates: tuple[Path, ...] = ((), workload.template_path) if workload else ((),)
    for template in templates:
        path = (*template, "metadata", "annotations", LAST_APPLIED)
        if dig(resource.data, *path) is not None:  # type: ignore[arg-type]
            yield resource.value_location(path)
    for clear in clear_credentials(resource, workload):
        yield _part(resource, clear.literal.path, clear.offset, clear.offset + clear.end - clear.start)
    for path in _mistyped(resource, workload):
        yield resource.value_location(path)
    if resource.kind == "Kustomization":
        yield from _places_of_generators(resource)
        yield from _places_of_patches(resource)


def _places_of_generators(resource: Resource) -> Iterator[Location]:
    """Yield where a kustomization has values for the Secrets that it makes; without a key all may be the value."""
    for index, generator in enumerate(sequence(resource.data.get("secretGenerator"))):
        literals = mapping(generator).get("literals")
        if not isinstance(literals, list) and literals is not None:
            yield resource.value_location(("secretGenerator", index, "literals"))
        for position, literal in enumerate(sequence(literals)):
            path = ("secretGenerator", index, "literals", position)
            if isinstance(literal, str) and "=" in literal:
                yield _part(resource, path, literal.index("=") + 1, len(literal))
            else:
                yield resource.value_location(path)


def _places_of_patches(resource: Resource) -> Iterator[Location]:
    """Yield where patches of Secrets stand in one line, beside what a report may show of it."""
    for field in _PATCH_FIELDS:
        for index, entry in enumerate(sequence(resource.data.get(field))):
            path = (field, index) if isinstance(entry, str) else (field, index, "patch")
            text = entry if isinstance(entry, str) else mapping(entry).get("patch")
            is_of_secret = mapping(mapping(entry).get("target")).get("kind") == "Secret"
            if isinstance(text, str) and (is_of_secret or _SECRET_SIGN.search(text)):
                location = resource.value_location(path)
                if location.span.start.line == location.span.end.line:
                    yield location


def _secret_values(resource: Resource) -> Iterator[Path]:
    """Yield the paths of the values of a Secret."""
    if resource.kind == "Secret" and resource.group == "":
        yield from ((field, key) for field in _SECRET_FIELDS for key in mapping(resource.data.get(field)))


def _whole_values(resource: Resource) -> Iterator[Path]:
    """Yield the paths of an object's values that hold a credential, of whatever part of them it is."""
    yield from _secret_values(resource)
    workload = workload_of(resource)
    yield from (clear.literal.path for clear in clear_credentials(resource, workload))
    yield from _mistyped(resource, workload)


def _mistyped(resource: Resource, workload: Workload | None) -> Iterator[Path]:
    """Yield what stands under the name of a credential but is no text as it should be: of another type, in a field that
    no API has, or a template that may hold the credential as its default.
    """
    if resource.kind == "ConfigMap" and resource.group == "":
        for key, value in mapping(resource.data.get("data")).items():
            if not isinstance(value, str) and promise_of(key):
                yield ("data", key)
    for container in workload.containers if workload else ():
        for index, variable in enumerate(sequence(container.data.get("env"))):
            item = mapping(variable)
            if isinstance(item.get("name"), str) and promise_of(item["name"]):
                for field, value in item.items():
                    is_text = field == "value" and isinstance(value, str) and "{{" not in value
                    if field not in ("name", "valueFrom") and not is_text:
                        yield (*container.path, "env", index, field)


def _part(resource: Resource, path: Path, start: int, end: int) -> Location:
    """Return where a part of a text stands; the whole text where that is unclear."""
    whole = resource.value_location(path)
    part = resource.document.locate_text((*resource.root, *path), start, end)
    is_inside = whole.span.start <= part.span.start and part.span.end <= whole.span.end
    return part if is_inside and part.span.end > part.span.start else whole


def _mask_span(lines: list[str], span: Span) -> None:
    """Mask everything from one position to another."""
    for number in range(span.start.line, min(span.end.line, len(lines)) + 1):
        line = lines[number - 1]
        start = span.start.column - 1 if number == span.start.line else len(line) - len(line.lstrip())
        end = span.end.column - 1 if number == span.end.line else len(line)
        if line[start:end].strip():
            lines[number - 1] = line[:start] + _stars(line, start, end) + line[end:]


def _mask_mapping(lines: list[str], resource: Resource, field: str) -> None:
    """Mask the values of a Secret's field: keys on lines of their own are kept, all else is masked."""
    value: Any = resource.data.get(field)
    if value in (None, {}, ""):
        return
    path = (*resource.root, field)
    whole = resource.document.value_location(path).span
    head = resource.document.key_location(path).span
    keys = {}
    for key in mapping(value):
        span = resource.document.key_location((*path, key)).span
        keys[span.start.line] = span
    is_laid_out = len(keys) == len(mapping(value)) and all(head.end.line < number <= whole.end.line for number in keys)
    if not is_laid_out or whole.start.line < head.start.line:
        _mask_span(lines, whole)
        return
    last = whole.end.line - (whole.end.column <= 1)
    last = min(last, len(lines))
    while last < len(lines) and lines[last].lstrip().startswith("#"):
        last += 1
    rest = lines[head.end.line - 1][head.end.column - 1 :]
    if rest.strip(" \t:{"):
        lines[head.end.line - 1] = lines[head.end.line - 1][: head.end.column - 1] + f": {MASK}"
    for number in range(head.end.line + 1, last + 1):
        line = lines[number - 1]
        if number in keys:
            lines[number - 1] = line[: keys[number].end.column - 1] + f": {MASK}"
        elif number == whole.end.line and line.lstrip().startswith("}"):
            continue
        elif line.strip():
            lines[number - 1] = line[: len(line) - len(line.lstrip())] + MASK


def _mask_fields_by_look(lines: list[str]) -> None:
    """Mask what stands below every `data` and `stringData`, for Secrets that are no objects of the run."""
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        found = _FIELD.match(line)
        if found is None:
            if inline := _INLINE_FIELD.search(line):
                lines[index - 1] = f"{line[: inline.end()]} {MASK}"
            continue
        depth = len(found["indent"])
        if found["rest"].strip(" {|>&-"):
            lines[index - 1] = line[: found.start("rest")] + f" {MASK}"
        while index < len(lines):
            text = lines[index]
            indent = len(text) - len(text.lstrip())
            if text.strip() and (indent <= depth or text.startswith(_SEPARATOR)):
                break
            entry = _ENTRY.match(text)
            if entry is not None and not text.lstrip().startswith("#"):
                lines[index] = f"{entry[1]} {MASK}"
            elif text.strip():
                lines[index] = " " * indent + MASK
            index += 1


def _mask_pairs_by_look(lines: list[str]) -> None:
    """Mask a `value` beside a `name` that promises a credential, where no document shows which belongs to which."""
    name = ""
    for index, line in enumerate(lines):
        if found := _NAME.match(line):
            name = found[1]
        elif (value := _VALUE.match(line)) and credential_reason(name, value[2].strip("\"' ")):
            lines[index] = value[1] + MASK


def _mask_pairs_within_lines(lines: list[str]) -> None:
    """Mask a `value` after a `name` that promises a credential in texts of one line: patches, templates, JSON."""
    for index, line in enumerate(lines):
        if "value" not in line or "name" not in line:
            continue
        for pair in reversed(list(_PAIR.finditer(line))):
            start, end = pair.span("value")
            if credential_reason(pair["name"], pair["value"]):
                line = lines[index] = line[:start] + "*" * (end - start) + line[end:]


def _mask_private_keys(lines: list[str], original: tuple[str, ...]) -> None:
    """Mask private keys from their first line to their last."""
    inside = False
    for index, line in enumerate(original):
        begins = _PRIVATE_KEY.search(line)
        if begins is not None:
            inside = True
            ends = _PRIVATE_KEY_END.search(line, begins.end())
            kept = lines[index] if lines[index] != line else line
            start = min(begins.start(), len(kept))
            lines[index] = kept[:start] + MASK + (line[ends.end() :] if ends else "")
            inside = ends is None
        elif inside:
            if line.startswith(_SEPARATOR) and not line.startswith("-----"):
                inside = False
                continue
            inside = _PRIVATE_KEY_END.search(line) is None
            if line.strip():
                lines[index] = line[: len(line) - len(line.lstrip())] + MASK
