"""Whether output is coloured: the option, then NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE, then the terminal."""

from __future__ import annotations

from collections.abc import Mapping


def use_color(choice: str, environment: Mapping[str, str], is_terminal: bool) -> bool:
    """Tell whether to colour output for `--color choice`; NO_COLOR counts when it is not empty (no-color.org)."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name) not in (None, "", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_terminal and environment.get("TERM") != "dumb"
