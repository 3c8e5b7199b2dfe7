"""Files of a repository as reports name them: from the current folder where they are below it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from refarch_lint.location import Location


def shown_location(root: Path, location: Location) -> Location:
    """Return a location whose file counts from a repository's root as one that counts from the current folder."""
    file, here = (root / location.file).resolve(), Path.cwd().resolve()
    name = file.relative_to(here) if file.is_relative_to(here) else file
    return replace(location, file=name.as_posix())
