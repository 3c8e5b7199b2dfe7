"""All formats together: found by looking, the same on every run, without anything but what the report holds."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from refarch_lint.evaluate.finding import Report
from refarch_lint.report import REPORTERS, RenderOptions, formats

NAMES = sorted(REPORTERS)


def test_every_module_is_a_format() -> None:
    folder = Path(formats.__file__).parent
    modules = {path.stem.rstrip("_") for path in folder.glob("*.py")} - {"init"}
    assert {name.replace("-", "_") for name in REPORTERS} == {name for name in modules if not name.startswith("_")}
    assert {"text", "json", "sarif", "markdown"} <= set(REPORTERS)


def test_unknown_format() -> None:
    with pytest.raises(KeyError):
        REPORTERS["word"]


def test_formats_are_imported_only_when_used() -> None:
    script = (
        "import sys; from refarch_lint.report import REPORTERS; list(REPORTERS)\n"
        "sys.exit('refarch_lint.report.formats.text' in sys.modules or 'tabulate' in sys.modules)"
    )
    root = Path(formats.__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_same_bytes_on_every_run(name: str, full_report: Report) -> None:
    options = RenderOptions(color=True, verbose=True, sarif_suppressed=True)
    first = REPORTERS[name](full_report, options)
    assert first == REPORTERS[name](replace(full_report), options)
    assert first.endswith("\n")
    assert first.encode().decode() == first


@pytest.mark.parametrize("name", NAMES)
def test_masked_lines_stay_masked(
    name: str, full_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "k8s" / "frontend.yaml"
    secret.parent.mkdir()
    secret.write_text("password: hunter2\n" * 20)
    monkeypatch.chdir(tmp_path)
    masked = {"k8s/frontend.yaml": ("password: ********",) * 20}
    text = REPORTERS[name](replace(full_report, sources=masked), RenderOptions(verbose=True))
    assert "hunter2" not in text


@pytest.mark.parametrize("name", NAMES)
def test_nothing_found(name: str, empty_report: Report) -> None:
    assert REPORTERS[name](empty_report, RenderOptions()).endswith("\n")


@pytest.mark.parametrize("name", NAMES)
def test_lone_surrogates_and_controls_never_stop_a_report(name: str, full_report: Report) -> None:
    finding = full_report.findings[3]
    nasty = "\ud800\x00\x1b[0m\ufffe]]>&<'\"|`%::\r\n"
    report = replace(
        full_report,
        findings=(replace(finding, message=nasty, related=(finding.related[0]._replace(message=nasty),)),),
        notes=(nasty,),
    )
    REPORTERS[name](report, RenderOptions(verbose=True)).encode()
