"""The public interface of the package: names, the one function, and what its report promises."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import refarch_lint
from refarch_lint import Finding, Report, Settings, Severity, lint
from refarch_lint.errors import ConfigurationError, RefarchLintError, UsageError
from refarch_lint.evaluate.finding import Verdict
from tests.graph.trees import workload

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "app.yaml").write_text(workload(spec="replicas: 1"))
    return tmp_path


def test_every_public_name_is_there() -> None:
    assert [name for name in refarch_lint.__all__ if not hasattr(refarch_lint, name)] == []
    assert set(refarch_lint.__all__) == {"Finding", "Report", "Settings", "Severity", "__version__", "lint"}


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'linter'"):
        _ = refarch_lint.linter


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, refarch_lint; print([n for n in sys.modules if n.partition('.')[0] in ('click', 'ruamel')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_paths_in_a_report_out(folder: Path) -> None:
    report = lint(["k8s"])
    assert isinstance(report, Report)
    assert (report.version, report.profile) == (refarch_lint.__version__, "production-small")
    assert (report.coverage.files, report.coverage.documents, report.coverage.resources) == (1, 1, 1)
    finding = next(item for item in report.findings if item.rule == "min-replicas")
    assert isinstance(finding, Finding)
    assert (str(finding.location), finding.severity) == ("k8s/app.yaml:6:13", Severity.ERROR)
    assert finding.path == ("spec", "replicas")


def test_settings_narrow_a_run(folder: Path) -> None:
    report = lint(["k8s/app.yaml"], Settings(select=("min-replicas",), architecture="none", profile="development"))
    assert report.findings == ()
    assert [(item.rule, item.passed) for item in report.outcomes] == [("min-replicas", 1)]


def test_standard_input_is_read_from_a_function() -> None:
    report = lint(["-"], Settings(select=("min-replicas",)), stdin=lambda: workload().encode())
    assert [item.location.file for item in report.findings] == ["<stdin>"]


def test_without_standard_input_it_cannot_be_read() -> None:
    with pytest.raises(UsageError):
        lint(["-"])


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (Settings(profile="lab"), UsageError),
        (Settings(architecture="webapp"), UsageError),
        (Settings(select=("no-such-rule",)), UsageError),
        (Settings(rule_folders=(Path("no-such-folder"),)), ConfigurationError),
    ],
    ids=["profile", "architecture", "selection", "rule folder"],
)
def test_what_does_not_exist_is_an_error_of_one_tree(
    folder: Path, settings: Settings, error: type[RefarchLintError]
) -> None:
    with pytest.raises(error):
        lint(["k8s"], settings)


def test_a_path_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(UsageError, match="no-such-path"):
        lint(["no-such-path"])


def test_an_empty_folder_is_a_report_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = lint(["."])
    assert (report.findings, report.coverage.resources) == ((), 0)
    assert {item.verdict for item in report.checklist} <= {Verdict.NOT_APPLICABLE, Verdict.NOT_VERIFIABLE}


def test_a_file_that_cannot_be_read_is_a_finding_and_hides_nothing(folder: Path) -> None:
    (folder / "k8s" / "broken.yaml").write_text(workload(name="web") + "---\nkind: [\n---\n" + workload(name="late"))
    report = lint(["k8s"], Settings(select=("manifest-readable", "min-replicas")))
    assert [(item.rule, str(item.resource or "")) for item in report.findings] == [
        ("min-replicas", "Deployment/api"),
        ("min-replicas", "Deployment/web"),
        ("manifest-readable", ""),
        ("min-replicas", "Deployment/late"),
    ]


def test_the_report_is_immutable_and_the_same_on_every_run(folder: Path) -> None:
    report = lint(["k8s"])
    assert lint(["k8s"]) == report
    with pytest.raises(FrozenInstanceError):
        report.findings[0].message = "nothing"  # type: ignore[misc]


def test_suppressed_findings_are_findings_that_do_not_count(folder: Path) -> None:
    text = workload(spec="replicas: 1 # refarch-lint: ignore[min-replicas] one licence")
    (folder / "k8s" / "app.yaml").write_text(text)
    report = lint(["k8s"], Settings(select=("min-replicas",)))
    assert report.active == ()
    (finding,) = report.findings
    assert finding.suppressed is not None
    assert (finding.suppressed.source, finding.suppressed.reason) == ("comment", "one licence")


def test_sources_hold_the_lines_that_findings_point_into(folder: Path) -> None:
    report = lint(["k8s"], Settings(select=("min-replicas",)))
    assert list(report.sources) == ["k8s/app.yaml"]
    assert report.sources["k8s/app.yaml"][5] == "  replicas: 1"


def test_each_rule_that_ran_is_described() -> None:
    report = lint([str(ROOT / "fixtures" / "architectures" / "web-app" / "as-documented")])
    described = {item.id for item in report.rules}
    assert {item.rule for item in report.findings} <= described
    assert {item.rule for item in report.outcomes} == described
    assert [item.id for item in report.rules] == sorted(described)


def test_a_finding_in_a_pipeline_shows_its_lines_and_no_credential(folder: Path) -> None:
    (folder / ".git").mkdir()
    step = "docker build . && docker login -u ci -p quartz8Jm2lantern && docker push"
    (folder / ".gitlab-ci.yml").write_text(f"build:\n  script:\n  - {step}\n")
    report = lint(["k8s"], Settings(select=("pipeline-tests",), repository_start=folder))
    (finding,) = report.findings
    assert str(finding.location) == ".gitlab-ci.yml:3:5"
    assert report.sources[".gitlab-ci.yml"][1:3] == ("  script:", f"  - {step.replace('quartz8Jm2lantern', '*' * 17)}")


def test_what_could_not_be_read_is_no_part_of_what_was_read(folder: Path) -> None:
    (folder / "k8s" / "broken.yaml").write_text("a: [\n")
    (folder / "k8s" / "gone.yaml").symlink_to(folder / "nowhere.yaml")
    coverage = lint(["k8s"], Settings(select=("manifest-readable",))).coverage
    assert (coverage.files, coverage.documents, coverage.resources) == (2, 1, 1)
    assert [(item.file, item.reason) for item in coverage.skipped] == [
        ("k8s/broken.yaml", "1 document that cannot be parsed"),
        ("k8s/gone.yaml", "cannot be opened"),
    ]


@pytest.mark.parametrize(("version", "stand_in"), [("1.5", "1.25"), ("1.99", "1.37"), ("1.37", None)])
def test_a_version_without_schemas_is_told(folder: Path, version: str, stand_in: str | None) -> None:
    notes = lint(["k8s"], Settings(select=("min-replicas",), kubernetes_version=version)).notes
    wanted = (f"there are no schemas of Kubernetes {version} here; ", f"as Kubernetes {stand_in} defines them")
    assert [note for note in notes if "schemas" in note] == [
        note for note in notes if stand_in and note.startswith(wanted[0]) and note.endswith(wanted[1])
    ]
    assert any("schemas" in note for note in notes) is (stand_in is not None)
