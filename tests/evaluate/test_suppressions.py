"""Suppressions: where each form reaches, that a reason is asked for, and that none is lost or left over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run
from refarch_lint.config import Settings, settings_of
from refarch_lint.evaluate.finding import Finding, Report
from refarch_lint.evaluate.lint import lint
from refarch_lint.report.summary import summarize
from refarch_lint.source.loading import read_bytes

RULES = ("min-replicas", "cpu-request", "memory-request", "suppression-valid")

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  replicas: 1
  selector: { matchLabels: { app: api } }
  template:
    metadata:
      labels: { app: api }
    spec:
      containers:
        - name: api
          image: registry.example/api:1.2.3
"""

Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Check manifests, each `(file, text)`, with settings of the configuration file's form."""
    monkeypatch.chdir(tmp_path)

    def check(text: str, configuration: str = "", select: Iterable[str] = RULES, today: str = "2026-06-01") -> Report:
        Path("api.yaml").write_text(text)
        settings = Settings()
        if configuration:
            document = read_bytes(".refarch-lint.yaml", configuration.encode()).documents[0]
            settings = settings_of(document.data, tmp_path, document, ".refarch-lint.yaml")
        settings = replace(settings, select=tuple(select), architecture="none", today=date.fromisoformat(today))
        return lint(["api.yaml"], settings)

    return check


def active(report: Report) -> list[str]:
    return sorted(finding.rule for finding in report.active)


def suppressed(report: Report) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for finding in report.findings:
        if finding.suppressed is not None:
            found[finding.rule] = (finding.suppressed.source, finding.suppressed.reason)
    return found


def faults(report: Report) -> list[tuple[str, int, str]]:
    return [
        (finding.location.file, finding.location.span.start.line, finding.message)
        for finding in report.findings
        if finding.rule == "suppression-valid"
    ]


def behind(line: str, comment: str) -> str:
    assert MANIFEST.count(f"{line}\n") == 1
    return MANIFEST.replace(f"{line}\n", f"{line} {comment}\n")


def above(line: str, *comments: str) -> str:
    assert MANIFEST.count(f"{line}\n") == 1
    indent = " " * (len(line) - len(line.lstrip()))
    return MANIFEST.replace(f"{line}\n", "".join(f"{indent}{comment}\n" for comment in comments) + f"{line}\n")


def annotated(*entries: str, on: str = "object") -> str:
    """Return the manifest with the annotation on the object or on the pod template."""
    after, indent = ("  namespace: shop\n", "  ") if on == "object" else ("      labels: { app: api }\n", "      ")
    lines = "".join(f"{indent}    {entry}\n" for entry in entries)
    return MANIFEST.replace(after, f"{after}{indent}annotations:\n{indent}  refarch-lint.io/ignore: |\n{lines}")


def test_nothing_is_suppressed_without_a_word(check: Check) -> None:
    report = check(MANIFEST)
    assert active(report) == ["cpu-request", "memory-request", "min-replicas"]
    assert suppressed(report) == {}


