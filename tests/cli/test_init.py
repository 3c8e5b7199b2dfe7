"""`init` writes reference manifests under the user's names, overwrites nothing, and what it writes is clean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run
from refarch_lint.cli.init_command import reference_files
from refarch_lint.cli.scaffold import Choices, scaffold

ARCHITECTURES = ["web-app", "microservices", "data-pipeline", "full-stack"]
PROFILES = {"development": 1, "staging": 2, "production-small": 3, "production-medium": 5, "production-large": 10}
OPTIONS = ["--name", "bookshop", "--namespace", "books", "--host", "books.acme.test", "--images", "ghcr.io/acme/books"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("profile", PROFILES)
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


def written(architecture: str, profile: str, folder: Path) -> Path:
    assert run(["init", architecture, str(folder / "app"), "--profile", profile]) == ExitCode.CLEAN
    return folder / "app"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_text_beside_the_manifests_speaks_of_the_profile_they_are_written_for(
    architecture: str, profile: str, tmp_path: Path
) -> None:
    folder = written(architecture, profile, tmp_path)
    manifests = {file.name: file.read_text() for file in sorted(folder.rglob("*.yaml"))}
    readme = (folder / "README.md").read_text()
    told = " ".join(readme.split())
    assert (
        f"Written for profile `{profile}`: {PROFILES[profile]} replica{'s' * (PROFILES[profile] > 1)} of what" in told
    )
    everything = "\n".join([readme, *manifests.values(), (folder / ".gitlab-ci.yml").read_text()])
    assert {known for known in PROFILES if re.search(rf"profile `?{known}\b", everything)} == {profile}
    assert "small production" not in everything
    said = re.findall(r"([\w-]+)\[[^\]\n]*?\b(\d+)(?: to (\d+))? replicas?\b", readme)
    assert bool(said) is (architecture != "full-stack")
    documents = [part for text in manifests.values() for part in re.split(r"^---$", text, flags=re.MULTILINE)]
    for name, least, most in said:
        fields = ("minReplicas", "maxReplicas") if most else ("replicas",)
        kind = "HorizontalPodAutoscaler" if most else "(?:Deployment|StatefulSet)"
        head = rf"(?s)^kind: {kind}$\nmetadata:\n  name: {name}$"
        found = [part for part in documents if re.search(head, part, re.MULTILINE)]
        assert len(found) == 1, (name, least, most)
        for field, number in zip(fields, (least, most), strict=False):
            assert re.search(rf"^  {field}: {number}$", found[0], re.MULTILINE), (name, field, number)


def test_numbers_follow_the_profile(tmp_path: Path) -> None:
    folder = written("web-app", "production-large", tmp_path)
    text = (folder / "api.yaml").read_text()
    assert "minReplicas: 10" in text
    assert "maxReplicas: 20" in text
    assert "              cpu: 1000m\n              memory: 1Gi\n" in text
    assert 'DATABASE_POOL_SIZE: "3"' in text
    assert 'pods: "200"' in (folder / "namespace.yaml").read_text()
    assert "10 to 20 replicas" in (folder / "README.md").read_text()


def test_a_large_profile_adds_the_autoscalers_that_own_the_number_of_replicas(tmp_path: Path) -> None:
    text = (written("microservices", "production-large", tmp_path) / "gateway.yaml").read_text()
    assert "\n  replicas:" not in text
    scaler = next(part for part in text.split("---\n") if "kind: HorizontalPodAutoscaler" in part)
    assert "  name: api-gateway\n  namespace: microservices\n  labels:\n" in scaler
    assert "  minReplicas: 10\n  maxReplicas: 20\n" in scaler


def test_a_small_profile_leaves_requests_and_quotas_as_they_are(tmp_path: Path) -> None:
    folder = written("web-app", "development", tmp_path)
    assert "minReplicas: 1\n" in (folder / "api.yaml").read_text()
    assert "              cpu: 200m\n" in (folder / "api.yaml").read_text()
    texts, _ = reference_files("web-app")
    assert (folder / "namespace.yaml").read_text() == texts["namespace.yaml"]


def test_the_profile_that_the_sets_are_written_for_changes_no_manifest(tmp_path: Path) -> None:
    for architecture in ARCHITECTURES:
        texts, _ = reference_files(architecture)
        folder = written(architecture, "production-small", tmp_path / architecture)
        assert {name for name, text in texts.items() if (folder / name).read_text() != text} == set()
