"""How much a finding matters and what it costs; ordered, so that thresholds compare."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """The three severities of a finding, worst first in reports."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst; a threshold admits every severity whose rank is not above its own."""
        return _RANKS[self]

    def at_least(self, threshold: Severity) -> bool:
        """Tell whether this severity is as bad as `threshold` or worse."""
        return self.rank <= threshold.rank


class Impact(StrEnum):
    """What a finding costs, the most urgent first: what people should look at before anything else."""

    OUTAGE = "outage"
    LOSS = "loss"
    EXPOSURE = "exposure"
    RISK = "risk"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Impact).index(self)


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
