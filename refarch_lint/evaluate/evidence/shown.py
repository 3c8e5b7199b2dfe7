"""Places in files of the repository as reports name them: from the current folder."""

from __future__ import annotations

from pathlib import Path

from refarch_lint.location import Location
from refarch_lint.source.discovery import name_from_here


def shown_location(root: Path, location: Location) -> Location:
    """Return a location whose file counts from a repository's root as one that counts from the current folder."""
    return location._replace(file=name_from_here(root / location.file))
