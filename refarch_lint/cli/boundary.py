"""Where errors end: each becomes a message for the user and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

import click

from refarch_lint.cli import ExitCode
from refarch_lint.errors import RefarchLintError


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
        if _is_bug(error):
            return _report_bug(debug)
        return ExitCode.USAGE
    except Exception as error:
        _say(f"error: could not finish: {type(error).__name__}: {error}")
        return _report_bug(debug)
    return result if isinstance(result, int) else ExitCode.CLEAN


def _is_bug(error: RefarchLintError) -> bool:
    return type(error).__name__ == "RuleCrashError"


def _report_bug(debug: bool) -> int:
    if debug:
        traceback.print_exc(file=sys.stderr)
    else:
        _say("this is a bug in refarch-lint or in an installed predicate; --debug shows where")
    return ExitCode.BUG


def _say(text: str) -> None:
    click.echo(text, err=True)
