"""Helm charts as they lie in a tree: their templates and values are not manifests until they are rendered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

_NAME: Final = re.compile(rb"^name:[ \t]*[\"']?([A-Za-z0-9._-]+)", re.MULTILINE)
_DESCRIPTION_FILES: Final = ("Chart.yaml", "Chart.yml")


class Chart(NamedTuple):
    """A Helm chart: its folder and its name."""

    folder: Path
    name: str

    def reason(self, path: Path, *, is_folder: bool) -> str:
        """Return why an entry of the chart's folder is not read, or nothing where it may hold manifests."""
        if is_folder:
            return f"Helm templates of chart {self.name}: render them first" if path.name == "templates" else ""
        if path.name in _DESCRIPTION_FILES:
            return f"description of Helm chart {self.name}"
        if path.name.startswith("values"):
            return f"values of Helm chart {self.name}"
        return ""


def chart_at(folder: Path) -> Chart | None:
    """Return the chart whose folder this is, or None; a chart is named by its `Chart.yaml`, else by its folder."""
    description = folder / "Chart.yaml"
    if not description.is_file():
        return None
    try:
        match = _NAME.search(description.read_bytes())
    except OSError:
        match = None
    return Chart(folder, match.group(1).decode() if match else folder.resolve().name)
