"""What `.gitignore` files and exclude patterns leave out (https://git-scm.com/docs/gitignore)."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_IGNORE_FILE: Final = ".gitignore"


class _Patterns:
    """The patterns of one list and the folder they count from."""

    def __init__(self, folder: str, lines: Sequence[str]) -> None:
        self._prefix = folder.rstrip(os.sep) + os.sep
        self._lines = tuple(line for line in lines if line.strip() and not line.startswith("#"))
        self._signs = frozenset(map(_sign, self._lines))

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether an absolute path is left out, None where no pattern speaks of it."""
        if not path.startswith(self._prefix):
            return None
        relative = path[len(self._prefix) :].replace(os.sep, "/")
        if not any(sign in relative for sign in self._signs):
            return None
        return self._spec.check_file(relative + "/" if is_folder else relative).include

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        # Takes long to import, and most paths bear no sign of a pattern.
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(self._lines)


def _sign(pattern: str) -> str:
    """Return a text that every path has in it which the pattern fits; empty where there is none for sure."""
    if "\\" in pattern or "[" in pattern:
        return ""
    return max(re.split(r"[*?/]+", pattern.strip().removeprefix("!")), key=len)


class IgnoreRules(NamedTuple):
    """The ignore patterns in force, one list for each folder that has some; the deepest folder comes last."""

    levels: tuple[_Patterns, ...] = ()

    @classmethod
    def of(cls, folder: Path, patterns: Sequence[str]) -> IgnoreRules:
        """Return the rules that patterns given in `folder` make."""
        return cls((_Patterns(os.path.realpath(folder), patterns),)) if patterns else cls()

    @classmethod
    def above(cls, folder: Path) -> IgnoreRules:
        """Return the rules of the ignore files above a folder, up to its git repository's root; none outside one."""
        parents: list[Path] = []
        current = Path(os.path.realpath(folder))
        while not (current / ".git").exists():
            if current.parent == current:
                return cls()
            current = current.parent
            parents.append(current)
        rules = cls()
        for parent in reversed(parents):
            rules = rules.inside(parent)
        return rules

    def inside(self, folder: Path) -> IgnoreRules:
        """Return these rules with those of the folder's own ignore file added."""
        file = folder / _IGNORE_FILE
        try:
            lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
        except OSError:
            lines = []
        return IgnoreRules(self.levels + IgnoreRules.of(folder, lines).levels)

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether an absolute path is left out; the deepest pattern list that speaks of it decides."""
        verdicts = (level.verdict(path, is_folder=is_folder) for level in reversed(self.levels))
        return next((verdict for verdict in verdicts if verdict is not None), False)
