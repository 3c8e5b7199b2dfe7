"""Rules, architectures and profiles of a project's own, as the documentation tells to write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from refarch_lint.catalogue.parse_rule import PLACEHOLDERS
from refarch_lint.cli import ExitCode, run
from refarch_lint.errors import RuleFileError
from refarch_lint.evaluate.facts import FACTS
from refarch_lint.evaluate.operators import OPERATORS
from refarch_lint.evaluate.own_rules import catalogue_with
from refarch_lint.evaluate.predicates import predicate
from refarch_lint.graph.edge import Relation

PAGE = (Path(__file__).parents[2] / "docs" / "writing-rules.md").read_text(encoding="utf-8")

#: A file of the page: its name in a line of its own, then its text.
_FILE = re.compile(r"^`([^`\n]+)`:\n\n```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^```console\n\$ refarch-lint ([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def forget_predicates() -> Iterator[None]:
    """What is installed differs from test to test."""
    predicate.cache_clear()
    yield
    predicate.cache_clear()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have functions installed under entry points, each `name=function`."""

    def install(**functions: Callable[..., Any]) -> None:
        class Installed(EntryPoint):
            def load(self) -> Any:
                return functions[self.name.replace(".", "__")]

        group = "refarch_lint.predicates"
        points = EntryPoints(Installed(name.replace("__", "."), "package:function", group) for name in functions)
        monkeypatch.setattr("importlib.metadata.entry_points", lambda **wanted: points.select(**wanted))

    return install


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of the page, without what it says about predicates."""
    monkeypatch.chdir(tmp_path)
    for name, text in _FILE.findall(PAGE):
        if "images-mirrored" not in name:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return tmp_path


def mirrored(project: Path) -> None:
    """Add the rule of the page that names a predicate."""
    (name, text), *_ = [(name, text) for name, text in _FILE.findall(PAGE) if "images-mirrored" in name]
    (project / name).parent.mkdir(parents=True)
    (project / name).write_text(text, encoding="utf-8")


def page_predicate() -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    exec(_PYTHON.findall(PAGE)[0], scope)
    function: Callable[..., Any] = scope["from_mirror"]
    return function


class TestThePage:
    def test_says_what_happens(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "policies" / "ownership" / "service-in-front.yaml").unlink()
        (project / "policies" / "kinds" / "kind-in-use.yaml").unlink()
        sessions = _SESSION.findall(PAGE)
        assert len(sessions) == 2
        for arguments, output in sessions:
            run([*arguments.split(), *(["--color", "never"] if "check" not in arguments else [])])
            assert output in capsys.readouterr().out

    def test_lists_all_there_is(self) -> None:
        assert all(f"`{fact}`" in PAGE for fact in FACTS)
        assert all(f"`{operator}`" in PAGE for operator in OPERATORS)
        assert all(f"`{relation}`" in PAGE for relation in Relation)
        assert all(f"`{{{placeholder}}}`" in PAGE for placeholder in PLACEHOLDERS)


class TestRulesOfOnesOwn:
    def test_the_catalogue_holds_them(self, project: Path) -> None:
        catalogue = catalogue_with([Path("policies")])
        assert catalogue.rules["team-declared"].section == "ownership"
        assert catalogue.architectures["internal-tool"].roles[0].id == "tool"
        assert catalogue.profiles["internal"].severities == {"pdb-covers-workload": None}
        assert "min-replicas" in catalogue.rules

    def test_a_profile_gives_parameters(self, project: Path) -> None:
        assert run(["k8s", "--select", "team-declared", "--profile", "internal", "--fail-on", "warning"]) == 0
        assert run(["k8s", "--select", "team-declared", "--fail-on", "warning"]) == ExitCode.FINDINGS

    def test_an_architecture_gives_roles(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        manifest = project / "k8s" / "api.yaml"
        manifest.write_text(manifest.read_text().replace("team: infra", "app.kubernetes.io/component: tool"))
        arguments = ["k8s", "--select", "service-in-front", "--architecture", "internal-tool"]
        assert run(arguments) == ExitCode.FINDINGS
        out = capsys.readouterr().out
        assert "no Service selects the pods of Deployment/api, which plays the role tool" in out
        (project / "k8s" / "service.yaml").write_text(
            "apiVersion: v1\nkind: Service\nmetadata: { name: api, namespace: shop }\n"
            "spec: { selector: { app: api }, ports: [{ port: 80 }] }\n"
        )
        assert run(arguments) == ExitCode.CLEAN

    def test_refuses_kinds(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["k8s", "--select", "kind-in-use"]) == ExitCode.CLEAN
        assert "1 rule checked on 1 resource" in capsys.readouterr().out
        old = "apiVersion: v1\nkind: ReplicationController\nmetadata: { name: api, namespace: shop }\n"
        (project / "k8s" / "old.yaml").write_text(old)
        assert run(["k8s", "--select", "kind-in-use", "--format", "github"]) == ExitCode.FINDINGS
        assert "ReplicationController/api is of a kind that we do not use" in capsys.readouterr().out
        rule = project / "policies" / "kinds" / "kind-in-use.yaml"
        where = "where: [{ field: apiVersion, operator: equals, value: v2 }]"
        rule.write_text(rule.read_text().replace("scope: resource", f"scope: resource, {where}"))
        assert run(["k8s", "--select", "kind-in-use"]) == ExitCode.CLEAN

    def test_the_configuration_sets_severity_and_parameters(self, project: Path) -> None:
        settings = "rules:\n  team-declared: { severity: error, parameters: { teams: [infra] } }\n"
        (project / ".refarch-lint.yaml").write_text("rule-folders: [policies]\n" + settings)
        assert run(["k8s", "--select", "team-declared"]) == ExitCode.CLEAN
        (project / ".refarch-lint.yaml").write_text("rule-folders: [policies]\n" + settings.replace("infra", "none"))
        assert run(["k8s", "--select", "team-declared"]) == ExitCode.FINDINGS

    def test_can_be_suppressed(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        manifest = project / "k8s" / "api.yaml"
        sign = "# refarch-lint: ignore[team-declared] handed over in May"
        manifest.write_text(manifest.read_text().replace("team: infra }", f"team: infra }} {sign}"))
        assert run(["k8s", "--select", "team-declared", "--fail-on", "warning"]) == ExitCode.CLEAN
        assert "1 suppressed" in capsys.readouterr().out

    def test_is_explained_and_listed(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["explain", "team-declared"]) == ExitCode.CLEAN
        assert "whom to wake" in " ".join(capsys.readouterr().out.split())
        assert run(["rules"]) == ExitCode.CLEAN
        assert "team-declared" in capsys.readouterr().out

    def test_replaces_a_rule_of_the_same_id(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = (project / "policies" / "ownership" / "team-declared.yaml").read_text()
        (project / "policies" / "min-replicas.yaml").write_text(text.replace("id: team-declared", "id: min-replicas"))
        run(["k8s", "--select", "min-replicas"])
        assert "is run by infra" in capsys.readouterr().out


class TestCheckingAFolder:
    def test_a_case_that_is_not_as_stated(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        case = project / "policies" / "fixtures" / "team-declared" / "fail-unknown-team.yaml"
        case.write_text(case.read_text().replace("# expect: 8:11", "# expect: 8:10"))
        assert run(["rules", "check", "policies"]) == ExitCode.FINDINGS
        out = capsys.readouterr().out
        assert "team-declared/fail-unknown-team.yaml: not found: fail-unknown-team.yaml:8:10" in out
        assert "team-declared/fail-unknown-team.yaml: not expected: fail-unknown-team.yaml:8:11" in out

    def test_a_pass_that_was_not_looked_at(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        rule = project / "policies" / "ownership" / "team-declared.yaml"
        rule.write_text(rule.read_text().replace("workloads: long-running", "kinds: [StatefulSet]"))
        assert run(["rules", "check", "policies"]) == ExitCode.FINDINGS
        assert "pass-known-team.yaml: the rule looked at nothing that passed" in capsys.readouterr().out

    def test_files_that_end_in_yml(self, project: Path) -> None:
        rule = project / "policies" / "ownership" / "team-declared.yaml"
        rule.rename(rule.with_suffix(".yml"))
        assert run(["k8s", "--select", "team-declared", "--fail-on", "warning"]) == ExitCode.FINDINGS

    def test_a_folder_without_rules(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "nothing").mkdir()
        assert run(["rules", "check", "nothing"]) == ExitCode.USAGE
        assert "no rule in nothing: looked for files that end in .yaml or .yml" in capsys.readouterr().err

    def test_a_rule_without_cases(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["rules", "check", "policies"]) == ExitCode.FINDINGS
        out = capsys.readouterr().out
        assert "service-in-front: no pass case in policies/fixtures/service-in-front" in out
        assert "service-in-front: no fail case in policies/fixtures/service-in-front" in out


RULE = dedent(
    """\
    id: team-declared
    title: Workloads say which team runs them
    severity: warning
    rationale: Whoever is on call has to know whom to wake.
    remediation: Set the label.
    target: { workloads: long-running }
    assert:
      - field: metadata.labels.team
        operator: exists
        message: "{resource} has no team"
    """
)


class TestFaultsOfRuleFiles:
    @pytest.mark.parametrize(
        ("old", "new", "place", "words"),
        [
            ("severity: warning", "severity: grave", "3:11", "'grave' is not one of"),
            ("title: Workloads", "titel: Workloads", "2:1", "titel is not known; title is meant?"),
            ("id: team-declared", "id: team-set", "1:5", "the file is named team-declared.yaml"),
            ("operator: exists", "operator: is", "9:15", "is"),
            ("{resource}", "{object}", "10:14", "unknown placeholder {object}"),
            ("operator: exists", "operator: in\n    parameter: teams", "10:16", "parameter teams is not declared"),
            ("operator: exists", "operator: matches\n    value: '('", "10:12", "not a regular expression"),
            ("field: metadata.labels.team", "fact: replica-count", "8:11", "no fact replica-count; known are"),
            ("target: { workloads: long-running }", "target: { role: prince }", "6:17", "no role prince; known are"),
            ("severity: warning", "severity: warning\nchecklist: availability.luck", "4:12", "no checklist item"),
        ],
    )
    def test_each_has_its_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, place: str, words: str
    ) -> None:
        assert RULE.count(old) == 1
        monkeypatch.chdir(tmp_path)
        folder = Path("policies")
        folder.mkdir()
        (folder / "team-declared.yaml").write_text(RULE.replace(old, new))
        with pytest.raises(RuleFileError) as caught:
            catalogue_with([folder])
        faults = str(caught.value).splitlines()
        assert any(fault.startswith(f"policies/team-declared.yaml:{place}: ") and words in fault for fault in faults), (
            faults
        )

    def test_a_fault_of_the_schema_hides_none_of_the_vocabulary(self, tmp_path: Path) -> None:
        text = RULE.replace("severity: warning", "severity: grave").replace("field: metadata.labels.team", "fact: luck")
        (tmp_path / "team-declared.yaml").write_text(text.replace("{resource}", "{object}"))
        with pytest.raises(RuleFileError) as caught:
            catalogue_with([tmp_path])
        told = {location.span.start.line: message for message, location in caught.value.faults if location}
        assert sorted(told) == [3, 8, 10]
        assert told[8].startswith("no fact luck; known are ")
        assert told[10].startswith("unknown placeholder {object}")

    def test_relations_and_predicates(self, tmp_path: Path) -> None:
        head, _, _ = RULE.partition("assert:")
        text = head + dedent(
            """\
            assert:
              - relation: loves
                at_least: 1
                message: "{resource} is alone"
              - relation: selects
                peer: { role: prince }
                at_least: 1
                message: "{resource} is alone"
              - predicate: hearts.beating
            """
        )
        (tmp_path / "team-declared.yaml").write_text(text)
        with pytest.raises(RuleFileError) as caught:
            catalogue_with([tmp_path])
        lines = {location.span.start.line: message for message, location in caught.value.faults if location}
        assert lines[8].startswith("no relation loves; known are ")
        assert lines[12].startswith("no role prince; known are ")
        assert lines[15] == "no predicate hearts.beating: neither built in nor an installed entry point"
        assert len(lines) == 3

    def test_all_files_are_told_at_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "policies"
        (folder / "architectures").mkdir(parents=True)
        (folder / "team-declared.yaml").write_text(RULE.replace("warning", "grave"))
        (folder / "profiles.yaml").write_text("profiles:\n  - id: internal\n")
        (folder / "architectures" / "tool.yaml").write_text("id: tool\n")
        (tmp_path / ".refarch-lint.yaml").write_text("rule-folders: [policies]\n")
        assert run(["."]) == ExitCode.USAGE
        error = capsys.readouterr().err
        for name in ("team-declared.yaml:3:11", "profiles.yaml:2:5", "architectures/tool.yaml:1:1"):
            assert f"policies/{name}" in error

    def test_a_folder_that_is_not_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / ".refarch-lint.yaml").write_text("rule-folders: [polices]\n")
        assert run(["."]) == ExitCode.USAGE
        assert "polices: no such folder" in capsys.readouterr().err


class TestPredicates:
    def test_of_an_installed_package(
        self, project: Path, installed: Callable[..., None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        mirrored(project)
        installed(images__from_mirror=page_predicate())
        assert run(["k8s", "--select", "images-mirrored"]) == ExitCode.FINDINGS
        out = capsys.readouterr().out
        assert "Deployment/api runs registry.example/api:1.2.3, not from the mirror" in out
        assert "k8s/api.yaml:11:46" in out
        manifest = project / "k8s" / "api.yaml"
        manifest.write_text(manifest.read_text().replace("registry.example", "mirror.example"))
        assert run(["k8s", "--select", "images-mirrored"]) == ExitCode.CLEAN

    def test_that_is_not_installed(
        self, project: Path, installed: Callable[..., None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        mirrored(project)
        installed()
        assert run(["k8s"]) == ExitCode.USAGE
        assert "images-mirrored.yaml:8:16: no predicate images.from_mirror" in capsys.readouterr().err

    def test_that_raises_is_a_bug_and_never_a_pass(
        self, project: Path, installed: Callable[..., None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        def broken(subject: object, context: object) -> Iterator[object]:
            raise KeyError("registry")
            yield

        mirrored(project)
        installed(images__from_mirror=broken)
        assert run(["k8s", "--select", "images-mirrored"]) == ExitCode.BUG
        error = capsys.readouterr().err
        assert "could not evaluate rule images-mirrored on Deployment/api" in error
        assert "k8s/api.yaml:" in error

    def test_nothing_in_the_tree_is_executed(self, project: Path, installed: Callable[..., None]) -> None:
        mirrored(project)
        installed()
        trap = "raise SystemExit('executed')\n"
        for folder in (project, project / "k8s", project / "policies", project / "policies" / "supply"):
            for name in ("images.py", "conftest.py", "sitecustomize.py", "refarch_lint.py"):
                (folder / name).write_text(trap)
        assert run(["k8s"]) == ExitCode.USAGE
