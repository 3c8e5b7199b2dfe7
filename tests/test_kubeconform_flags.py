"""What kubeconform's flags are in our words holds on manifests of our own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks" / "agreement"

POD = """\
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers: [{ name: web, image: "web:1" }]
"""
CONTOUR = "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: { name: web }\nspec: { routes: [] }\n"
FILES = {
    "fine.yaml": POD,
    "unknown.yaml": POD + "  colour: red\n",
    "twice.yaml": POD + "  hostname: a\n  hostname: b\n",
    "wrong.yaml": POD + "  hostname: [a]\n",
    "blank.yaml": "# nothing\n",
    "other.yaml": CONTOUR,
    "wrong-other.yaml": CONTOUR.replace("{ routes: [] }", "{}"),
}
PUBLISHED = "https://raw.githubusercontent.com/yannh/kubernetes-json-schema/master/{{.NormalizedKubernetesVersion}}"
NAMED = "/{{.ResourceKind}}{{.KindSuffix}}.json"
CATALOGUE = "https://raw.githubusercontent.com/datreeio/CRDs-catalog/main"
CATALOGUE += "/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The score script as a module."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import score_kubeconform

    yield score_kubeconform
    for name in ("score_kubeconform", "kubeconform_server", "score"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("command", "expected", "form"),
    [
        ("x -summary fixtures/fine.yaml", "pass", "literal"),
        ("x fixtures/wrong.yaml", "fail", "literal"),
        ("x fixtures/blank.yaml", "pass", "literal"),
        ("x fixtures/unknown.yaml", "pass", "literal"),
        ("x -strict fixtures/unknown.yaml", "fail", "translated"),
        ("x fixtures/twice.yaml", "pass", "literal"),
        ("x -strict fixtures/twice.yaml", "fail", "translated"),
        ("x fixtures/other.yaml", "fail", "literal"),
        ("x -ignore-missing-schemas fixtures/other.yaml", "pass", "translated"),
        ("cat fixtures/wrong.yaml | x", "fail", "translated"),
        ("cat fixtures/fine.yaml | x -", "pass", "literal"),
        ("x -skip Pod fixtures/wrong.yaml", "pass", "translated"),
        ("x -reject Pod fixtures/fine.yaml", "fail", "translated"),
        ("x -reject Deployment fixtures/fine.yaml", "pass", "translated"),
        ("x --ignore-filename-pattern 'wrong.yaml' fixtures/wrong.yaml fixtures/fine.yaml", "pass", "translated"),
        ("x -kubernetes-version banana fixtures/fine.yaml", "fail", "literal"),
        ("x -output tap fixtures/fine.yaml", "pass", "counterpart"),
        ("x -schema-location 'missing' fixtures/fine.yaml", "fail", "literal"),
        ("x -cache missing fixtures/fine.yaml", "fail", "literal"),
        (
            "HTTPS_PROXY=127.0.0.1:1 x -schema-location 'https://x.example/a_v1.json' fixtures/fine.yaml",
            "fail",
            "literal",
        ),
        (f"x -schema-location '{PUBLISHED}-standalone{NAMED}' fixtures/fine.yaml", "pass", "translated"),
        (f"x -schema-location '{PUBLISHED}{NAMED}' fixtures/fine.yaml", "pass", "translated"),
        (f"x -schema-location '{PUBLISHED}{NAMED}' fixtures/wrong.yaml", "fail", "translated"),
        (f"x -schema-location default -schema-location '{CATALOGUE}' fixtures/other.yaml", "pass", "translated"),
        (f"x -schema-location default -schema-location '{CATALOGUE}' fixtures/wrong-other.yaml", "fail", "translated"),
        (f"x -schema-location default -schema-location '{CATALOGUE}' fixtures/fine.yaml", "not asked", "translated"),
        ("x fixtures/absent.yaml", "missing", "literal"),
    ],
)
def test_a_flag_does_what_is_stated(script: Any, tmp_path: Path, command: str, expected: str, form: str) -> None:
    fixtures = tmp_path / "files" / "kubeconform" / "fixtures"
    fixtures.mkdir(parents=True)
    for name, text in FILES.items():
        (fixtures / name).write_text(text)
    with script.serving() as server:
        scored = script.score(
            {"case": "own", "command": command, "expect": expected}, script.read_mapping(), tmp_path, None, server
        )
    assert (scored.status, scored.translated.form) == (expected, form), scored.told


def test_the_results_are_printed(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "files" / "kubeconform" / "fixtures").mkdir(parents=True)
    (tmp_path / "files" / "kubeconform" / "fixtures" / "fine.yaml").write_text(POD)
    (tmp_path / "cases").mkdir()
    cases = [{"case": name, "command": "x fixtures/fine.yaml", "expect": name} for name in ("pass", "fail")]
    (tmp_path / "cases" / "kubeconform.jsonl").write_text("\n".join(map(json.dumps, cases)))
    assert script.main(tmp_path, None, online=False) == 1
    out = capsys.readouterr().out
    assert "1 of 2 cases have the status that they expect: 1 literal, 0 translated, 0 counterpart" in out
    assert "    expected fail, we say pass: " in out
