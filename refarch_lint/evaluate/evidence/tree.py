"""The files of a repository, listed once, sorted and bounded; nothing outside it is followed."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from refarch_lint.regex import regex

#: How many files are listed at most, and how deep folders are followed.
FILE_LIMIT = 50_000
DEPTH_LIMIT = 12
#: How many bytes of a file are read at most.
SIZE_LIMIT = 1_000_000

_HIDDEN_FOLDERS = frozenset(
    {".github", ".gitlab", ".gitlab-ci", ".circleci", ".azure-pipelines", ".azuredevops", ".tekton", ".woodpecker"}
    | {".buildkite", ".ci"}
)
_SKIPPED_FOLDERS = frozenset(
    {"node_modules", "vendor", "venv", "__pycache__", "dist", "target", "site-packages", "bower_components"}
)


_WILDCARD = regex(r"(\*\*/|\*\*|\*|\?)")


@dataclass(frozen=True, eq=False)
class FileTree:
    """The files below `root` as sorted relative paths with forward slashes; `complete` is False above the limits."""

    root: Path
    files: tuple[str, ...]
    complete: bool

    @cached_property
    def _lowered(self) -> tuple[tuple[str, str], ...]:
        """Every file in small letters and as it is written, sorted by the former."""
        return tuple(sorted((file.lower(), file) for file in self.files))

    def matching(self, globs: Iterable[str], folders: Iterable[str] = ("",)) -> tuple[str, ...]:
        """Return the files that fit any glob: `*` within a folder, `**` across folders, case ignored.

        The globs count from each of `folders` (empty, or ending in a slash).
        """
        wanted = [glob.lower().removeprefix("./") for glob in globs]
        found = {file for folder in folders for glob in wanted for file in self._fitting(glob, folder)}
        return tuple(sorted(found))

    def _fitting(self, glob: str, folder: str) -> Iterator[str]:
        """Yield the files below a folder that fit a glob; only those that begin and end as it does are looked at."""
        above, parts = folder.lower(), _WILDCARD.split(glob)
        beginning, end = above + parts[0], parts[-1]
        first = bisect_left(self._lowered, (beginning,))
        last = bisect_left(self._lowered, (f"{beginning}\U0010ffff",))
        alike = [item for item in self._lowered[first:last] if item[0].endswith(end) and item[1].startswith(folder)]
        if alike:
            fits = re.compile(_expression(parts)).fullmatch
            yield from (file for lowered, file in alike if fits(lowered, len(above)))

    def text(self, file: str) -> str:
        """Return the beginning of a file as text, empty if it cannot be read."""
        try:
            with (self.root / file).open("rb") as stream:
                return stream.read(SIZE_LIMIT).decode("utf-8", "replace").removeprefix("\ufeff")
        except OSError:
            return ""

    def has(self, path: str) -> bool:
        """Tell whether a file or folder of that relative path is in the repository; what leads outside is not."""
        parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
        return ".." not in parts and self.root.joinpath(*parts).exists()


def list_files(root: Path) -> FileTree:
    """List the files of a repository, skipping hidden folders (but those of CI services), dependencies and links.

    Above the limit it is the deepest files that are left out.
    """
    found: list[str] = []
    waiting = [(os.fspath(root), "")]
    for _ in range(DEPTH_LIMIT + 1):
        level, waiting = waiting, []
        for folder, prefix in level:
            for entry in _entries(folder):
                if entry.is_file(follow_symlinks=False):
                    found.append(prefix + entry.name)
                elif entry.is_dir(follow_symlinks=False) and _is_followed(entry.name):
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
            if len(found) > FILE_LIMIT:
                return FileTree(root, tuple(sorted(found[:FILE_LIMIT])), complete=False)
    return FileTree(root, tuple(sorted(found)), complete=True)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            return sorted(listing, key=attrgetter("name"))
    except OSError:
        return []


def _is_followed(name: str) -> bool:
    return name in _HIDDEN_FOLDERS if name.startswith(".") else name not in _SKIPPED_FOLDERS


def _expression(parts: Iterable[str]) -> str:
    wildcards = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(wildcards.get(part) or re.escape(part) for part in parts)
