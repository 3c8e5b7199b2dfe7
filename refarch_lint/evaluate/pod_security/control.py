"""What a control of the Pod Security Standards is, and what it says when it is violated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from refarch_lint.evaluate.pod_security.pod import Pod
from refarch_lint.location import Path
from refarch_lint.model.version import KubernetesVersion


class Level(StrEnum):
    """The three levels of the Pod Security Standards, from open to closed."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


class Fault(NamedTuple):
    """One field that a control refuses: its path from the pod's root, and why in words."""

    path: Path
    message: str


class Violation(NamedTuple):
    """A fault with the control that refuses it."""

    control: str
    path: Path
    message: str


Check = Callable[[Pod, KubernetesVersion], Iterator[Fault]]


class Control(NamedTuple):
    """One control: the level that demands it, the first version that has it, and its check.

    `replaces` names the baseline control that this one, being stricter, stands in for at the restricted level.
    """

    id: str
    level: Level
    title: str
    since: KubernetesVersion
    check: Check
    replaces: str | None = None
