"""`rules`, `explain` and `config show` say what the catalogue and the configuration say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refarch_lint.catalogue.catalogue import load_catalogue
from refarch_lint.cli import ExitCode, run


def test_table_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == ExitCode.CLEAN
    shown = capsys.readouterr().out
    for rule in load_catalogue().rules.values():
        assert f"\n{rule.id} " in shown


def test_json_has_every_field_of_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--format", "json"]) == ExitCode.CLEAN
    listed = {rule["id"]: rule for rule in json.loads(capsys.readouterr().out)}
    rules = load_catalogue().rules
    assert list(listed) == list(rules)
    minimum = listed["min-replicas"]
    assert minimum["parameters"]["min_replicas"]["default"] == 3
    assert minimum["remediation"] == rules["min-replicas"].remediation
    assert minimum["target"]["workloads"] == "replicated"
    assert listed["pdb-covers-workload"]["assertions"][0]["relation"] == "protects"


def test_every_rule_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in load_catalogue().rules.values():
        assert run(["explain", rule.id]) == ExitCode.CLEAN
        shown = capsys.readouterr().out
        assert shown.startswith(f"{rule.id}: {rule.title}\n")
        assert "What to change: " in shown


def test_a_near_miss_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "min-replica"]) == ExitCode.USAGE
    assert "did you mean min-replicas" in capsys.readouterr().err


def test_settings_are_shown_with_their_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".refarch-lint.yaml").write_text(
        "profile: staging\nrules:\n  cpu-limit: 'off'\n  min-replicas: {parameters: {min_replicas: 2}}\n"
    )
    (tmp_path / "k8s").mkdir()
    assert run(["config", "show", "k8s", "--kubernetes-version", "1.30"]) == ExitCode.CLEAN
    shown = json.loads(capsys.readouterr().out)
    assert shown["profile"] == "staging"
    assert shown["kubernetes-version"] == "1.30"
    assert shown["severities"] == {"cpu-limit": None}
    assert shown["parameters"] == {"min-replicas.min_replicas": 2}
    assert shown["source"] == ".refarch-lint.yaml"
