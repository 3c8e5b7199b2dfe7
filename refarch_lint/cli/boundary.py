"""Where errors end: each becomes a message for the user and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import click

from refarch_lint.cli import ExitCode
from refarch_lint.errors import RefarchLintError, RuleCrashError

#: Whose messages speak of names and types only; any other one may quote a value of a manifest.
_SAFE_TO_SHOW = (
    AttributeError,
    ImportError,
    MemoryError,
    NameError,
    RecursionError,
    RefarchLintError,
    TypeError,
    ZeroDivisionError,
)


def guarded(command: click.Command, arguments: list[str]) -> int:
    """Run a command and return its exit code.

    Errors of usage, configuration and rule files give 2; anything unforeseen is a bug and gives 4, with a traceback
    where `--debug` is among the arguments.
    """
    debug = "--debug" in arguments
    try:
        result = command.main(args=arguments, prog_name="refarch-lint", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.CLEAN
    except RefarchLintError as error:
        _say(f"error: {error}")
        return _report_bug(error, debug) if isinstance(error, RuleCrashError) else ExitCode.USAGE
    except Exception as error:
        _say(f"error: could not finish: {_named(error)}")
        return _report_bug(error, debug)
    return result if isinstance(result, int) else ExitCode.CLEAN


def _report_bug(error: Exception, debug: bool) -> int:
    if debug:
        _say("\n".join(_traceback(error)))
    else:
        _say("this is a bug in refarch-lint or in an installed predicate; --debug shows where")
    return ExitCode.BUG


def _traceback(error: BaseException) -> Iterator[str]:
    """Yield the lines of a traceback, causes first, without the messages that may quote a manifest."""
    import traceback

    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _traceback(cause)
        yield "which led to:"
    yield "Traceback (most recent call last):"
    yield from (line.rstrip("\n") for line in traceback.format_tb(error.__traceback__))
    yield _named(error)


def _named(error: BaseException) -> str:
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, _SAFE_TO_SHOW) else kind


def _say(text: str) -> None:
    click.echo(text, err=True)
