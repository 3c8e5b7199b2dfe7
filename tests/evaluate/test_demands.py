"""Demands on the repository: one finding for all units, none where somebody vouches or nothing can be known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from refarch_lint.config import Attestation, Settings
from refarch_lint.evaluate.evidence import gather
from refarch_lint.evaluate.evidence.delegation import delegates
from refarch_lint.evaluate.evidence.gitops_files import gitops_file
from refarch_lint.evaluate.evidence.shown import shown_location
from refarch_lint.evaluate.finding import Report, Verdict
from refarch_lint.evaluate.lint import lint
from refarch_lint.location import Location, Position, Span

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.2
"""
START = Span(Position(1, 1), Position(1, 1))


def repository(root: Path, **files: str) -> Path:
    (root / ".git").mkdir()
    for name, text in files.items():
        file = root / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def run(root: Path, *rules: str, start: Path | None = None, attestations: tuple[Attestation, ...] = ()) -> Report:
    settings = Settings(
        architecture="none",
        select=rules,
        repository_start=start or root,
        attestations=attestations,
        today=date(2030, 6, 1),
    )
    return lint([str(root)], settings)


def unverifiable(report: Report, rule: str) -> tuple[str, ...]:
    return next(outcome.unverifiable for outcome in report.outcomes if outcome.rule == rule)


def test_variants_of_one_repository_share_the_finding(tmp_path: Path) -> None:
    root = repository(tmp_path, **{f"overlays__{name}__web.yaml": DEPLOYMENT for name in ("dev", "prod", "test")})
    report = run(root, "pipeline-present", "architecture-documented")
    assert len(report.units) == 3
    assert [finding.rule for finding in report.findings] == ["architecture-documented", "pipeline-present"]
    assert {finding.location.file for finding in report.findings} == {str(root / "overlays" / "dev" / "web.yaml")}


def test_nothing_is_demanded_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    report = run(tmp_path, "pipeline-present", "runbooks-present", "gitops-present")
    assert report.findings == ()
    assert "no repository" in unverifiable(report, "runbooks-present")[0]


@pytest.mark.parametrize(
    ("since", "until", "findings"),
    [
        ("2030-01-01", "2030-06-01", 0),
        ("2030-01-01", "2030-05-31", 1),
        ("2030-06-01", "2031-01-01", 0),
        ("2030-06-02", "2031-01-01", 1),
    ],
)
def test_an_attestation_counts_from_its_first_day_to_its_last(
    tmp_path: Path, since: str, until: str, findings: int
) -> None:
    root = repository(tmp_path, **{"web.yaml": DEPLOYMENT})
    vouched = Attestation("documentation.runbooks", "platform", since, until, "")
    report = run(root, "runbooks-present", attestations=(vouched,))
    assert len(report.findings) == findings


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".gitlab-ci.yml", "include:\n  - project: platform/ci\n    file: /all.yml\nbuild:\n  script: [make build]\n"),
        (".gitlab-ci.yml", "include:\n  - component: ci.example.com/platform/all@1\nbuild:\n  script: [make build]\n"),
        (".github__workflows__ci.yml", "jobs:\n  all:\n    uses: platform/ci/.github/workflows/all.yml@v1\n"),
        ("azure-pipelines.yml", "steps:\n  - template: all.yml@platform\n"),
        ("Jenkinsfile", "@Library('platform') _\nbuildAll()\n"),
    ],
)
def test_steps_from_another_repository_may_hold_what_is_missing(tmp_path: Path, file: str, text: str) -> None:
    root = repository(tmp_path, **{"web.yaml": DEPLOYMENT, file: text})
    report = run(root, "pipeline-tests", "pipeline-scans-images")
    assert report.findings == ()
    assert "another repository" in unverifiable(report, "pipeline-tests")[0]
    evidence = gather(root, {})
    assert evidence is not None
    assert delegates(evidence.tree, evidence.pipelines[0])


@pytest.mark.parametrize(
    "text",
    [
        "include:\n  - local: /ci/test.yml\nbuild:\n  script: [make build]\n",
        "build:\n  script:\n    - docker build .\n    - echo component\n",
    ],
)
def test_steps_of_this_repository_are_all_there(tmp_path: Path, text: str) -> None:
    root = repository(tmp_path, **{"web.yaml": DEPLOYMENT, ".gitlab-ci.yml": text})
    assert [finding.rule for finding in run(root, "pipeline-tests").findings] == ["pipeline-tests"]


def test_a_pipeline_beside_the_manifests_counts_where_its_service_allows(tmp_path: Path) -> None:
    pipeline = "test:\n  script: [npm test]\n"
    root = repository(tmp_path, **{"shop__web.yaml": DEPLOYMENT, "shop__.gitlab-ci.yml": pipeline})
    assert run(root / "shop", "pipeline-tests").findings == ()
    assert [finding.rule for finding in run(root, "pipeline-tests").findings] == ["pipeline-tests"]


def test_gitops_objects_are_found_by_name_and_content(tmp_path: Path) -> None:
    values = "apiVersion: v1\nkind: ConfigMap\n"
    application = "# one\napiVersion: argoproj.io/v1alpha1\nkind: Application\n"
    root = repository(tmp_path, **{"argocd__values.yaml": values, "argocd__web.yaml": application})
    evidence = gather(root, {})
    assert evidence is not None
    found = gitops_file(evidence.tree)
    assert found is not None
    assert str(found) == "argocd/web.yaml:2:1"


def test_files_are_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inside = shown_location(tmp_path / "app", Location(".gitlab-ci.yml", START))
    assert inside.file == "app/.gitlab-ci.yml"
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    assert shown_location(tmp_path, Location("Jenkinsfile", START)).file == "../Jenkinsfile"


def test_a_pipeline_that_only_tests_neither_builds_nor_deploys(tmp_path: Path) -> None:
    pipeline = {".gitlab-ci.yml": "unit:\n  script: [pytest]\n", "web.yaml": DEPLOYMENT}
    report = run(repository(tmp_path, **pipeline), "pipeline-present")
    assert report.findings == ()
    assert unverifiable(report, "pipeline-present") == (
        "no step of .gitlab-ci.yml is recognised as building or deploying",
    )


DATABASE = DEPLOYMENT.replace("registry.example.com/web:1.4.2", "postgres:17")


def test_a_restore_that_is_only_written_down_is_for_an_attestation(tmp_path: Path) -> None:
    procedure = (
        "# Restoring\n\nFetch the latest dump, restore it into a new database and compare the number of orders.\n"
    )
    root = repository(tmp_path, **{"docs__restore.md": procedure, "db.yaml": DATABASE})
    told = "docs/restore.md says how to restore, but not whether it was rehearsed; attest data.restore"
    assert unverifiable(run(root, "restore-rehearsed"), "restore-rehearsed") == (told,)
    vouched = Attestation("data.restore", "dana", "2030-01-01", "2030-12-31", "")
    found = run(root, "restore-rehearsed", attestations=(vouched,))
    assert unverifiable(found, "restore-rehearsed") == ()
    assert next(item.verdict for item in found.checklist if item.id == "data.restore") is Verdict.ATTESTED