class TestComments:
    def test_behind_the_blamed_value(self, check: Check) -> None:
        report = check(behind("  replicas: 1", "# refarch-lint: ignore[min-replicas] one node only"))
        assert suppressed(report) == {"min-replicas": ("comment", "one node only")}
        assert active(report) == ["cpu-request", "memory-request"]

    def test_on_the_line_above(self, check: Check) -> None:
        report = check(above("  replicas: 1", "# refarch-lint: ignore[min-replicas] one node only"))
        assert suppressed(report) == {"min-replicas": ("comment", "one node only")}

    def test_above_further_comments(self, check: Check) -> None:
        text = above("  replicas: 1", "# refarch-lint: ignore[min-replicas] one node only", "# raised on demand")
        assert suppressed(check(text)) == {"min-replicas": ("comment", "one node only")}

    def test_two_comments_above_one_line(self, check: Check) -> None:
        text = above(
            "        - name: api",
            "# refarch-lint: ignore[cpu-request] measured next week",
            "# refarch-lint: ignore[memory-request] so is this",
        )
        assert suppressed(check(text)) == {
            "cpu-request": ("comment", "measured next week"),
            "memory-request": ("comment", "so is this"),
        }

    def test_several_rules(self, check: Check) -> None:
        text = above("        - name: api", "# refarch-lint: ignore[cpu-request, memory-request] measured next week")
        assert active(check(text)) == ["min-replicas"]

    def test_a_glob(self, check: Check) -> None:
        report = check(above("        - name: api", "# refarch-lint: ignore[*-request] measured next week"))
        assert active(report) == ["min-replicas"]
        assert suppressed(report).keys() == {"cpu-request", "memory-request"}

    def test_only_its_own_line(self, check: Check) -> None:
        report = check(behind("  name: api", "# refarch-lint: ignore[min-replicas] one node only"))
        assert "min-replicas" in active(report)
        assert faults(report) == [("api.yaml", 4, "suppression of min-replicas matches no finding; remove it")]

    def test_another_rule_is_not_suppressed(self, check: Check) -> None:
        report = check(behind("  replicas: 1", "# refarch-lint: ignore[cpu-request] wrong line"))
        assert "min-replicas" in active(report)
        assert faults(report) == [("api.yaml", 7, "suppression of cpu-request matches no finding; remove it")]

    def test_text_in_a_block_scalar_is_no_comment(self, check: Check) -> None:
        text = (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes, namespace: shop }\ndata:\n  notes: |\n"
            f"    # refarch-lint: ignore[min-replicas]\n---\n{MANIFEST}"
        )
        report = check(text)
        assert active(report) == ["cpu-request", "memory-request", "min-replicas"]
        assert faults(report) == []

    @pytest.mark.parametrize("sign", ["refarch-lint: ignore[min-replicas]", "# refarch-lint: ignored[min-replicas] x"])
    def test_text_that_is_not_the_sign(self, check: Check, sign: str) -> None:
        report = check(behind("  replicas: 1", f"# says {sign}"))
        assert "min-replicas" in active(report)
        assert suppressed(report) == {}

    @pytest.mark.parametrize("reason", ["cost=low, agreed", "see: JIRA-12", "a, b: c = d", "[one] (two) #3"])
    def test_any_character_in_a_reason(self, check: Check, reason: str) -> None:
        report = check(behind("  replicas: 1", f"# refarch-lint: ignore[min-replicas] {reason}"))
        assert suppressed(report) == {"min-replicas": ("comment", reason)}

    def test_without_a_reason(self, check: Check) -> None:
        report = check(behind("  replicas: 1", "# refarch-lint: ignore[min-replicas]"))
        assert "min-replicas" in active(report)
        assert faults(report) == [
            ("api.yaml", 7, "suppression of min-replicas gives no reason and is not applied"),
        ]

    def test_a_rule_that_did_not_run_is_not_called_unused(self, check: Check) -> None:
        text = behind("  replicas: 1", "# refarch-lint: ignore[min-replicas] one node only")
        assert faults(check(text, select=("cpu-request", "suppression-valid"))) == []

    def test_a_rule_that_does_not_exist(self, check: Check) -> None:
        report = check(behind("  replicas: 1", "# refarch-lint: ignore[min-replica] one node only"))
        assert "min-replicas" in active(report)
        assert faults(report) == [("api.yaml", 7, "suppression of min-replica: there is no such rule")]


class TestAnnotations:
    @pytest.mark.parametrize("place", ["object", "template"])
    def test_reaches_the_whole_object(self, check: Check, place: str) -> None:
        report = check(annotated("min-replicas, cpu-request: one node only", on=place))
        reason = ("annotation", "one node only")
        assert suppressed(report) == {"min-replicas": reason, "cpu-request": reason}
        assert active(report) == ["memory-request"]

    def test_one_entry_a_line(self, check: Check) -> None:
        report = check(annotated("min-replicas: one node only", "*-request: measured next week"))
        assert active(report) == []
        assert suppressed(report)["min-replicas"] == ("annotation", "one node only")
        assert suppressed(report)["cpu-request"] == ("annotation", "measured next week")

    def test_both_places_at_once(self, check: Check) -> None:
        first = annotated("min-replicas: one node only")
        both = first.replace(
            "      labels: { app: api }\n",
            '      labels: { app: api }\n      annotations: { refarch-lint.io/ignore: "*-request: next week" }\n',
        )
        assert active(check(both)) == []

    def test_leaves_other_objects_alone(self, check: Check) -> None:
        other = MANIFEST.replace("name: api", "name: web").replace("app: api", "app: web")
        report = check(f"{annotated('min-replicas: one node only')}---\n{other}")
        assert [finding.message.split()[0] for finding in report.active if finding.rule == "min-replicas"] == [
            "Deployment/web"
        ]

    @pytest.mark.parametrize("reason", ["cost=low, agreed", "see: JIRA-12", "a, b: c = d"])
    def test_any_character_in_a_reason(self, check: Check, reason: str) -> None:
        assert suppressed(check(annotated(f"min-replicas: {reason}"))) == {"min-replicas": ("annotation", reason)}

    @pytest.mark.parametrize("entry", ["min-replicas", "min-replicas:", "min-replicas:   "])
    def test_without_a_reason(self, check: Check, entry: str) -> None:
        report = check(annotated(entry))
        assert "min-replicas" in active(report)
        assert [message for _, _, message in faults(report)] == [
            "suppression of min-replicas gives no reason and is not applied"
        ]

    def test_left_over(self, check: Check) -> None:
        text = annotated("min-replicas: one node only").replace("replicas: 1", "replicas: 3")
        assert [message for _, _, message in faults(check(text))] == [
            "suppression of min-replicas matches no finding; remove it"
        ]


