from __future__ import annotations

import pytest

from refarch_lint.model.version import LATEST_VERSION, KubernetesVersion, parse_version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.29", (1, 29)),
        ("v1.29", (1, 29)),
        ("1.29.3", (1, 29)),
        ("v1.29.3-gke.100", (1, 29)),
        ("1.31.0+k3s1", (1, 31)),
        (" 1.9 ", (1, 9)),
        ("latest", LATEST_VERSION),
    ],
)
def test_reads_versions(text: str, expected: tuple[int, int]) -> None:
    assert parse_version(text) == expected


@pytest.mark.parametrize("text", ["", "1", "v1", "1.x", "1.29.", "one", "1.29 beta", 1.29, 1, None, True, ["1.29"]])
def test_refuses_what_is_no_version(text: object) -> None:
    with pytest.raises(ValueError, match="not a Kubernetes version"):
        parse_version(text)


def test_orders_by_release_and_writes_itself() -> None:
    assert KubernetesVersion(1, 9) < KubernetesVersion(1, 10) < LATEST_VERSION
    assert str(KubernetesVersion(1, 30)) == "1.30"
    assert KubernetesVersion(1, 30).label == "v1.30"
