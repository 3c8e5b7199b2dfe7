"""Reference manifests made one's own: name, namespace, host, images and size replaced in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from refarch_lint.cli.sizing import DOCUMENT_MARK, Size, Written, resized, retold
from refarch_lint.config import DEFAULT_PROFILE

_NAMESPACE_LIST = re.compile(r"^\s*(?:matchNames|namespaces|includedNamespaces|names|values):$")


class Origin(NamedTuple):
    """What the reference manifests of an architecture call things; from its `init.yaml`."""

    name: str
    namespace: str
    hosts: tuple[str, ...]
    images: str
    written: Written


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user calls them; None keeps what the reference says."""

    name: str | None = None
    namespace: str | None = None
    host: str | None = None
    images: str | None = None
    size: Size | None = None
    profile: str | None = None


def origin_of(data: dict[str, Any]) -> Origin:
    """Return what the data of an `init.yaml` says."""
    return Origin(
        data["name"],
        data["namespace"],
        tuple(data["hosts"]),
        data["images"],
        Written(data["replicas"], *(tuple(data.get(key, ())) for key in ("scaled", "autoscaled", "sized"))),
    )


def scaffold(texts: Mapping[str, str], origin: Origin, choices: Choices) -> dict[str, str]:
    """Return the files of a reference set with the user's choices in place of its own names."""
    if choices.size is not None:
        texts = _sized(texts, origin.written, choices.size)
    return {file: _adapted(text, origin, choices) for file, text in texts.items()}


def _sized(texts: Mapping[str, str], written: Written, size: Size) -> dict[str, str]:
    """Return the files with the numbers of a profile: the manifests first, then what is said of them."""
    manifests = {file: resized(text, written, size) for file, text in texts.items() if file.endswith(".yaml")}
    prose = {
        file: retold(text, written, size, manifests.values()) for file, text in texts.items() if file.endswith(".md")
    }
    return {file: manifests.get(file) or prose.get(file) or text for file, text in texts.items()}


def _adapted(text: str, origin: Origin, choices: Choices) -> str:
    if choices.profile is not None:
        text = _replaced(text, DEFAULT_PROFILE, choices.profile)
    if choices.images is not None:
        text = _replaced(text, origin.images, choices.images.rstrip("/"))
    if choices.host is not None:
        text = _with_host(text, origin.hosts, choices.host)
    if choices.namespace is not None:
        text = _in_namespace(text, origin.namespace, choices.namespace)
    if choices.name is not None:
        text = _replaced(text, origin.name, choices.name, unless_after="--architecture ")
    return text


def _with_host(text: str, hosts: tuple[str, ...], new: str) -> str:
    """Replace the first host by the new one, and the others by hosts of the same domain."""
    domain = new.partition(".")[2] if new.count(".") > 1 else new
    for index, old in enumerate(hosts):
        text = _replaced(text, old, new if index == 0 else f"{old.partition('.')[0]}.{domain}")
    return text


def _replaced(text: str, old: str, new: str, unless_after: str = "\0") -> str:
    """Replace a name wherever it stands as a word or as a part of a hyphenated or dotted name."""
    pattern = rf"(?<![A-Za-z0-9])(?<!{re.escape(unless_after)}){re.escape(old)}(?![A-Za-z0-9])"
    return re.sub(pattern, lambda _: new, text)


def _in_namespace(text: str, old: str, new: str) -> str:
    """Replace a namespace only where a namespace is meant; the same word elsewhere (an environment, a branch) stays."""
    word = re.escape(old)
    text = re.sub(rf"(?<=namespace: ){word}(?=[\s,}}]|$)", new, text)
    text = re.sub(rf"(kubernetes\.io/metadata\.name: ){word}(?=[\s,}}]|$)", rf"\g<1>{new}", text)
    text = re.sub(rf"(?<=[a-z0-9]\.){word}(?=\.svc\b|[:/\"'\s]|$)", new, text)
    text = re.sub(rf"((?:-n|--namespace|namespace)[ =]\\?\"?){word}\b(?!-)", rf"\g<1>{new}", text)
    lists = r"(?:names|matchNames|namespaces|includedNamespaces): \[(?:[^\]]*, )?"
    text = re.sub(rf"({lists}){word}(?=[,\]])", rf"\g<1>{new}", text)
    lines, within = text.split("\n"), False
    for index, line in enumerate(lines):
        if within and line.strip() == f"- {old}":
            lines[index] = line.replace(old, new)
        elif not line.lstrip().startswith("- "):
            within = _NAMESPACE_LIST.match(line) is not None
    documents = DOCUMENT_MARK.split("\n".join(lines))
    for index, document in enumerate(documents):
        if re.search(r"^kind: Namespace$", document, re.MULTILINE):
            documents[index] = re.sub(rf"^(  name: ){word}$", rf"\g<1>{new}", document, flags=re.MULTILINE)
    return "---".join(documents)
