"""The hooks that the project offers, run by pre-commit in a repository of their own: the whole tree counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from refarch_lint.catalogue.reading import read_document

ROOT = Path(__file__).parents[1]

CONFIGURATION = "select: [pdb-covers-workload, resource-unique]\narchitecture: none\n"

BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: api, namespace: shop }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: api } } }
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  replicas: 3
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: api, image: registry.example/api:1.2.3 }] }
"""

#: What pip says where the packages that the hook needs cannot be fetched at all.
OFFLINE = ("Temporary failure in name resolution", "NewConnectionError", "Network is unreachable", "Connection refused")

IDENTITY = ("-c", "user.name=Dana", "-c", "user.email=dana@example.com", "-c", "commit.gpgsign=false")


def execute(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


class Project:
    """A git repository that uses the hooks."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def git(self, *arguments: str) -> str:
        done = execute(["git", *IDENTITY, *arguments], self.folder, self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stage(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.git("add", name)

    def hook(self, hook: str) -> subprocess.CompletedProcess[str]:
        """Run one hook on what is staged, as `git commit` would."""
        return execute([sys.executable, "-m", "pre_commit", "run", hook], self.folder, self.environment)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without anybody's own git settings, and with a store of hooks for these tests alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    home = tmp_path_factory.mktemp("pre-commit")
    return {**kept, "PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> tuple[Path, str]:
    """A clone of this checkout's HEAD, and the revision."""
    if which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout")
    clone = tmp_path_factory.mktemp("hooks") / "refarch-lint"
    done = execute(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], ROOT, environment)
    assert done.returncode == 0, done.stderr
    return clone, execute(["git", "rev-parse", "HEAD"], clone, environment).stdout.strip()


@pytest.fixture(scope="module")
def installed(hooks: tuple[Path, str], environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a configuration whose hooks pre-commit has installed."""
    clone, revision = hooks
    text = f"repos:\n- repo: {clone}\n  rev: {revision}\n  hooks:\n  - id: refarch-lint\n  - id: refarch-lint-always\n"
    project = Project(tmp_path_factory.mktemp("first"), environment)
    project.git("init", "--quiet")
    project.stage(".pre-commit-config.yaml", text)
    command = [sys.executable, "-m", "pre_commit", "install-hooks"]
    done = execute(command, project.folder, environment)
    output = done.stdout + done.stderr
    if done.returncode and any(word in output for word in OFFLINE):
        pytest.skip("the packages of the hook cannot be fetched")
    assert done.returncode == 0, output
    return text


@pytest.fixture
def project(installed: str, environment: dict[str, str], tmp_path: Path) -> Project:
    project = Project(tmp_path, environment)
    project.git("init", "--quiet")
    project.stage(".pre-commit-config.yaml", installed)
    project.stage(".refarch-lint.yaml", CONFIGURATION)
    return project


def committed(project: Project, **files: str) -> None:
    for name, text in files.items():
        project.stage(f"k8s/{name}.yaml", text)
    project.git("commit", "--quiet", "--message", "first")


def test_what_is_not_part_of_the_commit_is_loaded(project: Project) -> None:
    committed(project, budget=BUDGET)
    project.stage("k8s/api.yaml", DEPLOYMENT)
    done = project.hook("refarch-lint")
    assert done.returncode == 0, done.stdout
    assert "Passed" in done.stdout


def test_a_finding_stops_the_commit_and_names_its_place(project: Project) -> None:
    committed(project, budget=BUDGET)
    project.stage("k8s/copy.yaml", BUDGET)
    done = project.hook("refarch-lint")
    assert done.returncode == 1
    assert "error[resource-unique]" in done.stdout
    assert "k8s/copy.yaml:3:19" in done.stdout
    assert "k8s/budget.yaml:3:19" in done.stdout


def test_a_commit_without_manifests_is_not_checked(project: Project) -> None:
    committed(project, api=DEPLOYMENT)
    project.stage("notes.txt", "nothing to see\n")
    done = project.hook("refarch-lint")
    assert done.returncode == 0
    assert "no files to check" in done.stdout


def test_a_deletion_is_seen_by_the_hook_for_every_commit(project: Project) -> None:
    committed(project, api=DEPLOYMENT, budget=BUDGET)
    project.git("rm", "--quiet", "k8s/budget.yaml")
    assert "no files to check" in project.hook("refarch-lint").stdout
    done = project.hook("refarch-lint-always")
    assert done.returncode == 1
    assert "no PodDisruptionBudget selects the pods of Deployment/api" in done.stdout


def test_no_hook_is_given_file_names() -> None:
    document, faults = read_document(ROOT / ".pre-commit-hooks.yaml", ".pre-commit-hooks.yaml")
    assert faults == ()
    assert document is not None
    assert {hook["id"]: hook["pass_filenames"] for hook in document.data} == {
        "refarch-lint": False,
        "refarch-lint-always": False,
    }
    assert all(hook["require_serial"] for hook in document.data)
