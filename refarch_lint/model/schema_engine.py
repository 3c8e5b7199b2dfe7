"""The one door to a JSON Schema library: jsonschema-rs, or jsonschema where its wheel is missing, to one effect."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from refarch_lint.location import Path


class Violation(NamedTuple):
    """One keyword of a schema that a value breaks.

    `limit` is what the keyword demands: the types, the options, the bound, the pattern; for `required` the one missing
    property, for `additionalProperties` the one property too many. `branches` holds what each alternative of a `oneOf`
    or `anyOf` found wrong.
    """

    path: Path
    keyword: str
    limit: Any
    branches: tuple[tuple[Violation, ...], ...] = ()


class Origin(NamedTuple):
    """Where a schema comes from, as a URI, and what reads the schemas that it refers to.

    `read` raises ValueError or OSError for what it does not read.
    """

    uri: str
    read: Callable[[str], Any]


class SchemaUnusableError(ValueError):
    """A schema that cannot be compiled: a bad pattern, an unknown type, a reference that leads nowhere."""


#: Tells what is wrong with a value; an empty answer means that it is valid.
Validator = Callable[[Any], tuple[Violation, ...]]

#: The keyword under which fields that a schema does not know are told.
UNKNOWN_FIELD = "additionalProperties"
#: Refusing to look any further is an answer too: data nested beyond what an engine walks.
TOO_DEEP = "depth"


def compile_schema(schema: dict[str, Any], origin: Origin | None = None) -> Validator:
    """Return a validator for `schema`, whose references to other schemas are read by `origin` and by nothing else.

    Raises SchemaUnusableError.
    """
    try:
        return _compile_fast(schema, origin)
    except ImportError:
        return _compile_portable(schema, origin)


def _compile_fast(schema: dict[str, Any], origin: Origin | None) -> Validator:
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(
            schema,
            validate_formats=False,
            pattern_options=jsonschema_rs.RegexOptions(),
            base_uri=origin.uri if origin else None,
            retriever=origin.read if origin else _refuse,
        )
    except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        raise SchemaUnusableError(_first_line(error)) from error

    def validate(data: Any) -> tuple[Violation, ...]:
        try:
            if validator.is_valid(data):
                return ()
            return tuple(_fast_violations(validator.iter_errors(data)))
        except UnicodeEncodeError:
            return validate(_encodable(data))
        except ValueError:
            return (Violation((), TOO_DEEP, None),)

    return validate


def _fast_violations(errors: Iterable[Any]) -> Iterator[Violation]:
    for error in errors:
        path, keyword, details = tuple(error.instance_path), error.kind.name, error.kind.as_dict()
        match keyword:
            case "additionalProperties" | "unevaluatedProperties":
                yield from (Violation(path, UNKNOWN_FIELD, name) for name in details["unexpected"])
            case "anyOf" | "oneOf":
                branches = tuple(tuple(_fast_violations(branch)) for branch in details.get("context", ()))
                yield Violation(path, keyword, None, branches)
            case _:
                yield Violation(path, keyword, next(iter(details.values()), None))


def _compile_portable(schema: dict[str, Any], origin: Origin | None) -> Validator:
    import jsonschema
    from referencing import Registry, Resource
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    read = origin.read if origin else _refuse
    rooted = schema | {"$id": origin.uri} if origin and "$id" not in schema else schema
    registry: Any = Registry(
        retrieve=lambda uri: Resource.from_contents(read(uri), default_specification=DRAFT202012)  # type: ignore[call-arg]
    )
    checker = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        checker.check_schema(schema)
    except (jsonschema.SchemaError, RecursionError) as error:
        raise SchemaUnusableError(_first_line(error)) from error
    validator = checker(rooted, registry=registry)

    def validate(data: Any) -> tuple[Violation, ...]:
        try:
            return tuple(_portable_violations(validator.iter_errors(data)))
        except RecursionError:
            return (Violation((), TOO_DEEP, None),)
        except Unresolvable as error:
            raise SchemaUnusableError(_first_line(error)) from error

    return validate


def _portable_violations(errors: Iterable[Any]) -> Iterator[Violation]:
    for error in errors:
        path, keyword, limit = tuple(error.absolute_path), error.validator, error.validator_value
        match keyword:
            case "additionalProperties" | "unevaluatedProperties":
                known = error.schema.get("properties", {})
                yield from (Violation(path, UNKNOWN_FIELD, key) for key in error.instance if key not in known)
            case "required":
                yield from (Violation(path, keyword, name) for name in limit if f"{name!r} is a" in error.message)
            case "anyOf" | "oneOf":
                branches: dict[int, list[Any]] = {}
                for item in error.context:
                    branches.setdefault(item.schema_path[0], []).append(item)
                found = tuple(tuple(_portable_violations(branch)) for branch in branches.values())
                yield Violation(path, keyword, None, found or ((),))
            case "type":
                yield Violation(path, keyword, [limit] if isinstance(limit, str) else limit)
            case _:
                yield Violation(path, keyword, limit)


def _encodable(data: Any) -> Any:
    """Return a copy without the half characters that JSON escapes allow and UTF-8 does not."""
    return json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _refuse(uri: str) -> Any:
    raise ValueError(f"the schema refers to {uri}, which is not beside it")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
