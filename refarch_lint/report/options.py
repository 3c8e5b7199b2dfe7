"""How a report is to look: the choices of the reader, the same for every format."""

from __future__ import annotations

from typing import NamedTuple


class RenderOptions(NamedTuple):
    """The reader's choices; a format ignores those that mean nothing to it.

    `color` adds ANSI styles. `quiet` leaves only findings and the summary. `verbose` shows every finding in full and
    suppressed ones too. `width` is the number of columns of the terminal. `sarif_suppressed` keeps suppressed findings
    in SARIF, marked as such; GitHub code scanning would show them as open alerts.
    """

    color: bool = False
    quiet: bool = False
    verbose: bool = False
    width: int = 100
    sarif_suppressed: bool = False
