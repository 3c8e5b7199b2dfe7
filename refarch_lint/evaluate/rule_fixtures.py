"""Rules held against their fixtures: what must be found, where and in which words; a pass must have looked.

A case is a file or a folder `fixtures/rules/<rule-id>/{pass,fail}*`. Its comments state what is expected:

    # expect: 12:9 [min-replicas] "Deployment/api runs 1 replica(s), ..."
    # settings: {profile: staging, architecture: web-app}

The position is line and column, behind a file name where the comment stands in another file; the message stands whole.
Settings have the form of the configuration file;
`repository: true` beside them lays the case into a repository of its own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import settings_of
from refarch_lint.evaluate.lint import lint
from refarch_lint.regex import regex
from refarch_lint.source.loading import read_bytes

_EXPECT = regex(r'#\s*expect:\s*(?:(\S+?):)?(\d+):(\d+)\s+\[([^\]]+)\]\s+"(.*)"\s*$')
_SETTINGS = regex(r"#\s*settings:\s*(\{.*\})\s*$")
_TEXT_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".md", ".txt", ""})


class Case(NamedTuple):
    """One fixture of a rule: a file or a folder, and whether the rule must hold on it."""

    rule: str
    path: FilePath
    passes: bool


class Expectation(NamedTuple):
    """A finding that a case demands."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.message!r}"


def cases(folder: FilePath, catalogue: Catalogue) -> Iterator[Case]:
    """Yield the cases below `folder`, one sub-folder a rule, in order."""
    for rule in catalogue.rules:
        home = folder / rule
        if home.is_dir():
            for path in sorted(home.iterdir()):
                if path.name.startswith(("pass", "fail")):
                    yield Case(rule, path, path.name.startswith("pass"))


def faults_of(case: Case, catalogue: Catalogue) -> tuple[str, ...]:
    """Return what is wrong with a rule on one of its cases, nothing where all is as stated."""
    expected, data = _statements(case)
    in_repository = data.pop("repository", False)
    settings = settings_of(data, case.path.parent)
    settings = replace(settings, select=(*settings.select, case.rule), architecture=settings.architecture or "none")
    with _laid_out(case, bool(in_repository)) as place:
        if in_repository:
            settings = replace(settings, repository_start=place)
        report = lint([str(place)], settings, catalogue)
        base = place if place.is_dir() else place.parent
    found = {
        Expectation(
            _relative(finding.location.file, base),
            finding.location.span.start.line,
            finding.location.span.start.column,
            finding.message,
        )
        for finding in report.active
        if finding.rule == case.rule
    }
    outcome = next((outcome for outcome in report.outcomes if outcome.rule == case.rule), None)
    problems = [f"not found: {item}" for item in sorted(expected - found)]
    problems += [f"not expected: {item}" for item in sorted(found - expected)]
    if case.passes and (outcome is None or outcome.passed == 0):
        reasons = f" ({'; '.join(outcome.unverifiable)})" if outcome and outcome.unverifiable else ""
        problems.append(f"the rule looked at nothing that passed{reasons}")
    if case.passes and expected:
        problems.append("a pass case expects findings")
    if not case.passes and not expected:
        problems.append("a fail case expects no finding")
    return tuple(problems)


def _relative(file: str, base: FilePath) -> str:
    path = FilePath(file)
    resolved = (path if path.is_absolute() else FilePath.cwd() / path).resolve()
    return resolved.relative_to(base.resolve()).as_posix() if resolved.is_relative_to(base.resolve()) else file


def _files(path: FilePath) -> Iterator[FilePath]:
    if path.is_file():
        yield path
    else:
        yield from (file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix in _TEXT_SUFFIXES)


def _statements(case: Case) -> tuple[set[Expectation], dict[str, Any]]:
    base = case.path if case.path.is_dir() else case.path.parent
    expected: set[Expectation] = set()
    settings: dict[str, Any] = {}
    for file in _files(case.path):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if found := _EXPECT.search(line):
                if found[4] == case.rule:
                    name = found[1] or file.relative_to(base).as_posix()
                    message = found[5].replace('\\"', '"')
                    expected.add(Expectation(name, int(found[2]), int(found[3]), message))
            elif found := _SETTINGS.search(line):
                settings.update(read_bytes("settings", found[1].encode()).documents[0].data)
    return expected, settings


@contextmanager
def _laid_out(case: Case, in_repository: bool) -> Iterator[FilePath]:
    """Give the place to read a case from; one that needs a repository is copied into one of its own."""
    if not in_repository:
        yield case.path
        return
    with tempfile.TemporaryDirectory() as folder:
        root = FilePath(folder) / "repository"
        if case.path.is_dir():
            shutil.copytree(case.path, root)
        else:
            root.mkdir()
            shutil.copy(case.path, root / case.path.name)
        git = root / ".git"
        git.mkdir()
        (git / "config").write_text('[remote "origin"]\n\turl = https://git.example.com/team/app.git\n')
        (git / "HEAD").write_text("ref: refs/heads/main\n")
        yield root


__all__ = ["Case", "Expectation", "cases", "faults_of"]
