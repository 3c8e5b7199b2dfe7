"""Credentials in the tree: Secrets written out, literals that hold one, placeholders that nobody replaced."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.credentials import is_placeholder, text_credentials, text_placeholders
from refarch_lint.evaluate.credentials.values import is_reference
from refarch_lint.evaluate.literals import Clear, clear_credentials, clear_placeholders, has_literals, is_encrypted
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.listing import listed
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Container
from refarch_lint.regex import regex
from refarch_lint.severity import Severity
from refarch_lint.source.ignoring import IgnoreRules

_SHOWN = 5
_LARGEST_FILE = 1024 * 1024
_PUBLIC = regex(r"\s*(?:-----BEGIN (?:[A-Z0-9 ]*PUBLIC KEY|CERTIFICATE|CERTIFICATE REQUEST)-----|ssh-(?:rsa|ed25519) )")
_PRIVATE = regex(r"PRIVATE KEY")
_PUBLIC_FILE = regex(r".*(?:\.(?:crt|cer|pub)|example|sample|template)\Z")
#: What Argo CD's vault plugin replaces when it renders.
_VAULT_PLUGIN = regex(r"\A<path:[^<>]+>\Z")


def not_in_manifest(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A Secret's values do not stand in the tree, and no generator is fed from it."""
    resource = subject.resource
    if resource.kind == "Kustomization":
        yield from _generators(subject)
        return
    if is_encrypted(resource):
        return
    kept: list[tuple[str, str, bool]] = []
    for field in ("stringData", "data"):
        for key, value in mapping(resource.data.get(field)).items():
            text = secret_text(field, value)
            if text is None or _is_worth_keeping(key, text):
                kept.append((field, key, text is not None and "\n" in text and not _holds_credential(text)))
    if not kept:
        return
    field = kept[0][0]
    how = "in clear text" if field == "stringData" else "in base64, which anyone can decode"
    only_texts = all(is_plain for _, _, is_plain in kept)
    message = f"{resource} keeps {listed([key for _, key, _ in kept], _SHOWN)} {how}"
    if only_texts:
        message += "; no credential was recognised in it"
    yield Fault(message, subject.place(field), severity=Severity.INFO if only_texts else None)


