"""Reports: what a run found, in the formats that people and other tools read."""

from __future__ import annotations

from refarch_lint.report.options import RenderOptions
from refarch_lint.report.registry import REPORTERS, Reporter

__all__ = ["REPORTERS", "RenderOptions", "Reporter"]
