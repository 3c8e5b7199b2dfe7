"""The command line: the only place that prints and exits; every command is imported when it is called."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from enum import IntEnum
from typing import NoReturn


class ExitCode(IntEnum):
    """What a run ended with, for scripts."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    NOTHING_FOUND = 3
    BUG = 4


def main() -> NoReturn:
    """Run `refarch-lint` with the process's arguments and exit.

    What a run builds it keeps to its end, which is soon: looking for garbage would cost more than it frees, and so
    would taking everything apart in the end, which is left to the operating system.
    """
    gc.disable()
    _open_closed_streams()
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def _open_closed_streams() -> None:
    """Let a stream that the caller closed (`>&-`), which Python has as None, be an empty one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 (open to the end)


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code; every error becomes one message on standard error."""
    if arguments == ["--version"]:
        from refarch_lint import __version__

        sys.stdout.write(f"refarch-lint {__version__}\n")
        return ExitCode.CLEAN
    from refarch_lint.cli.app import application
    from refarch_lint.cli.boundary import guarded

    return guarded(application, arguments)