def secret_text(field: str, value: Any) -> str | None:
    """Return a Secret's value as text, decoded where it stands in `data`; None for what is no text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return None
    if field == "stringData":
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return value if is_reference(value) or is_placeholder(value) or _VAULT_PLUGIN.match(value) else None


def _is_worth_keeping(key: str, text: str) -> bool:
    """Tell whether a value is one to keep out of the tree: not empty, public, a variable or a placeholder."""
    text = text.strip()
    if not text or is_placeholder(text, key) or _VAULT_PLUGIN.match(text):
        return False
    if "\n" not in text and is_reference(text):
        return False
    return _PUBLIC.match(text) is None or _PRIVATE.search(text) is not None


def _holds_credential(text: str) -> bool:
    return bool(text_credentials(text)) or _PRIVATE.search(text) is not None


def _generators(subject: Subject) -> Iterator[Outcome]:
    """Yield the literals of a kustomization's Secret generators, and the files beside it that feed them."""
    generators = sequence(subject.data.get("secretGenerator"))
    if not generators:
        yield NotApplicable("it generates no Secret")
    for index, item in enumerate(generators):
        generator = mapping(item)
        name = generator.get("name") if isinstance(generator.get("name"), str) else f"[{index}]"
        clear = [
            literal.partition("=")[0]
            for literal in sequence(generator.get("literals"))
            if isinstance(literal, str) and _is_worth_keeping(literal.partition("=")[0], literal.partition("=")[2])
        ]
        if clear:
            message = f"the generator of Secret {name} keeps {listed(clear, _SHOWN)} in clear text"
            yield Fault(message, subject.place("secretGenerator", index, "literals"))
        sources = [("envs", position, file) for position, file in enumerate(sequence(generator.get("envs")))]
        sources += [("files", position, file) for position, file in enumerate(sequence(generator.get("files")))]
        for field, position, file in sources:
            path = file.rpartition("=")[2] if isinstance(file, str) else ""
            text = _text_in_tree(subject.resource, path) if path and not _PUBLIC_FILE.match(path) else None
            if text is None or (field == "files" and not _is_worth_keeping("", text)):
                continue
            settings = [line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#")]
            if field == "envs" and not any(_is_worth_keeping(key, value) for key, _, value in settings):
                continue
            is_plain = field == "files" and "\n" in text.strip() and not _holds_credential(text)
            message = f"the generator of Secret {name} reads {path}, which is kept in the tree"
            message += "; no credential was recognised in it" if is_plain else ""
            place = subject.place("secretGenerator", index, field, position)
            yield Fault(message, place, severity=Severity.INFO if is_plain else None)


def _text_in_tree(resource: Resource, name: str) -> str | None:
    """Return the text of a file kept beside the object's own; None if there is none or git ignores it."""
    path = FilePath(resource.document.file).parent / name
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
            return None
        rules = IgnoreRules.above(path.parent).inside(path.parent)
        if rules.ignores(os.path.realpath(path), is_folder=False):
            return None
        return path.read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def not_literal(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No variable, argument, configuration file or annotation holds a credential."""
    resource = subject.resource
    workload = context.graph.workload(resource)
    if not has_literals(resource, workload):
        yield NotApplicable("it holds no literal")
        return
    for clear in clear_credentials(resource, workload):
        yield Fault(f"{resource}: {_described(clear)} holds a credential: {clear.reason}", subject.place(*clear.path))


def _described(clear: Clear) -> str:
    return f"{clear.name} in {clear.literal.label}" if clear.name else clear.literal.label


def placeholder_replaced(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No value is still the hole that somebody was to fill in."""
    resource = subject.resource
    if resource.kind == "Secret" and resource.group == "":
        yield from _secret_placeholders(subject)
        return
    workload = context.graph.workload(resource)
    if not has_literals(resource, workload):
        yield NotApplicable("it holds no literal")
        return
    for clear in clear_placeholders(resource, workload):
        yield Fault(f"{resource}: {_described(clear)} is still a placeholder", subject.place(*clear.path))


def _secret_placeholders(subject: Subject) -> Iterator[Outcome]:
    for field in ("stringData", "data"):
        for key, value in mapping(subject.data.get(field)).items():
            text = secret_text(field, value)
            if text is not None and (is_placeholder(text, key) or text_placeholders(text)):
                yield Fault(f"{subject.resource}: key {key} is still a placeholder", subject.place(field, key))


def as_file(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Secrets reach a program as files rather than through its environment; one finding a workload."""
    found = [entry for container in subject.pods.containers for entry in _from_environment(subject, container)]
    if found:
        names = listed(list(dict.fromkeys(entry[0] for entry in found)), _SHOWN)
        notes = tuple(Note(f"{name} comes from a Secret too", place) for name, place in found[1:])
        yield Fault(f"{subject.resource} takes Secrets from its environment: {names}", found[0][1], notes)


def _from_environment(subject: Subject, container: Container) -> Iterator[tuple[str, Place]]:
    for index, variable in enumerate(sequence(container.data.get("env"))):
        if isinstance(dig(variable, "valueFrom", "secretKeyRef"), dict):
            place = subject.place(*container.path, "env", index, "valueFrom", "secretKeyRef")
            yield f"variable {dig(variable, 'name')}", place
    for index, source in enumerate(sequence(container.data.get("envFrom"))):
        if isinstance(dig(source, "secretRef"), dict):
            place = subject.place(*container.path, "envFrom", index, "secretRef")
            yield f"all of Secret {dig(source, 'secretRef', 'name')}", place
