"""`refarch-lint check`: read manifests, report findings, exit by severity."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path as FilePath

import click

from refarch_lint.cli import ExitCode
from refarch_lint.cli.color import use_color
from refarch_lint.cli.options import settings_from, shared_options
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.finding import Report
from refarch_lint.evaluate.lint import failed, lint
from refarch_lint.model.schema_location import SchemaLocation, parse_location, shown_location
from refarch_lint.regex import regex
from refarch_lint.report import REPORTERS, RenderOptions
from refarch_lint.severity import Severity

#: The width of tables where no terminal gives one, as in the log of a pipeline.
LOG_WIDTH = 160

_POD_SECURITY = regex(r"(privileged|baseline|restricted)(:(v1\.[0-9]+|latest))?")


@click.command("check", short_help="Check manifests (the default command).")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared_options
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME",
    help=f"Format of the report: {', '.join(REPORTERS)}. May be given several times, each with its --output.",
)
@click.option(
    "--output", "outputs", multiple=True, metavar="FILE", help="Where the report goes: one per --format; `-` is stdout."
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Least severity that makes the exit code 1. [error]",
)
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules: ids, globs or sections.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules: ids, globs or sections.")
@click.option(
    "--pod-security", metavar="LEVEL[:VERSION]", help="Judge every pod by this level, whatever its namespace says."
)
@click.option(
    "--schema-location",
    "schema_locations",
    multiple=True,
    metavar="WHERE",
    help="Where schemas are: a folder with {group}/{kind}_{version}.json or CustomResourceDefinitions, a file, or a "
    "path or http(s) address with {{.Group}}, {{.ResourceKind}}, {{.ResourceAPIVersion}}… in it; `default` is what "
    "is built in. May be given several times; the first that has a schema counts.",
)
@click.option(
    "--schema-cache",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=FilePath),
    help="Folder in which fetched schemas are kept for the next run.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Not these paths, even if named; patterns as in .gitignore.",
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text report.")
@click.option("--quiet", "-q", is_flag=True, help="Only findings and the summary.")
@click.option("--verbose", "-v", is_flag=True, help="Every finding in full, suppressed ones too.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option(
    "--allow-empty", is_flag=True, help="Exit with 0 where the files are blank, as what a chart renders may be."
)
@click.option("--sarif-suppressed", is_flag=True, help="Keep suppressed findings in SARIF.")
def command(
    paths: tuple[str, ...],
    architecture: str | None,
    profile: str | None,
    config_file: str | None,
    kubernetes_version: str | None,
    debug: bool,
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pod_security: str | None,
    schema_locations: tuple[str, ...],
    schema_cache: FilePath | None,
    exclude: tuple[str, ...],
    color: str,
    quiet: bool,
    verbose: bool,
    exit_zero: bool,
    allow_empty: bool,
    sarif_suppressed: bool,
) -> int:
    """Check every manifest below PATH (default: the current folder) as one whole; `-` reads standard input."""
    targets = report_targets(formats, outputs)
    if pod_security is not None and not _POD_SECURITY.fullmatch(pod_security):
        levels = "privileged, baseline or restricted, and a version such as v1.33 or latest behind a colon"
        raise UsageError(f"could not read --pod-security {pod_security!r}: give {levels}")
    settings = settings_from(paths, config_file, architecture, profile, kubernetes_version)
    settings = replace(
        settings,
        select=_taken_apart(select) or settings.select,
        ignore=settings.ignore + _taken_apart(ignore),
        fail_on=Severity(fail_on) if fail_on else settings.fail_on,
        pod_security=pod_security or settings.pod_security,
        exclude=settings.exclude + exclude,
        exclude_named=exclude,
        schema_locations=settings.schema_locations + tuple(map(_location, schema_locations)),
        schema_cache=schema_cache,
    )
    report = lint(paths or (".",), settings, stdin=sys.stdin.buffer.read)
    options = RenderOptions(
        color=use_color(color, os.environ, sys.stdout.isatty()),
        quiet=quiet,
        verbose=verbose,
        width=shutil.get_terminal_size().columns if sys.stdout.isatty() else LOG_WIDTH,
        sarif_suppressed=sarif_suppressed,
    )
    for name, output in targets:
        write_report(REPORTERS[name](report, options if output == "-" else options._replace(color=False)), output)
    return exit_code(report, settings, exit_zero=exit_zero, allow_empty=allow_empty)


def report_targets(formats: tuple[str, ...], outputs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return each format with where it goes; outputs pair with formats in order, and one format may go to stdout.

    Raises UsageError for an unknown format or outputs that do not pair up.
    """
    names = formats or ("text",)
    for name in names:
        if name not in REPORTERS:
            raise UsageError(f"no format {name!r}; known are {', '.join(REPORTERS)}")
    if len(outputs) > len(names):
        raise UsageError(f"{len(outputs)} outputs for {len(names)} format(s): give one --output for each --format")
    pairs = [(name, outputs[index] if index < len(outputs) else "-") for index, name in enumerate(names)]
    if sum(output == "-" for _, output in pairs) > 1:
        raise UsageError("several formats would share standard output: give an --output for each --format")
    return pairs


def write_report(text: str, output: str) -> None:
    """Write a report to a file or, for `-`, to standard output; who stops reading it there changes no exit code.

    Raises UsageError if it cannot be written.
    """
    try:
        if output == "-":
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            sys.stdout.flush()
        else:
            FilePath(output).write_text(text, encoding="utf-8", newline="\n")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as cause:
        name = "standard output" if output == "-" else output
        raise UsageError(f"could not write to {name}: {cause.strerror}") from cause


def exit_code(report: Report, settings: Settings, *, exit_zero: bool, allow_empty: bool) -> ExitCode:
    """Return the exit code of a finished check; `allow_empty` lets blank files pass, but not a path with none."""
    if exit_zero:
        return ExitCode.CLEAN
    if failed(report, settings.fail_on):
        return ExitCode.FINDINGS
    if report.coverage.resources == 0 and not (allow_empty and report.coverage.blank):
        click.echo("error: no Kubernetes object found in what was given", err=True)
        return ExitCode.NOTHING_FOUND
    return ExitCode.CLEAN


def _location(text: str) -> SchemaLocation:
    try:
        return parse_location(text)
    except ValueError as cause:
        raise UsageError(f"could not read --schema-location {shown_location(text)!r}: {cause}") from cause


def _taken_apart(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return option values with comma-separated ones taken apart."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
