"""What `.gitignore` files and exclude patterns leave out (https://git-scm.com/docs/gitignore)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_IGNORE_FILE: Final = ".gitignore"


class IgnoreRules(NamedTuple):
    """The ignore patterns in force, each list with the folder it counts from; the deepest folder comes last."""

    levels: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    @classmethod
    def of(cls, folder: Path, patterns: Sequence[str]) -> IgnoreRules:
        """Return the rules that patterns given in `folder` make."""
        if not patterns:
            return cls()
        from pathspec import GitIgnoreSpec

        return cls(((os.path.realpath(folder), GitIgnoreSpec.from_lines(patterns)),))

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
        for folder, spec in reversed(self.levels):
            prefix = folder.rstrip(os.sep) + os.sep
            if path.startswith(prefix):
                relative = path[len(prefix) :].replace(os.sep, "/")
                verdict = spec.check_file(relative + "/" if is_folder else relative).include
                if verdict is not None:
                    return verdict
        return False
