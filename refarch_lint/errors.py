"""Errors that end a run, one small tree; each may carry the place in the file that caused it.

RefarchLintError
├── UsageError           what was asked on the command line cannot be done
├── ConfigurationError   a fault in a configuration file
├── RuleFileError        faults in rule, architecture, profile or checklist files
└── RuleCrashError       a rule broke down: a bug
"""

from __future__ import annotations

from refarch_lint.location import Location


class RefarchLintError(Exception):
    """A failure with a message for the user: `could not <verb> <thing>: <cause>`."""

    def __init__(self, message: str, location: Location | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class UsageError(RefarchLintError):
    """What was asked for on the command line cannot be done."""


class ConfigurationError(RefarchLintError):
    """The project's configuration file is wrong."""


class RuleFileError(RefarchLintError):
    """A rule, architecture, profile or checklist file is wrong; `faults` lists every fault found."""

    def __init__(self, faults: tuple[tuple[str, Location | None], ...]) -> None:
        message, location = faults[0]
        super().__init__(message, location)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(f"{where}: {what}" if where else what for what, where in self.faults)


class RuleCrashError(RefarchLintError):
    """A rule broke down: a bug of refarch-lint or of an installed predicate, never a pass."""
