"""Reading the files that people write, rules and settings: plain data, checked against a schema, faults located."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from refarch_lint.data_folder import data_folder
from refarch_lint.errors import RuleFileError
from refarch_lint.location import Location, Path, format_path
from refarch_lint.source.discovery import InputFile
from refarch_lint.source.document import Document
from refarch_lint.source.loading import read_file


class Fault(NamedTuple):
    """Something wrong in a written file: what, and where."""

    message: str
    location: Location | None


def read_document(file: FilePath, name: str) -> tuple[Document | None, tuple[Fault, ...]]:
    """Return the first document of a YAML file, or the faults that keep it from being read."""
    content = read_file(InputFile(name, file))
    faults = tuple(Fault(problem.message, problem.location) for problem in content.problems)
    if faults:
        return None, faults
    documents = [document for document in content.documents if document.data is not None]
    if len(documents) != 1:
        return None, (Fault(f"{name} holds {len(documents)} documents, 1 is expected", None),)
    document = documents[0]
    twice = tuple(
        Fault(f"key {format_path(duplicate.path)} is written twice", Location(name, duplicate.second))
        for duplicate in document.duplicates
    )
    return (None, twice) if twice else (document, ())


def is_blank(file: FilePath) -> bool:
    """Tell whether a file says nothing: empty, or comments alone."""
    content = read_file(InputFile(file.name, file))
    return not content.problems and not content.documents


def schema_faults(document: Document, schema_name: str) -> tuple[Fault, ...]:
    """Return where a document departs from `schemas/<schema_name>.schema.json`, each at its own place.

    jsonschema-rs decides whether there is anything to say; jsonschema, slower to import, then says it.
    """
    import jsonschema_rs

    schema = json.loads((data_folder() / "schemas" / f"{schema_name}.schema.json").read_text(encoding="utf-8"))
    if jsonschema_rs.is_valid(schema, document.data):
        return ()
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(document.data), key=lambda error: [str(part) for part in error.absolute_path])
    return tuple(fault for error in errors for fault in _faults(document, jsonschema.exceptions.best_match([error])))


def _faults(document: Document, error: Any) -> Iterator[Fault]:
    path: Path = tuple(error.absolute_path)
    known = error.schema.get("properties", {})
    if error.validator == "additionalProperties" and error.validator_value is False and known:
        for key in error.instance:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f"; {near[0]} is meant?" if near else ""
                yield Fault(f"{format_path((*path, key))} is not known{hint}", document.key_location((*path, key)))
        return
    message = error.message
    if error.validator in ("anyOf", "oneOf") and all(choice.keys() == {"required"} for choice in error.validator_value):
        names = dict.fromkeys(name for choice in error.validator_value for name in choice["required"])
        message = f"one of {', '.join(names)} is required"
    yield Fault(f"{format_path(path) or 'the file'}: {message}", document.locate(path))


def with_others(faults: tuple[Fault, ...], others: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults and those of `others` that stand elsewhere: of one place the first check says what is wrong."""
    places = {fault.location for fault in faults}
    return (*faults, *(fault for fault in others if fault.location not in places))


def raise_faults(faults: tuple[Fault, ...]) -> None:
    """Raise one RuleFileError for all faults of a set of files, if there are any."""
    if faults:
        raise RuleFileError(tuple((fault.message, fault.location) for fault in faults))
