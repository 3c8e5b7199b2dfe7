"""refarch-lint: Kubernetes manifests held against reference architectures and a production checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refarch_lint.config import Settings
    from refarch_lint.evaluate.finding import Finding, Report
    from refarch_lint.evaluate.lint import lint
    from refarch_lint.severity import Severity

__version__ = "0.1.0"

__all__ = ["Finding", "Report", "Settings", "Severity", "__version__", "lint"]

_HOMES = {
    "Finding": "refarch_lint.evaluate.finding",
    "Report": "refarch_lint.evaluate.finding",
    "Settings": "refarch_lint.config",
    "Severity": "refarch_lint.severity",
    "lint": "refarch_lint.evaluate.lint",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `refarch-lint --version` stays quick."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
