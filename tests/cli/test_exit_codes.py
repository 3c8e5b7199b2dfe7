"""Every exit code means what the documentation says, and reports go to standard output alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run

ROOT = Path(__file__).parents[2]

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {level: info}\n"
SECRET = "quartz8Jm2lantern"
TWICE = GOOD.replace("data: {level: info}", "data: {level: info}\ndata: {level: debug}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    return tmp_path


def test_clean_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--select", "key-unique", "."]) == ExitCode.CLEAN
    assert "No findings" in capsys.readouterr().out


def test_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_text(TWICE)
    assert run(["--select", "key-unique", "."]) == ExitCode.FINDINGS
    captured = capsys.readouterr()
    assert "bad.yaml:5:1" in captured.out
    assert captured.err == ""


def test_findings_below_the_threshold(folder: Path) -> None:
    comment = "# refarch-lint: ignore[key-unique]\n"
    (folder / "bad.yaml").write_text(comment + GOOD)
    assert run(["--select", "suppression-valid", "."]) == ExitCode.CLEAN
    assert run(["--select", "suppression-valid", "--fail-on", "warning", "."]) == ExitCode.FINDINGS
    assert run(["--select", "suppression-valid", "--fail-on", "warning", "--exit-zero", "."]) == ExitCode.CLEAN


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-folder"], "no-such-folder"),
        (["--select", "no-such-rule", "."], "no-such-rule"),
        (["--profile", "no-such-profile", "."], "no-such-profile"),
        (["--architecture", "no-such-thing", "."], "no-such-thing"),
        (["--format", "no-such-format", "."], "no-such-format"),
        (["--format", "json", "--format", "sarif", "."], "standard output"),
        (["--kubernetes-version", "banana", "."], "banana"),
        (["--pod-security", "strict", "."], "strict"),
        (["--schema-location", "ftp://schemas.example.com/a.json", "."], "only http and https are fetched"),
        (["--schema-location", "a/{{.Kind}}.json", "."], "unknown placeholder {{.Kind}} at character 3; known are "),
        (["--schema-location", "https://{{.Group}}.example.com/a", "."], "a host, without placeholders in it"),
        (["--schema-location", "https://me:quartz@example.com/a", "."], "'https://…@example.com/a': the address may"),
        (["--schema-location", "http://[::1/{{.Group}}", "."], "a host or port that is none"),
        (["--schema-location", "http://127.0.0.1:x/{{.Group}}", "."], "a host or port that is none"),
        (["--schema-location", "", "."], "it is empty"),
        (["--schema-location", "no-such-folder", "--select", "key-unique", "."], "no-such-folder: no such folder or"),
        (["--schema-cache", "no-such-folder", "."], "no-such-folder"),
        (["--no-such-option", "."], "no-such-option"),
        (["explain", "no-such-rule"], "no-such-rule"),
    ],
)
def test_usage(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert run(arguments) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


def test_faults_of_the_configuration_have_a_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / ".refarch-lint.yaml").write_text("profile: staging\nfail-on: sometimes\nselekt: []\n")
    assert run(["."]) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert ".refarch-lint.yaml:2:10" in error
    assert ".refarch-lint.yaml:3:1" in error


def test_nothing_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "good.yaml").write_text("just: data\n")
    assert run(["--select", "key-unique", "."]) == ExitCode.NOTHING_FOUND
    assert "no Kubernetes object" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "# nothing yet\n---\n", "apiVersion: v1\nkind: List\nitems: []\n"])
def test_blank_files_may_be_allowed(folder: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (folder / "good.yaml").write_text(text)
    assert run(["."]) == ExitCode.NOTHING_FOUND
    capsys.readouterr()
    assert run(["--allow-empty", "."]) == ExitCode.CLEAN
    captured = capsys.readouterr()
    assert "Nothing was checked: no Kubernetes object found." in captured.out
    assert captured.err == ""


@pytest.mark.parametrize("text", ["just: data\n", "{{ if .Values.on }}\n", "kind: List\nitems: [1]\n", "a: [\n"])
def test_what_is_not_blank_is_not_allowed_to_be_empty(folder: Path, text: str) -> None:
    (folder / "good.yaml").write_text(text)
    assert run(["--allow-empty", "."]) != ExitCode.CLEAN


def test_a_path_without_files_is_not_allowed_to_be_empty(folder: Path) -> None:
    (folder / "good.yaml").unlink()
    assert run(["--allow-empty", "."]) == ExitCode.NOTHING_FOUND


def test_what_is_excluded_on_the_command_line_is_not_read_by_name_either(folder: Path) -> None:
    (folder / "bad.yaml").write_text(TWICE)
    arguments = ["--select", "key-unique", "good.yaml", "bad.yaml"]
    assert run(arguments) == ExitCode.FINDINGS
    assert run([*arguments, "--exclude", "bad*"]) == ExitCode.CLEAN
    (folder / ".refarch-lint.yaml").write_text("exclude: ['bad*']\n")
    assert run(arguments) == ExitCode.FINDINGS
    assert run([*arguments[:2], "."]) == ExitCode.CLEAN


def test_a_link_in_a_circle_cannot_be_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "loop.yaml").symlink_to("loop.yaml")
    assert run([str(folder / "loop.yaml")]) == ExitCode.FINDINGS
    assert "could not read" in capsys.readouterr().out


def test_a_bug_is_no_pass(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from refarch_lint.evaluate.predicates import source

    def broken(subject: object, context: object) -> object:
        raise ZeroDivisionError("division by zero")

    from refarch_lint.evaluate.predicates import predicate

    predicate.cache_clear()
    monkeypatch.setattr(source, "keys_unique", broken)
    assert run(["--select", "key-unique", "."]) == ExitCode.BUG
    captured = capsys.readouterr()
    assert "could not evaluate rule key-unique" in captured.err
    assert "Traceback" not in captured.err
    assert run(["--select", "key-unique", "--debug", "."]) == ExitCode.BUG
    assert "Traceback" in capsys.readouterr().err
    predicate.cache_clear()


@pytest.mark.parametrize("options", [[], ["--debug"]], ids=["plain", "debug"])
def test_a_bug_does_not_quote_manifests(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    from refarch_lint.evaluate.predicates import predicate, source

    def broken(subject: object, context: object) -> object:
        raise KeyError(SECRET)

    predicate.cache_clear()
    monkeypatch.setattr(source, "keys_unique", broken)
    assert run(["--select", "key-unique", *options, "."]) == ExitCode.BUG
    error = capsys.readouterr().err
    assert "KeyError" in error
    assert SECRET not in error
    predicate.cache_clear()


def test_several_formats_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_text(TWICE)
    arguments = [
        "--select",
        "key-unique",
        "--format",
        "json",
        "--output",
        "r.json",
        "--format",
        "text",
        "--output",
        "-",
    ]
    assert run([*arguments, "."]) == ExitCode.FINDINGS
    assert json.loads((folder / "r.json").read_text())["findings"][0]["rule"] == "key-unique"
    assert "bad.yaml:5:1" in capsys.readouterr().out


def test_excluded_paths_are_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "bad.yaml").write_text(TWICE)
    assert run(["--select", "key-unique", "."]) == ExitCode.FINDINGS
    assert run(["--select", "key-unique", "--exclude", "old/", "."]) == ExitCode.CLEAN
    assert "skipped 1 (old" in capsys.readouterr().out


def test_standard_input(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "refarch_lint", "--select", "key-unique", "-"],
        input=TWICE.encode(),
        capture_output=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == ExitCode.FINDINGS
    assert b"<stdin>:5:1" in done.stdout


def test_who_stops_reading_changes_no_exit_code(folder: Path) -> None:
    (folder / "bad.yaml").write_text(TWICE)
    command = [sys.executable, "-m", "refarch_lint", "--select", "key-unique", "."]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("closed", "arguments", "code"),
    [
        (">&-", ".", ExitCode.FINDINGS),
        (">&-", "--version", ExitCode.CLEAN),
        ("2>&-", "--profile nowhere .", ExitCode.USAGE),
        ("<&-", "-", ExitCode.NOTHING_FOUND),
    ],
)
def test_a_closed_stream_is_an_empty_one(folder: Path, closed: str, arguments: str, code: ExitCode) -> None:
    (folder / "bad.yaml").write_text(TWICE)
    command = f'"{sys.executable}" -m refarch_lint {arguments} {closed}'
    assert subprocess.run(command, shell=True, capture_output=True, cwd=folder, check=False).returncode == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_report_that_cannot_be_written_is_told(folder: Path) -> None:
    command = [sys.executable, "-m", "refarch_lint", "."]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=folder, check=False)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.startswith(b"error: could not write to standard output: ")


def test_same_bytes_on_every_run(folder: Path) -> None:
    place = ROOT / "fixtures" / "architectures" / "web-app" / "as-documented"

    def report(form: str, seed: str) -> bytes:
        command = [sys.executable, "-m", "refarch_lint", "--exit-zero", "--format", form, str(place)]
        environment = {"PYTHONHASHSEED": seed, "PATH": ""}
        return subprocess.run(command, capture_output=True, cwd=folder, env=environment, check=True).stdout

    for form in ("text", "json", "sarif"):
        assert report(form, "1") == report(form, "2")