class TestWaivers:
    def test_by_globs(self, check: Check) -> None:
        report = check(
            MANIFEST,
            "waivers: [{rule: '*-request', resource: 'Deployment/a*', namespace: sh*, path: '*.yaml', reason: later}]",
        )
        assert active(report) == ["min-replicas"]
        assert suppressed(report)["cpu-request"] == ("config", "later")

    @pytest.mark.parametrize("miss", ["resource: Deployment/web", "namespace: other", "path: charts/*"])
    def test_every_glob_must_fit(self, check: Check, miss: str) -> None:
        report = check(MANIFEST, f"waivers: [{{rule: min-replicas, {miss}, reason: later}}]")
        assert "min-replicas" in active(report)
        assert faults(report) == [(".refarch-lint.yaml", 1, "waiver of min-replicas matches no finding; remove it")]

    def test_on_its_last_day(self, check: Check) -> None:
        waiver = 'waivers: [{rule: min-replicas, reason: later, expires: "2026-06-01"}]'
        assert suppressed(check(MANIFEST, waiver, today="2026-06-01")) == {"min-replicas": ("config", "later")}

    def test_expired(self, check: Check) -> None:
        waiver = 'waivers:\n  - rule: min-replicas\n    reason: later\n    expires: "2026-06-01"\n'
        report = check(MANIFEST, waiver, today="2026-06-02")
        assert "min-replicas" in active(report)
        assert faults(report) == [(".refarch-lint.yaml", 2, "waiver of min-replicas expired on 2026-06-01")]

    def test_a_rule_that_does_not_exist(self, check: Check) -> None:
        report = check(MANIFEST, "waivers: [{rule: min-replica, reason: later}]")
        assert faults(report) == [(".refarch-lint.yaml", 1, "waiver of min-replica: there is no such rule")]

    def test_a_comment_comes_first_and_leaves_the_waiver_unused(self, check: Check) -> None:
        report = check(
            behind("  replicas: 1", "# refarch-lint: ignore[min-replicas] one node only"),
            "waivers: [{rule: min-replicas, reason: later}]",
        )
        assert suppressed(report) == {"min-replicas": ("comment", "one node only")}
        assert faults(report) == [(".refarch-lint.yaml", 1, "waiver of min-replicas matches no finding; remove it")]

    def test_without_a_reason_the_configuration_is_wrong(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("api.yaml").write_text(MANIFEST)
        Path(".refarch-lint.yaml").write_text("waivers:\n  - rule: min-replicas\n")
        assert run(["--select", "min-replicas", "api.yaml"]) == ExitCode.USAGE
        assert ".refarch-lint.yaml:2:" in (error := capsys.readouterr().err)
        assert "reason" in error


class TestReports:
    TEXT = behind("  replicas: 1", "# refarch-lint: ignore[min-replicas] one node only")

    def test_counted(self, check: Check) -> None:
        report = check(self.TEXT)
        assert summarize(report).suppressed == 1
        assert str(summarize(report)).endswith("; 1 suppressed")
        outcome = {item.rule: item for item in report.outcomes}
        assert (outcome["min-replicas"].failed, outcome["min-replicas"].suppressed) == (0, 1)
        assert outcome["suppression-valid"].passed == 1

    def test_does_not_fail_the_run(self, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
        check(self.TEXT)
        assert run(["--select", "min-replicas", "--architecture", "none", "api.yaml"]) == ExitCode.CLEAN
        assert "1 suppressed" in capsys.readouterr().out

    def test_left_out_of_sarif_unless_asked_for(self, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
        check(self.TEXT)
        arguments = ["--select", "min-replicas", "--architecture", "none", "--format", "sarif", "api.yaml"]
        assert run(arguments) == ExitCode.CLEAN
        assert json.loads(capsys.readouterr().out)["runs"][0]["results"] == []
        assert run(["--sarif-suppressed", *arguments]) == ExitCode.CLEAN
        (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        (suppression,) = result["suppressions"]
        assert suppression["kind"] == "inSource"
        assert suppression["justification"] == "one node only"

    def test_kept_in_json(self, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
        check(self.TEXT)
        run(["--select", "min-replicas", "--architecture", "none", "--format", "json", "api.yaml"])
        (finding,) = json.loads(capsys.readouterr().out)["findings"]
        assert finding["suppressed"]["source"] == "comment"
        assert finding["suppressed"]["reason"] == "one node only"


def test_of_two_findings_at_one_place_each_is_judged_for_itself(check: Check) -> None:
    report = check(above("        - name: api", "# refarch-lint: ignore[cpu-request] measured next week"))
    places = {finding.rule: finding for finding in report.findings}

    def line(finding: Finding) -> int:
        return finding.location.span.start.line

    assert line(places["cpu-request"]) == line(places["memory-request"])
    assert active(report) == ["memory-request", "min-replicas"]
