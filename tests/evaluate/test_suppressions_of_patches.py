"""Findings at values that patches bring can be accepted at the object, at its place, and where the patch has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.config import Settings
from refarch_lint.evaluate.lint import lint

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  annotations: { refarch-lint.io/ignore: "%s" }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers: [{ name: main, image: "registry.example.com/shop/api:1.4.0" }]
"""
INLINE = """\
kind: Kustomization
resources: [../base]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: api }
      spec:
        template:
          spec:
            hostNetwork: true%s
"""
FILE = "kind: Kustomization\nresources: [../base]\npatches: [{path: patch.yaml}]\n"
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  template:
    spec:
      hostNetwork: true%s
"""
COUNT = "kind: Kustomization\nresources: [../base]\nreplicas:\n  - { name: api, count: 1 }%s\n"
MARK = "pod-security/host-namespaces: agreed"
COMMENT = " # refarch-lint: ignore[%s] agreed"


def suppressed(root: Path, base: str, overlay: str, patch: str = "") -> dict[str, str]:
    for folder in ("base", "prod"):
        (root / folder).mkdir()
    (root / "base" / "kustomization.yaml").write_text("kind: Kustomization\nresources: [api.yaml]\n", "utf-8")
    (root / "base" / "api.yaml").write_text(BASE % base, "utf-8")
    (root / "prod" / "kustomization.yaml").write_text(overlay, "utf-8")
    if patch:
        (root / "prod" / "patch.yaml").write_text(patch, "utf-8")
    report = lint([str(root)], Settings())
    return {finding.rule: finding.suppressed.source for finding in report.findings if finding.suppressed}


@pytest.mark.parametrize(("overlay", "patch"), [(INLINE % "", ""), (FILE, PATCH % "")], ids=["inline", "file"])
def test_the_annotation_of_an_object_speaks_of_what_patches_bring(overlay: str, patch: str, tmp_path: Path) -> None:
    assert suppressed(tmp_path, MARK, overlay, patch) == {"pod-security/host-namespaces": "annotation"}


def test_a_comment_stands_behind_the_value_of_the_patch(tmp_path: Path) -> None:
    found = suppressed(tmp_path, "x: y", FILE, PATCH % (COMMENT % "pod-security/host-namespaces"))
    assert found == {"pod-security/host-namespaces": "comment"}


def test_a_comment_stands_behind_the_number_of_replicas(tmp_path: Path) -> None:
    assert suppressed(tmp_path, "x: y", COUNT % (COMMENT % "min-replicas")) == {"min-replicas": "comment"}
