from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.model.image import ImageReference, parse_image

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("redis", "docker.io", "library/redis", None, None),
        ("redis:7.4", "docker.io", "library/redis", "7.4", None),
        ("team/app", "docker.io", "team/app", None, None),
        ("docker.io/redis", "docker.io", "library/redis", None, None),
        ("docker.io/library/redis:7", "docker.io", "library/redis", "7", None),
        ("index.docker.io/team/app:1", "docker.io", "team/app", "1", None),
        ("registry:5000/app", "registry:5000", "app", None, None),
        ("registry:5000/app:v1", "registry:5000", "app", "v1", None),
        ("localhost/app:v1", "localhost", "app", "v1", None),
        ("localhost:5000/a/b:v1", "localhost:5000", "a/b", "v1", None),
        ("[::1]:5000/app", "[::1]:5000", "app", None, None),
        ("ghcr.io/a/b/c:1.0-rc.1_x", "ghcr.io", "a/b/c", "1.0-rc.1_x", None),
        (f"app@{DIGEST}", "docker.io", "library/app", None, DIGEST),
        (f"app:latest@{DIGEST}", "docker.io", "library/app", "latest", DIGEST),
        (f"registry:5000/app@{DIGEST}", "registry:5000", "app", None, DIGEST),
        ("Registry/app", "Registry", "app", None, None),
        ("a__b/c--d.e_f", "docker.io", "a__b/c--d.e_f", None, None),
    ],
)
def test_reads_references(text: str, registry: str, repository: str, tag: str | None, digest: str | None) -> None:
    assert parse_image(text) == ImageReference(registry, repository, tag, digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":latest",
        "App",
        "team/App:1",
        "app:",
        "app:-x",
        "app:a b",
        " app",
        "app ",
        "app/",
        "/app",
        "a//b",
        "a..b",
        "a___b",
        "app@",
        "app@sha256:abc",
        "app@md5:" + "0" * 32,
        "app:1@" + DIGEST.upper(),
        "app:1:2",
        "app:" + "x" * 129,
        "0123456789abcdef" * 4,
        "a" * 256,
        "x" * 5000,
        "{{ .Values.image }}",
        "$(IMAGE)",
        "${REGISTRY}/app:1",
        "https://registry.example.com/app",
        "app\n",
    ],
)
def test_refuses_what_is_no_reference(text: str) -> None:
    assert parse_image(text) is None


@pytest.mark.parametrize(
    ("text", "latest"),
    [
        ("app", True),
        ("app:latest", True),
        ("registry:5000/app", True),
        ("app:1", False),
        (f"app@{DIGEST}", False),
        (f"app:latest@{DIGEST}", False),
    ],
)
def test_tells_what_moves(text: str, latest: bool) -> None:
    image = parse_image(text)
    assert image is not None
    assert (image.is_latest, image.is_pinned) == (latest, not latest)


@pytest.mark.parametrize(
    ("text", "familiar", "full"),
    [
        ("docker.io/library/redis:7", "redis:7", "docker.io/library/redis:7"),
        ("team/app", "team/app", "docker.io/team/app"),
        ("docker.io/library/a/b", "library/a/b", "docker.io/library/a/b"),
        ("ghcr.io/library/app:1", "ghcr.io/library/app:1", "ghcr.io/library/app:1"),
        (f"app:1@{DIGEST}", f"app:1@{DIGEST}", f"docker.io/library/app:1@{DIGEST}"),
    ],
)
def test_writes_references(text: str, familiar: str, full: str) -> None:
    image = parse_image(text)
    assert image is not None
    assert image.familiar == familiar
    assert str(image) == full
    assert parse_image(familiar) == image


def test_short_name_is_the_last_component() -> None:
    image = parse_image("ghcr.io/team/data/postgres:16")
    assert image is not None
    assert image.short_name == "postgres"


@given(st.text(max_size=60))
def test_any_text_gives_a_reference_that_reads_back_or_none(text: str) -> None:
    image = parse_image(text)
    assert image is None or parse_image(str(image)) == image


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("app", True),
        ("app:latest-alpine", True),
        ("app:2-latest", True),
        ("app:edge.latest", True),
        ("app:latest-20260114", False),
        ("app:latest-3f9c2ab", False),
        ("app:greatest", False),
        ("app:latest@sha256:" + "a" * 64, False),
    ],
)
def test_variants_of_latest_move_as_it_does(text: str, moves: bool) -> None:
    image = parse_image(text)
    assert image is not None
    assert image.follows_latest is moves


@pytest.mark.parametrize(
    ("tag", "moves"), [("stable", True), ("stable-alpine", True), ("stable-1.2", False), ("unstable", False)]
)
def test_a_word_moves_with_its_variants_but_not_with_a_version_behind_it(tag: str, moves: bool) -> None:
    image = parse_image(f"app:{tag}")
    assert image is not None
    assert image.moves_with(["stable"]) is moves
