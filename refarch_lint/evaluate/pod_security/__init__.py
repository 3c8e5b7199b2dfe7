"""The Pod Security Standards, one function per control, versioned as Kubernetes versions them."""

from refarch_lint.evaluate.pod_security.control import Control, Level, Violation
from refarch_lint.evaluate.pod_security.standards import (
    CONTROLS,
    Policy,
    check_control,
    controls_in_force,
    is_in_force,
    namespace_policy,
    stricter_control,
    violations,
)

__all__ = [
    "CONTROLS",
    "Control",
    "Level",
    "Policy",
    "Violation",
    "check_control",
    "controls_in_force",
    "is_in_force",
    "namespace_policy",
    "stricter_control",
    "violations",
]
