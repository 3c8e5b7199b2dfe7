"""Where the files that travel with the package are: rules, schemas and reference manifests."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def data_folder() -> Path:
    """Return the folder that holds `rules/`, `schemas/` and `fixtures/architectures/`.

    A wheel carries them as `refarch_lint/_data/`; an editable install and a checkout read the repository itself.
    """
    package = Path(__file__).resolve().parent
    packaged = package / "_data"
    return packaged if packaged.is_dir() else package.parent
