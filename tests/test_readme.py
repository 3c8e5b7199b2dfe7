"""What the README and the pages show is what happens, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run
from refarch_lint.report import REPORTERS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])

_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = {target for target in _LINK.findall(page.read_text(encoding="utf-8")) if target}
    assert sorted(target for target in targets if not (page.parent / target).exists()) == []


_SESSION = re.compile(r"^\$ (?:\.venv/bin/)?refarch-lint ([^\n]*fixtures/[^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SESSIONS = [(page.name, *found) for page in PAGES for found in _SESSION.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("command", "excerpt"), [item[1:] for item in SESSIONS], ids=[item[0] for item in SESSIONS])
def test_excerpts_are_real(
    command: str, excerpt: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    run(command.split())
    out = capsys.readouterr().out
    for part in excerpt.split("…\n"):
        assert part in out


def test_there_are_excerpts() -> None:
    assert {"README.md", "network.md"} <= {name for name, _, _ in SESSIONS}


def test_the_first_command_finds_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = re.findall(r"&& \.venv/bin/refarch-lint ([^\n]+)\n", README)
    monkeypatch.chdir(ROOT)
    assert run(command.split()) == ExitCode.CLEAN
    assert "No findings" in capsys.readouterr().out


def test_exit_codes_are_those_of_the_documentation() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    table = [line for line in page.splitlines() if line.startswith("|")]
    assert "\n".join(table).replace("| code |", "| exit code |") in README
    assert all(f"| {code.value} |" in README for code in ExitCode)


def test_formats_are_named() -> None:
    assert all(f"`{name}`" in README for name in REPORTERS)
