"""ConfigMaps and Secrets: keys, encoding, size, and what a Secret of a type must hold."""

from __future__ import annotations

import base64
import binascii
from typing import Any

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


def _small_enough(*keys: str) -> Check:
    def check(node: Node, faults: Faults) -> None:
        size = sum(
            len(entry.value.encode("utf-8", "replace"))
            for key in keys
            for entry in node[key].entries()
            if isinstance(entry.value, str)
        )
        if size > _CONTENT_MAX:
            faults.append(node[keys[0]].fault(f"holds {size} bytes, at most {_CONTENT_MAX} are allowed"))

    return check


def _keys_apart(node: Node, faults: Faults) -> None:
    texts = node["data"].value
    if isinstance(texts, dict):
        faults.extend(entry.fault("is in data too") for entry in node["binaryData"].entries() if entry.key in texts)


CONFIG_MAP: Check = fields(
    {"data": entries(key=config_key), "binaryData": entries(_base64, config_key)},
    _keys_apart,
    _small_enough("data"),
)

_SECRET_KEYS: dict[str, tuple[str, ...]] = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def _keys_of_type(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    if kind is None or node.has("sops"):
        return
    present: set[Any] = set()
    for part in ("data", "stringData"):
        value = node[part].value
        present |= value.keys() if isinstance(value, dict) else set()
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


def _secret_data(node: Node, faults: Faults) -> None:
    if not node.has("sops"):
        entries(_base64, config_key)(node["data"], faults)


SECRET: Check = fields({"stringData": entries(key=config_key)}, _secret_data, _keys_of_type, _small_enough("data"))
