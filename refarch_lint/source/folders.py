"""The folder that files have in common."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable


def common_folder(files: Iterable[str]) -> str | None:
    """Return the folder that holds all files, empty for the current one; None for no files at all.

    None, too, where absolute and relative names come together, which have no folder in common.
    """
    try:
        return posixpath.commonpath([posixpath.dirname(file) for file in files])
    except ValueError:
        return None
