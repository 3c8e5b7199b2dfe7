"""From arguments to files: what is found, what is passed over and why, and that no loop or link fools it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from refarch_lint.errors import UsageError
from refarch_lint.source.discovery import MAX_FOUND_SIZE, Discovered, discover


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.chdir(root)
    return root


def write(*names: str, text: str = "") -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def find(*paths: str, exclude: tuple[str, ...] = (), exclude_named: tuple[str, ...] = ()) -> Discovered:
    return discover(paths, stdin=None, exclude=exclude, exclude_named=exclude_named)


def names(found: Discovered) -> list[str]:
    return [file.name for file in found.files]


def reasons(found: Discovered) -> dict[str, str]:
    return {skipped.file: skipped.reason for skipped in found.skipped}


def test_folders_are_searched_for_yaml_and_json_in_order() -> None:
    write("k8s/b.yaml", "k8s/a.yml", "k8s/c/d.json", "k8s/C.YAML", "k8s/readme.md", "k8s/script.sh")
    assert names(find("k8s")) == ["k8s/C.YAML", "k8s/a.yml", "k8s/b.yaml", "k8s/c/d.json"]
    assert reasons(find("k8s")) == {}


def test_a_file_given_by_name_is_always_read() -> None:
    write("notes.txt", ".hidden/x.yaml", "chart/Chart.yaml", "chart/templates/a.yaml", "ignored.yaml")
    write(".gitignore", text="ignored.yaml\n")
    given = ["notes.txt", ".hidden/x.yaml", "chart/templates/a.yaml", "ignored.yaml"]
    assert names(find(*given)) == sorted(given)


def test_every_file_is_read_once_under_its_first_name() -> None:
    write("k8s/a.yaml")
    assert names(find("k8s", "k8s/a.yaml", "./k8s", "k8s/*.yaml")) == ["k8s/a.yaml"]


def test_names_are_relative_where_they_can_be(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("k8s/a.yaml")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.yaml").write_text("")
    assert names(find(str(tree / "k8s"))) == ["k8s/a.yaml"]
    assert names(find("./k8s/../k8s/a.yaml")) == ["k8s/a.yaml"]
    assert names(find("../other")) == ["../other/b.yaml"]
    assert names(find(str(tmp_path / "other"))) == [f"{tmp_path.as_posix()}/other/b.yaml"]
    monkeypatch.chdir(tree / "k8s")
    assert names(find(".")) == ["a.yaml"]


def test_standard_input_is_one_of_the_files() -> None:
    write("a.yaml")
    found = discover(["a.yaml", "-"], stdin=lambda: b"b: 1\n")
    assert names(found) == ["<stdin>", "a.yaml"]
    assert found.files[0].read() == b"b: 1\n"
    with pytest.raises(UsageError, match="standard input"):
        find("-")


def test_globs_are_expanded_and_must_match() -> None:
    write("k8s/a.yaml", "k8s/b/c.yaml", "k8s/b/d.txt", "k8s/[x].yaml")
    assert names(find("k8s/**/*.yaml")) == ["k8s/[x].yaml", "k8s/a.yaml", "k8s/b/c.yaml"]
    assert names(find("k8s/b*")) == ["k8s/b/c.yaml"]
    assert names(find("k8s/[x].yaml")) == ["k8s/[x].yaml"]
    with pytest.raises(UsageError, match="no file matches"):
        find("k8s/*.json")


def test_a_missing_path_is_an_error_of_use() -> None:
    with pytest.raises(UsageError, match=r"could not find k8s/none\.yaml: no such file or folder"):
        find("k8s/none.yaml")


def test_hidden_entries_are_passed_over_and_counted() -> None:
    write("a.yaml", ".github/workflows/ci.yml", ".gitlab-ci.yml", ".git/config.yaml", "b/.cache/x.json", ".txt")
    found = find(".")
    assert names(found) == ["a.yaml"]
    assert reasons(found) == {".github": "hidden folder", ".gitlab-ci.yml": "hidden file", "b/.cache": "hidden folder"}


def test_settings_of_other_programs_and_installed_packages_are_passed_over() -> None:
    write("tsconfig.base.json", "appsettings.Development.json", "package.json", "app.json", "web/node_modules/x/a.json")
    found = find(".")
    assert names(found) == ["app.json"]
    settings = dict.fromkeys(
        ("appsettings.Development.json", "package.json", "tsconfig.base.json"), "settings of another program"
    )
    assert reasons(found) == {**settings, "web/node_modules": "installed packages"}
    assert names(find("tsconfig.base.json")) == ["tsconfig.base.json"]


def test_a_hidden_folder_given_by_name_is_searched() -> None:
    write(".deploy/a.yaml")
    assert names(find(".deploy")) == [".deploy/a.yaml"]


def test_gitignore_files_count_at_every_depth() -> None:
    write("a.yaml", "out/b.yaml", "x/c.yaml", "x/keep.yaml", "x/y/c.yaml", "x/y/z.yaml", "x/out/d.yaml", "x/n/e.yaml")
    write(".gitignore", text="# generated\n/out/\nc.yaml\n")
    write("x/.gitignore", text="!c.yaml\nn/\n")
    write("x/y/.gitignore", text="/z.yaml\n")
    found = find(".")
    assert names(found) == ["a.yaml", "x/c.yaml", "x/keep.yaml", "x/out/d.yaml", "x/y/c.yaml"]
    assert reasons(found) == dict.fromkeys(["out", "x/n", "x/y/z.yaml"], "ignored by .gitignore")


def test_gitignore_files_above_count_inside_a_repository_only() -> None:
    write("repo/k8s/a.yaml", "repo/k8s/b.yaml")
    write("repo/.gitignore", text="b.yaml\n")
    assert names(find("repo/k8s")) == ["repo/k8s/a.yaml", "repo/k8s/b.yaml"]
    Path("repo/.git").mkdir()
    assert names(find("repo/k8s")) == ["repo/k8s/a.yaml"]


def test_an_ignored_folder_given_by_name_is_searched() -> None:
    write("repo/rendered/a.yaml")
    write("repo/.gitignore", text="rendered/\n")
    Path("repo/.git").mkdir()
    assert names(find("repo/rendered")) == ["repo/rendered/a.yaml"]
    assert names(find("repo")) == []


def test_excluded_patterns_count_from_the_current_folder() -> None:
    write("k8s/a.yaml", "k8s/test/b.yaml", "k8s/c.yaml")
    found = find("k8s", exclude=("k8s/test/", "c.yaml"))
    assert names(found) == ["k8s/a.yaml"]
    assert reasons(found) == {"k8s/test": "excluded", "k8s/c.yaml": "excluded"}


def test_what_is_named_is_read_unless_it_is_excluded_by_name_too() -> None:
    write("k8s/a.yaml", "k8s/test/b.yaml", "k8s/test/deep/c.yaml", "vendor/d.yaml")
    named = ("k8s/a.yaml", "k8s/test/b.yaml", "k8s/test/deep", "vendor", "./vendor/d.yaml")
    everything = ["k8s/a.yaml", "k8s/test/b.yaml", "k8s/test/deep/c.yaml", "vendor/d.yaml"]
    assert names(find(*named[:4], exclude=("test/", "d.*"))) == everything[:2]
    found = find(*named, exclude_named=("test/", "vendor"))
    assert names(found) == ["k8s/a.yaml"]
    skipped = ("k8s/test/b.yaml", "k8s/test/deep", "vendor", "vendor/d.yaml")
    assert reasons(found) == dict.fromkeys(skipped, "excluded")
    assert names(find("k8s/*.yaml", "k8s/test/*.yaml", exclude_named=("a.yaml",))) == ["k8s/test/b.yaml"]
    assert names(find(*named, exclude_named=("*.yaml", "!k8s/a.yaml", "test"))) == ["k8s/a.yaml", "vendor/d.yaml"]
    assert names(find(".", exclude_named=("*",))) == everything
    assert names(discover(("-",), stdin=bytes, exclude_named=("*",))) == ["<stdin>"]


def test_a_link_is_excluded_by_its_own_name() -> None:
    write("k8s/a.yaml")
    Path("link.yaml").symlink_to("k8s/a.yaml")
    assert names(find("link.yaml", exclude_named=("a.yaml",))) == ["link.yaml"]
    assert names(find("link.yaml", exclude_named=("link.*",))) == []


def test_helm_templates_are_named_and_not_read() -> None:
    write("charts/web/Chart.yaml", text='apiVersion: v2\nname: "web-app"\nversion: 1.0.0\n')
    write("charts/web/templates/deployment.yaml", "charts/web/templates/tests/t.yaml", "charts/web/values.yaml")
    write("charts/web/values-production.yaml", "charts/web/crds/crd.yaml", "charts/web/charts/db/Chart.yaml")
    write("charts/web/charts/db/templates/x.yaml", "templates/plain.yaml")
    found = find(".")
    assert names(found) == ["charts/web/crds/crd.yaml", "templates/plain.yaml"]
    assert reasons(found) == {
        "charts/web/Chart.yaml": "description of Helm chart web-app",
        "charts/web/templates": "Helm templates of chart web-app: render them first",
        "charts/web/values.yaml": "values of Helm chart web-app",
        "charts/web/values-production.yaml": "values of Helm chart web-app",
        "charts/web/charts/db/Chart.yaml": "description of Helm chart db",
        "charts/web/charts/db/templates": "Helm templates of chart db: render them first",
    }


def test_a_kustomization_is_read() -> None:
    write("base/kustomization.yaml", "base/a.yaml")
    assert names(find("base")) == ["base/a.yaml", "base/kustomization.yaml"]


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    write("k8s/a.yaml", "k8s/z/b.yaml")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c.yaml").write_text("")
    Path("k8s/z/up").symlink_to("..")
    Path("k8s/0-link.yaml").symlink_to("a.yaml")
    Path("k8s/0-folder").symlink_to("z")
    Path("k8s/shared").symlink_to(outside)
    Path("k8s/a").mkdir()
    Path("k8s/a/link").symlink_to("../z")
    Path("k8s/broken.yaml").symlink_to("nowhere")
    assert names(find("k8s")) == ["k8s/a.yaml", "k8s/broken.yaml", "k8s/shared/c.yaml", "k8s/z/b.yaml"]


@pytest.mark.parametrize("target", ["..", "../..", os.sep])
def test_links_that_lead_out_of_the_tree_upwards_are_passed_over(target: str) -> None:
    write("app/k8s/a.yaml", "app/secret.yaml", "other.yaml")
    Path("app/k8s/up").symlink_to(target)
    found = find("app/k8s")
    assert names(found) == ["app/k8s/a.yaml"]
    assert reasons(found) == {"app/k8s/up": "link to a folder above"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_link_to_itself_and_a_pipe_do_not_stop_the_search() -> None:
    write("a.yaml")
    Path("loop.yaml").symlink_to("loop.yaml")
    os.mkfifo("pipe.yaml")
    found = find(".")
    assert names(found) == ["a.yaml", "loop.yaml"]
    assert reasons(found) == {"pipe.yaml": "not a regular file"}
    with pytest.raises(OSError, match="symbolic links"):
        found.files[1].read()


def test_huge_files_found_in_a_folder_are_passed_over(tree: Path) -> None:
    with (tree / "huge.json").open("wb") as file:
        file.truncate(MAX_FOUND_SIZE + 1)
    assert reasons(find(".")) == {"huge.json": "larger than 64 MiB"}
    assert names(find("huge.json")) == ["huge.json"]


def test_a_named_file_without_end_is_not_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("refarch_lint.source.discovery.MAX_NAMED_SIZE", 8 * 1024 * 1024)
    with (tree / "huge.json").open("wb") as file:
        file.truncate(8 * 1024 * 1024 + 1)
    for name in ("huge.json", *(["/dev/zero"] if Path("/dev/zero").exists() else [])):
        with pytest.raises(OSError, match="it is larger than 8 MiB"):
            find(name).files[0].read()


def test_names_that_are_not_text_are_shown_all_the_same() -> None:
    try:
        with open(b"bad-\xff.yaml", "w"):  # noqa: PTH123 (a path of bytes)
            pass
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    assert names(find(".")) == ["bad-\ufffd.yaml"]


def test_a_folder_that_cannot_be_listed_stays_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    write("k8s/locked/a.yaml", "k8s/b.yaml")
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find("k8s")
    assert names(found) == ["k8s/b.yaml", "k8s/locked"]
    with pytest.raises(OSError, match="directory"):
        found.files[1].read()
