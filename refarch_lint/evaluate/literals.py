"""Every value that a manifest writes out for a program: variables, command lines, configuration, annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from refarch_lint.evaluate.credentials import (
    argument_credentials,
    credential_reason,
    is_placeholder,
    text_credentials,
    text_placeholders,
    url_password,
)
from refarch_lint.location import Path, TextLine
from refarch_lint.model.resource import KUSTOMIZE, Resource, dig, mapping, sequence
from refarch_lint.model.workload import Container, Workload
from refarch_lint.regex import regex

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_NATIVE_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy", "extensions"})

#: Objects of operators whose texts are cipher text, name keys of Secrets or speak about programs, not to them.
_NO_LITERALS = frozenset(
    {
        "ClusterExternalSecret",
        "ConstraintTemplate",
        "ExternalSecret",
        "PrometheusRule",
        "PushSecret",
        "SealedSecret",
        "SecretProviderClass",
        "Template",
    }
)

#: Fields of custom objects that name a key of a Secret rather than hold one.
_NAMES_A_KEY = regex(r"(?:secret|password|token|username|access)Key(?:Name)?|key|secretName|existingSecret")

#: Where commands stand in a container besides its own `command` and `args`.
_EXEC = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
_DEEPEST = 64


class Literal(NamedTuple):
    """A value as written: where, the name it stands under (may be empty), and what a message calls it."""

    path: Path
    name: str
    value: str
    label: str


class Clear(NamedTuple):
    """Something in a value that should not stand there: the value's path, the columns in it, and why.

    `line` counts the lines of the value from 0; `start` and `end` are columns of that line. `name` is the setting
    inside an embedded text.
    """

    literal: Literal
    line: int
    start: int
    end: int
    name: str
    reason: str

    @property
    def path(self) -> Path:
        """The path to blame: the part of a line of an embedded text, else the value."""
        line = TextLine(self.line, (self.start, self.end))
        return (*self.literal.path, line) if "\n" in self.literal.value else self.literal.path

    @property
    def offset(self) -> int:
        """Where the part begins in the value, in characters."""
        return sum(len(line) + 1 for line in self.literal.value.split("\n")[: self.line]) + self.start


def is_encrypted(resource: Resource) -> bool:
    """Tell whether SOPS has encrypted an object's values: it leaves its own key behind."""
    return isinstance(resource.data.get("sops"), dict)


def literals(resource: Resource, workload: Workload | None) -> Iterator[Literal]:
    """Yield the values of an object other than command lines; those of Secrets are none of them."""
    if is_encrypted(resource) or (resource.kind == "Secret" and resource.group == ""):
        return
    for path, entries in _annotations(resource, workload):
        for key, value in entries.items():
            if isinstance(value, str) and key != LAST_APPLIED:
                yield Literal((*path, key), "", value, f"annotation {key}")
    if workload is not None:
        for container in workload.containers:
            yield from _of_container(container)
    elif resource.kind == "ConfigMap" and resource.group == "":
        for key, value in mapping(resource.data.get("data")).items():
            if isinstance(value, str):
                yield Literal(("data", key), key, value, f"key {key}")
    elif _is_custom(resource):
        for field, value in resource.data.items():
            if field not in ("apiVersion", "kind", "metadata", "status", "secretGenerator"):
                yield from _walk(value, (field,), field)


def _annotations(resource: Resource, workload: Workload | None) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield ("metadata", "annotations"), mapping(resource.metadata.get("annotations"))
    if workload is not None and workload.template_path:
        path = (*workload.template_path, "metadata", "annotations")
        yield path, mapping(workload.pod_metadata.get("annotations"))


def _is_custom(resource: Resource) -> bool:
    is_native = resource.group in _NATIVE_GROUPS or (resource.group.endswith(".k8s.io") and resource.group != KUSTOMIZE)
    return not is_native and resource.kind not in _NO_LITERALS


