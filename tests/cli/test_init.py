"""`init` writes reference manifests under the user's names, overwrites nothing, and what it writes is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run
from refarch_lint.cli.init_command import reference_files
from refarch_lint.cli.scaffold import Choices, scaffold

ARCHITECTURES = ["web-app", "microservices", "data-pipeline", "full-stack"]
OPTIONS = ["--name", "bookshop", "--namespace", "books", "--host", "books.acme.test", "--images", "ghcr.io/acme/books"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("profile", ["staging", "production-small", "production-medium"])
def test_what_init_writes_is_clean(
    architecture: str, profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "app"
    assert run(["init", architecture, str(folder), "--profile", profile, *OPTIONS]) == ExitCode.CLEAN
    capsys.readouterr()
    assert run(["check", str(folder), "--fail-on", "info"]) == ExitCode.CLEAN, capsys.readouterr().out


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_old_name_is_gone(architecture: str) -> None:
    texts, origin = reference_files(architecture)
    written = scaffold(texts, origin, Choices("bookshop", "books", "books.acme.test", "ghcr.io/acme/books"))
    manifests = "\n".join(text for file, text in written.items() if file.endswith(".yaml"))
    assert f"namespace: {origin.namespace}" not in manifests
    assert f"kubernetes.io/metadata.name: {origin.namespace}" not in manifests
    assert origin.images not in manifests
    assert origin.hosts[0] not in manifests
    assert f"/instance: {origin.name}" not in manifests
    assert "ghcr.io/acme/books/" in manifests
    assert "namespace: books" in manifests


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "namespace.yaml").write_text("mine: true\n")
    assert run(["init", "web-app", str(tmp_path)]) == ExitCode.USAGE
    assert "namespace.yaml already there" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["namespace.yaml"]
    assert (tmp_path / "namespace.yaml").read_text() == "mine: true\n"


@pytest.mark.parametrize("name", ["Bookshop", "-x", "a" * 41, "a.b"])
def test_names_are_checked(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "web-app", str(tmp_path / "app"), "--name", name]) == ExitCode.USAGE
    assert "DNS label" in capsys.readouterr().err
    assert not (tmp_path / "app").exists()


def test_replicas_follow_the_profile(tmp_path: Path) -> None:
    assert run(["init", "web-app", str(tmp_path / "app"), "--profile", "production-large"]) == ExitCode.CLEAN
    text = (tmp_path / "app" / "api.yaml").read_text()
    assert "minReplicas: 10" in text
    assert "maxReplicas: 20" in text
