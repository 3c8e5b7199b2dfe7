"""From the arguments of a run to the files it reads: a sorted list, with everything passed over named and counted."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from refarch_lint.errors import UsageError
from refarch_lint.source.charts import chart_at
from refarch_lint.source.ignoring import IgnoreRules
from refarch_lint.wildcards import fits_glob

#: What a folder is searched for.
SUFFIXES: Final = (".yaml", ".yml", ".json")

#: JSON files that programs read for themselves, many with comments in them, and folders of installed packages.
_SETTINGS: Final = (
    *("angular.json", "api-extractor*.json", "appsettings*.json", "babel.config.json", "biome.json", "deno.json"),
    *("global.json", "jsconfig*.json", "launchsettings.json", "npm-shrinkwrap.json", "nx.json", "package.json"),
    *("package-lock.json", "project.json", "renovate.json", "rush*.json", "tsconfig*.json", "turbo.json"),
)
_PACKAGES: Final = frozenset({"bower_components", "node_modules"})

#: The argument that means standard input, and the name it has in reports.
STDIN_ARGUMENT: Final = "-"
STDIN_NAME: Final = "<stdin>"

#: Larger files found in a folder are passed over, in bytes; name one explicitly to have it read.
MAX_FOUND_SIZE: Final = 64 * 1024 * 1024
#: Larger files are not read even if named, in bytes; a device such as /dev/zero has no end.
MAX_NAMED_SIZE: Final = 512 * 1024 * 1024


class Skipped(NamedTuple):
    """A file or folder that was passed over, and why."""

    file: str
    reason: str


class InputFile(NamedTuple):
    """A file to read under the name that reports show; `content` is set where there is no path (standard input)."""

    name: str
    path: Path | None
    content: bytes | None = None

    def read(self) -> bytes:
        """Return the bytes. Raises OSError where the file cannot be read or has no end, as a device may."""
        if self.path is None:
            return self.content or b""
        status = self.path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_NAMED_SIZE:
            return self.path.read_bytes()
        if not stat.S_ISREG(status.st_mode):
            with self.path.open("rb") as file:
                content = file.read(MAX_NAMED_SIZE + 1)
            if len(content) <= MAX_NAMED_SIZE:
                return content
        raise OSError(errno.EFBIG, f"it is larger than {MAX_NAMED_SIZE // 1024 // 1024} MiB")


class Discovered(NamedTuple):
    """The files of a run, sorted by name, and what was passed over."""

    files: tuple[InputFile, ...]
    skipped: tuple[Skipped, ...]


def discover(
    paths: Sequence[str],
    *,
    stdin: Callable[[], bytes] | None,
    exclude: Sequence[str] = (),
    exclude_named: Sequence[str] = (),
) -> Discovered:
    """Return the files that `paths` stand for: files, folders, globs and `-`.

    A file given by name is read unless `exclude_named` speaks of it. A folder is searched for YAML and JSON; hidden,
    git-ignored and excluded entries and the templates of Helm charts are passed over. `exclude` and `exclude_named`
    hold patterns in the syntax of `.gitignore`, from the current folder. Raises UsageError for a path that does not
    exist and for `-` without standard input.
    """
    search = _Search(Path.cwd(), exclude)
    barred = IgnoreRules.of(Path.cwd(), exclude_named)
    for given in paths:
        if given == STDIN_ARGUMENT:
            if stdin is None:
                raise UsageError("could not read standard input: there is none")
            search.add(InputFile(STDIN_NAME, None, stdin()), STDIN_NAME)
            continue
        for path in _expand(given):
            if barred.levels and barred.ignores(_real(path), is_folder=path.is_dir()):
                search.skip(path, "excluded")
            elif path.is_dir():
                search.walk(path)
            else:
                search.add_path(path)
    return search.result()


def name_from_here(file: Path) -> str:
    """Return a file that nobody named as reports name it: the way to it from the current folder, links followed."""
    try:
        name = os.path.relpath(os.path.realpath(file), os.path.realpath("."))
    except ValueError:  # another drive
        return file.as_posix()
    return os.fsencode(Path(name).as_posix()).decode("utf-8", "replace")


def _real(path: Path) -> str:
    """Return where an entry of a folder really is; a link keeps its own name."""
    absolute = os.path.abspath(path)  # noqa: PTH100
    return os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute))  # noqa: PTH118,PTH119,PTH120


def _expand(given: str) -> list[Path]:
    path = Path(given)
    if os.path.lexists(path):
        return [path]
    if glob.has_magic(given):
        found = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 (takes absolute patterns)
        if found:
            return [Path(each) for each in found]
        raise UsageError(f"could not find {given}: no file matches")
    raise UsageError(f"could not find {given}: no such file or folder")


class _Search:
    """What has been found so far; every file and folder is taken once, under its first name."""

    def __init__(self, base: Path, exclude: Sequence[str]) -> None:
        self._base = base
        self._excluded = IgnoreRules.of(base, exclude)
        self._files: dict[str, InputFile] = {}
        self._links: list[Path] = []
        self._folders: set[str] = set()
        self._skipped: dict[str, Skipped] = {}

    def result(self) -> Discovered:
        for link in self._links:
            self.add_path(link)
        files = sorted(self._files.values(), key=lambda file: file.name)
        return Discovered(tuple(files), tuple(sorted(self._skipped.values())))

    def add(self, file: InputFile, identity: str) -> None:
        self._files.setdefault(identity, file)

    def add_path(self, path: Path) -> None:
        self.add(InputFile(self._name(path), path), os.path.realpath(path))

    def walk(self, folder: Path) -> None:
        """Take the files of a folder given by name; `.gitignore` files above it count unless they ignore it."""
        rules = IgnoreRules.above(folder)
        if rules.ignores(os.path.realpath(folder), is_folder=True):
            rules = IgnoreRules()
        waiting = [(folder, rules)]
        linked: list[tuple[Path, IgnoreRules]] = []
        while waiting or linked:
            # What lies in the tree itself goes by its own name, so links wait until all of it has been seen.
            current, rules = waiting.pop() if waiting else linked.pop()
            for path, inner in self._folder(current, rules):
                if not path.is_symlink():
                    waiting.append((path, inner))
                elif _leads_above(path, folder):
                    self.skip(path, "link to a folder above")
                else:
                    linked.append((path, inner))

    def _folder(self, folder: Path, rules: IgnoreRules) -> Iterator[tuple[Path, IgnoreRules]]:
        """Take the files of one folder, unless that was done already, and yield the folders in it."""
        real = os.path.realpath(folder)
        if real in self._folders:
            return
        self._folders.add(real)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            # Reading a folder fails in the same way, so that it becomes a finding rather than a silence.
            self.add_path(folder)
            return
        rules = rules.inside(folder)
        chart = chart_at(folder)
        for entry in entries:
            path = folder / entry.name
            is_folder = _is_folder(entry)
            if not is_folder and not entry.name.lower().endswith(SUFFIXES):
                continue
            reason = self._reason(entry, f"{real}{os.sep}{entry.name}", is_folder, rules)
            if not reason and chart is not None:
                reason = chart.reason(path, is_folder=is_folder)
            if reason:
                if entry.name != ".git":
                    self.skip(path, reason)
            elif is_folder:
                yield path, rules
            elif entry.is_symlink():
                self._links.append(path)
            else:
                self.add(InputFile(self._name(path), path), f"{real}{os.sep}{entry.name}")

    def _reason(self, entry: os.DirEntry[str], real: str, is_folder: bool, rules: IgnoreRules) -> str:
        """Return why an entry of a folder is passed over, or nothing."""
        if entry.name.startswith("."):
            return "hidden folder" if is_folder else "hidden file"
        if rules.ignores(real, is_folder=is_folder):
            return "ignored by .gitignore"
        if self._excluded.ignores(real, is_folder=is_folder):
            return "excluded"
        if is_folder:
            return "installed packages" if entry.name in _PACKAGES else ""
        if any(fits_glob(entry.name.lower(), pattern) for pattern in _SETTINGS):
            return "settings of another program"
        try:
            status = entry.stat()
        except OSError:
            return ""
        if not stat.S_ISREG(status.st_mode):
            return "not a regular file"
        return f"larger than {MAX_FOUND_SIZE // 1024 // 1024} MiB" if status.st_size > MAX_FOUND_SIZE else ""

    def skip(self, path: Path, reason: str) -> None:
        name = self._name(path)
        self._skipped.setdefault(name, Skipped(name, reason))

    def _name(self, path: Path) -> str:
        """Return the path from the current folder where it is below it, else as given; always with forward slashes."""
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 (links keep their own name)
        name = absolute.relative_to(self._base) if absolute.is_relative_to(self._base) else path
        return os.fsencode(name.as_posix()).decode("utf-8", "replace")


def _leads_above(link: Path, folder: Path) -> bool:
    """Tell whether a link leads to a folder that holds `folder` and much else: nobody means all of that."""
    return Path(os.path.realpath(link)) in Path(os.path.realpath(folder)).parents


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a folder or a link to one; a link that leads nowhere is not."""
    try:
        return entry.is_dir()
    except OSError:
        return False
