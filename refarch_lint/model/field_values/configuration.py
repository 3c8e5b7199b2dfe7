"""ConfigMaps and Secrets: keys, encoding, size, and what a Secret of a type must hold."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator

from refarch_lint.model.field_values.check import Check, Faults, Node, entries, fields
from refarch_lint.model.field_values.formats import config_key

_CONTENT_MAX = 1024 * 1024


def _base64(node: Node, faults: Faults) -> None:
    value = node.value
    if not isinstance(value, str) or (value and node.text is None):
        return
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        faults.append(node.fault("is not base64"))


def _small_enough(texts: str, encoded: str) -> Check:
    """Limit what an object holds: texts as they are, the rest as it is once decoded."""

    def check(node: Node, faults: Faults) -> None:
        size = sum(len(entry.value.encode("utf-8", "replace")) for entry in _written(node[texts]))
        size += sum(len("".join(entry.value.split()).rstrip("=")) * 3 // 4 for entry in _written(node[encoded]))
        if size > _CONTENT_MAX:
            largest = texts if node.has(texts) else encoded
            faults.append(node[largest].fault(f"holds {size} bytes, at most {_CONTENT_MAX} are allowed"))

    return check


def _written(node: Node) -> Iterator[Node]:
    return (entry for entry in node.entries() if isinstance(entry.value, str))


def _keys_apart(node: Node, faults: Faults) -> None:
    texts = node["data"].value
    if isinstance(texts, dict):
        faults.extend(entry.fault("is in data too") for entry in node["binaryData"].entries() if entry.key in texts)


CONFIG_MAP: Check = fields(
    {"data": entries(key=config_key), "binaryData": entries(_base64, config_key)},
    _keys_apart,
    _small_enough("data", "binaryData"),
)

_SECRET_KEYS: dict[str, tuple[str, ...]] = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}

_NEVER_EMPTY = "ssh-privatekey"
_REGISTRIES = ("kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson")


def _keys_of_type(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    if kind is None or node.has("sops"):
        return
    entries_of = [entry for part in ("data", "stringData") for entry in node[part].entries()]
    present = {entry.key for entry in entries_of if entry.value != "" or entry.key != _NEVER_EMPTY}
    part = "stringData" if node.has("stringData") and not node.has("data") else "data"
    for key in _SECRET_KEYS.get(kind, ()):
        if key not in present:
            faults.append(node[part].missing(key, f"is required in a Secret of type {kind}"))
    if kind == "kubernetes.io/basic-auth" and not present & {"username", "password"}:
        faults.append(node[part].missing("username", f"or password is required in a Secret of type {kind}"))
    if kind == "kubernetes.io/service-account-token":
        account = node.down("metadata", "annotations", "kubernetes.io/service-account.name")
        if not account.value:
            faults.append(account.fault(f"is required in a Secret of type {kind}"))


def _registries(node: Node, faults: Faults) -> None:
    """The credentials of registries are JSON."""
    if node.has("sops") or node["type"].text not in _REGISTRIES:
        return
    key = _SECRET_KEYS[str(node["type"].text)][0]
    for part in ("data", "stringData"):
        entry = node[part][key]
        if entry.text is None:
            continue
        try:
            text = entry.text if part == "stringData" else base64.b64decode("".join(entry.text.split()), validate=True)
            found = json.loads(text)
        except binascii.Error:
            continue
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            faults.append(entry.fault(f"is no JSON object, as a Secret of type {node['type'].text} requires"))


def _secret_data(node: Node, faults: Faults) -> None:
    if not node.has("sops"):
        entries(_base64, config_key)(node["data"], faults)


SECRET: Check = fields(
    {"stringData": entries(key=config_key)},
    _secret_data,
    _keys_of_type,
    _registries,
    _small_enough("stringData", "data"),
)
