"""Files that manifests refer to by path: read only where they stand in the tree that was given."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path

from refarch_lint.source.decoding import decode
from refarch_lint.source.folders import common_folder
from refarch_lint.source.loading import FileContent

#: The size from which on the API server takes no ConfigMap, in bytes.
_MAX_BYTES = 1024 * 1024


class FilesBeside:
    """The files of a tree by name, those that are no manifests included; each is read when it is asked for."""

    def __init__(self, contents: Iterable[FileContent]) -> None:
        self._read: Mapping[str, str] = {content.name: content.text for content in contents if content.is_open}
        self._top = common_folder(self._read)

    def text(self, name: str) -> str | None:
        """Return the text of a file; None where there is none, it is outside the tree, too large or no text."""
        if name in self._read:
            return self._read[name]
        if self._top is None or not posixpath.normpath(name).startswith(self._top):
            return None
        path = Path(name)
        try:
            # Path.resolve() would break down where links lead in a circle.
            inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self._top or "."))
            if not inside or not path.is_file() or path.stat().st_size > _MAX_BYTES:
                return None
            text, fault = decode(path.read_bytes())
        except (OSError, ValueError):
            return None
        return text if fault is None else None
