"""ConfigMaps that kustomizations generate: their entries, what overlays merge in, and files that may be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.graph.kustomize_generators import generated
from refarch_lint.model.resource import Resource
from refarch_lint.source.beside import FilesBeside
from refarch_lint.source.loading import read_bytes
from tests.graph.trees import contents, resources_in


class Given:
    """Texts that are at hand."""

    def __init__(self, **texts: str) -> None:
        self._texts = {name.replace("__", "/").replace("_", "."): text for name, text in texts.items()}

    def text(self, name: str) -> str | None:
        return self._texts.get(name)


def kustomization(folder: str, body: str) -> Resource:
    text = f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator:\n{body}"
    return resources_in((read_bytes(f"{folder}/kustomization.yaml", text.encode()),))[0]


def entries(*kustomizations: tuple[Resource, str], texts: Given | None = None) -> dict[str, dict[str, str]]:
    return {f"{item.namespace}/{item.name}": item.data["data"] for item in generated(kustomizations, texts or Given())}


def test_literals_files_and_variables_become_entries() -> None:
    body = "- {name: a, literals: [ONE=1, \"TWO='2 = 2'\", odd], files: [app.conf, other=sub/x.conf], envs: [b.env]}\n"
    texts = Given(app__app_conf="x", app__sub__x_conf="y", app__b_env="# no\n\n  THREE=3 \nFOUR='4'\r\nUNSET\n")
    assert entries((kustomization("app", body), "shop"), texts=texts) == {
        "shop/a": {
            "ONE": "1",
            "TWO": "2 = 2",
            "app.conf": "x",
            "other": "y",
            "THREE": "3 ",
            "FOUR": "'4'",
            "UNSET": "",
        }
    }


def test_an_overlay_merges_or_replaces() -> None:
    base = kustomization("base", "- {name: a, literals: [ONE=1, TWO=2]}\n- {name: b, literals: [ONE=1]}\n")
    over = "- {name: a, behavior: merge, literals: [TWO=3]}\n- {name: b, behavior: replace, literals: [TWO=2]}\n"
    assert entries((kustomization("prod", over), "prod"), (base, "prod")) == {
        "prod/a": {"ONE": "1", "TWO": "3"},
        "prod/b": {"TWO": "2"},
    }


def test_what_depends_on_a_file_that_is_not_there_is_left_out() -> None:
    base = kustomization("base", "- {name: a, files: [gone.conf]}\n- {name: b, literals: [ONE=1]}\n")
    over = kustomization("prod", "- {name: a, behavior: merge, literals: [TWO=3]}\n- {name: b, behavior: merge}\n")
    assert entries((over, "prod"), (base, "prod")) == {"prod/b": {"ONE": "1"}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("- 3\n- {name: [x]}\n- {name: ''}\n", {}),
        ("- {name: a, literals: 3, files: [4, {}]}\n", {"shop/a": {}}),
    ],
)
def test_any_shape_is_read(body: str, expected: dict[str, dict[str, str]]) -> None:
    assert entries((kustomization("app", body), "shop")) == expected


def test_a_generator_names_its_own_namespace_where_no_kustomization_gives_one() -> None:
    found = entries((kustomization("app", "- {name: a, namespace: jobs}\n- {name: b}\n"), ""))
    assert list(found) == ["jobs/a", "default/b"]


def test_files_beside_manifests_are_read_inside_the_tree_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "secret.txt").write_text("outside")
    (tmp_path / "tree" / "app.conf").write_text("inside")
    (tmp_path / "tree" / "large.conf").write_bytes(b"x" * (1024 * 1024 + 1))
    (tmp_path / "tree" / "link.conf").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "tree" / "loop.conf").symlink_to("loop.conf")
    monkeypatch.chdir(tmp_path)
    beside = FilesBeside(contents(tree__a="kind: A\n", tree__b__c="kind: B\n"))
    assert beside.text("tree/app.conf") == "inside"
    assert beside.text("tree/a.yaml") == "kind: A\n"
    names = ["tree/large.conf", "tree/link.conf", "tree/loop.conf", "secret.txt", "tree/../secret.txt", "tree/none"]
    names += ["tree", "tree/\0"]
    assert [beside.text(name) for name in names] == [None] * len(names)


def test_nothing_is_read_beside_nothing() -> None:
    assert FilesBeside(()).text("pyproject.toml") is None
