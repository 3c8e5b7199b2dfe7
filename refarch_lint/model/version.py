"""Kubernetes versions, by major and minor number."""

from __future__ import annotations

from typing import NamedTuple

from refarch_lint.regex import regex

_VERSION = regex(r"v?(?P<major>[0-9]{1,4})\.(?P<minor>[0-9]{1,4})(?:\.[0-9]+)?(?:[-+][0-9A-Za-z.+-]+)?")


class KubernetesVersion(NamedTuple):
    """A minor release of Kubernetes; versions compare in the order of their release."""

    major: int
    minor: int

    def __str__(self) -> str:
        """Return `1.29`."""
        return f"{self.major}.{self.minor}"

    @property
    def label(self) -> str:
        """`v1.29`, the form that namespace labels use."""
        return f"v{self}"


#: The newest release whose rules are known here; what is newer is judged by it.
LATEST_VERSION = KubernetesVersion(1, 37)


def parse_version(text: object) -> KubernetesVersion:
    """Return the version that `text` names: `1.29`, `v1.29`, `1.29.3`, `v1.29.3-gke.100` or `latest`.

    Raises ValueError for anything else. A YAML number is refused, because 1.30 reads as 1.3.
    """
    if isinstance(text, str):
        if text.strip() == "latest":
            return LATEST_VERSION
        match = _VERSION.fullmatch(text.strip())
        if match:
            return KubernetesVersion(int(match["major"]), int(match["minor"]))
        raise ValueError(f"{text!r} is not a Kubernetes version: expected one such as {LATEST_VERSION} or latest")
    raise ValueError(f"not a Kubernetes version: expected a string such as '{LATEST_VERSION}'")
