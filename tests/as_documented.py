"""Expected reports of the manifests as they are documented: `python tests/as_documented.py --write` writes them anew.

Each expected report stands beside its set as `expected.json`: one line for each finding, in the order of reports, and
one for each role. Without `--write` the command tells what differs.
"""

from __future__ import annotations

import difflib
import json
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from refarch_lint.evaluate.lint import lint
from tests.reference_sets import ARCHITECTURES, IDS, inside, lay_out, settings


def expected_file(architecture: str) -> Path:
    """Return where the expected report of an architecture stands."""
    return ARCHITECTURES / architecture / "expected.json"


def report_text(architecture: str) -> str:
    """Return the report on a set as documented, in a repository of its own, as text to compare."""
    with tempfile.TemporaryDirectory() as folder:
        root = lay_out(architecture, "as-documented", Path(folder))
        with inside(root):
            report = lint(["."], settings(root))
    findings = [
        {
            "rule": item.rule,
            "severity": item.severity.value,
            "place": str(item.location),
            "message": item.message,
        }
        for item in report.findings
    ]
    found = {item.id: item.fit for item in report.architectures}
    roles = {f"{item.resource}": item.role for item in report.roles}
    checklist = {item.id: item.verdict.value for item in report.checklist}
    parts = {
        "architectures": json.dumps(found),
        "roles": _lines(roles),
        "checklist": _lines(checklist),
        "findings": "[\n" + ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in findings) + "\n ]",
    }
    return "{\n" + ",\n".join(f' "{name}": {text}' for name, text in parts.items()) + "\n}\n"


def _lines(entries: dict[str, str]) -> str:
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items()) + "\n }"


def main(arguments: list[str]) -> int:
    """Write the expected reports, or tell what differs from them."""
    differs = False
    for architecture in IDS:
        file, text = expected_file(architecture), report_text(architecture)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if "--write" in arguments:
            file.write_text(text, encoding="utf-8")
        elif text != before:
            differs = True
            sys.stdout.writelines(
                difflib.unified_diff(before.splitlines(True), text.splitlines(True), str(file), "now")
            )
    return int(differs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
