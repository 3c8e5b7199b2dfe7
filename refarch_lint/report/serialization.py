"""JSON text as every JSON-based format writes it: keys in the order given, two spaces, a newline at the end."""

from __future__ import annotations

import json
from typing import Any

from refarch_lint.location import Location
from refarch_lint.report.columns import encodable


def json_text(value: Any) -> str:
    """Return `value` as JSON text that any UTF-8 writer can write."""
    return encodable(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def location_json(location: Location) -> dict[str, Any]:
    """Return a location as plain data; `endColumn` is the column after the last character."""
    start, end = location.span
    return {
        "file": location.file,
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }
