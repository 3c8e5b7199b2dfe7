"""Profiles: the numbers and severities that an environment of a certain size asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from refarch_lint.severity import Severity


class Profile(NamedTuple):
    """A named environment; `parameters` maps `rule.parameter` or a bare parameter name to a value.

    `severities` maps rule ids to another severity, or to None to switch the rule off.
    """

    id: str
    title: str
    description: str
    parameters: Mapping[str, Any]
    severities: Mapping[str, Severity | None]