def _of_container(container: Container) -> Iterator[Literal]:
    where = f"{container.type.value} {container.name}"
    for index, variable in enumerate(sequence(container.data.get("env"))):
        item = mapping(variable)
        name, value = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield Literal((*container.path, "env", index, "value"), name, value, f"variable {name} of {where}")
    for handler in _EXEC:
        path = (*handler, "httpGet", "httpHeaders")
        for index, header in enumerate(sequence(dig(container.data, *path))):
            item = mapping(header)
            name, value = item.get("name"), item.get("value")
            if isinstance(name, str) and isinstance(value, str):
                label = f"header {name} of {handler[-1]} of {where}"
                yield Literal((*container.path, *path, index, "value"), name, value, label)


def _walk(value: Any, path: Path, name: str) -> Iterator[Literal]:
    """Yield every text of a custom object under the key, or the `name` beside a `value`, that it stands at."""
    waiting: list[tuple[Any, Path, str]] = [(value, path, name)]
    while waiting:
        value, path, name = waiting.pop()
        if isinstance(value, str):
            yield Literal(path, "" if _NAMES_A_KEY.fullmatch(name) else name, value, _label(path, name))
        elif len(path) > _DEEPEST:
            continue
        elif isinstance(value, list):
            waiting.extend((item, (*path, index), name) for index, item in reversed(list(enumerate(value))))
        elif isinstance(value, dict):
            beside = value.get("name")
            waiting.extend(
                (item, (*path, key), beside if key == "value" and isinstance(beside, str) else key)
                for key, item in reversed(list(value.items()))
            )


def _label(path: Path, name: str) -> str:
    keys = [part for part in path if isinstance(part, str)]
    return f"field {'.'.join(keys)}" if keys[-1] == name else f"{name} in field {'.'.join(keys[:-1])}"


def command_lines(resource: Resource, workload: Workload | None) -> Iterator[tuple[str, tuple[tuple[Path, Any], ...]]]:
    """Yield every command line of a workload: what a message calls it, and each argument with its path."""
    for container in workload.containers if workload is not None and not is_encrypted(resource) else ():
        where = f"{container.type.value} {container.name}"
        whole = [
            ((*container.path, field, index), argument)
            for field in ("command", "args")
            for index, argument in enumerate(sequence(container.data.get(field)))
        ]
        if whole:
            yield f"command line of {where}", tuple(whole)
        for handler in _EXEC:
            path = (*container.path, *handler, "exec", "command")
            command = sequence(dig(container.data, *handler, "exec", "command"))
            if command:
                label = f"command of {handler[-1]} of {where}"
                yield label, tuple(((*path, index), argument) for index, argument in enumerate(command))


def has_literals(resource: Resource, workload: Workload | None) -> bool:
    """Tell whether an object writes out any value at all."""
    return any(True for _ in literals(resource, workload)) or any(True for _ in command_lines(resource, workload))


def clear_credentials(resource: Resource, workload: Workload | None) -> Iterator[Clear]:
    """Yield every credential that stands in clear text in an object that is no Secret."""
    for literal in literals(resource, workload):
        if "\n" in literal.value:
            for found in text_credentials(literal.value):
                yield Clear(literal, *found)
        elif reason := credential_reason(literal.name, literal.value):
            start, end = url_password(literal.value) or (0, len(literal.value))
            yield Clear(literal, 0, start, end, "", reason)
    for label, arguments in command_lines(resource, workload):
        for index, credential in argument_credentials([argument for _, argument in arguments]):
            path, argument = arguments[index]
            yield Clear(Literal(path, "", argument, label), *credential)


def clear_placeholders(resource: Resource, workload: Workload | None) -> Iterator[Clear]:
    """Yield every value of an object that is no Secret which somebody was to fill in and has not."""
    for literal in literals(resource, workload):
        if "\n" in literal.value:
            for line, start, end, name in text_placeholders(literal.value):
                yield Clear(literal, line, start, end, name, "")
        elif is_placeholder(literal.value, literal.name):
            yield Clear(literal, 0, 0, len(literal.value), "", "")
        else:
            for line, start, end, name in text_placeholders(literal.value):
                yield Clear(literal, line, start, end, name, "")
    for label, arguments in command_lines(resource, workload):
        for path, argument in arguments:
            if isinstance(argument, str):
                for line, start, end, name in text_placeholders(argument):
                    yield Clear(Literal(path, "", argument, label), line, start, end, name, "")
