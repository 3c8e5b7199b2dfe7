"""Annotations of pods that the API server reads (ValidatePodSpecificAnnotations): AppArmor, seccomp, deletion cost."""

from __future__ import annotations

from refarch_lint.model.field_values.check import Faults, Node, shown
from refarch_lint.model.field_values.common import containers_of
from refarch_lint.model.field_values.formats import relative_path
from refarch_lint.regex import regex

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_SECCOMP_OF_POD = "seccomp.security.alpha.kubernetes.io/pod"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"

_COST = regex(r"0|-?[1-9][0-9]{0,9}")
_COST_MAX = 2**31
_LOCAL = "localhost/"
_APPARMOR_NAMES = {"RuntimeDefault": "runtime/default", "Unconfined": "unconfined"}


def annotations_fit(node: Node, faults: Faults) -> None:
    """Check the annotations of a pod or pod template, of which `node` is the whole."""
    for entry in node.down("metadata", "annotations").entries():
        key, text = entry.name, entry.text
        if text is None:
            continue
        if key.startswith(_APPARMOR):
            _apparmor(entry, text, node["spec"], faults)
        elif key == _SECCOMP_OF_POD or key.startswith(_SECCOMP):
            _seccomp(entry, text, faults)
        elif key == _DELETION_COST and not (_COST.fullmatch(text) and -_COST_MAX <= int(text) < _COST_MAX):
            faults.append(entry.fault(f"is {shown(text)}, a whole number is required"))


def _apparmor(entry: Node, text: str, spec: Node, faults: Faults) -> None:
    name = entry.name.removeprefix(_APPARMOR)
    container = next((item for item in containers_of(spec) if item["name"].value == name), None)
    if text not in _APPARMOR_NAMES.values() and not text.startswith(_LOCAL):
        faults.append(entry.fault(f"is {shown(text)}, one of runtime/default, unconfined, localhost/NAME is required"))
    elif container is None:
        if isinstance(spec["containers"].value, list):
            faults.append(entry.fault(f"is for a container {name}, which this pod does not have"))
    elif spec.down("os", "name").value != "windows":
        own = container.down("securityContext", "appArmorProfile")
        profile = own if own.value is not None else spec.down("securityContext", "appArmorProfile")
        kind = profile["type"].text
        local = profile["localhostProfile"].value
        wanted = f"{_LOCAL}{local}" if kind == "Localhost" else _APPARMOR_NAMES.get(kind or "")
        if wanted is not None and text != wanted:
            faults.append(entry.fault(f"is {shown(text)}, {wanted} is required as in appArmorProfile"))


def _seccomp(entry: Node, text: str, faults: Faults) -> None:
    local = text.removeprefix(_LOCAL) if text.startswith(_LOCAL) else None
    known = text in ("runtime/default", "docker/default", "unconfined")
    if not known and (local is None or relative_path(local)):
        says = "one of runtime/default, unconfined, localhost/PATH is required"
        faults.append(entry.fault(f"is {shown(text)}, {says}"))
