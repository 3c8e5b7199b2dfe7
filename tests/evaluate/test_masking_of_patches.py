"""No secret value that a kustomization's patch brings is left in a report, wherever the patch stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.config import Settings
from refarch_lint.evaluate.lint import lint
from refarch_lint.evaluate.masking import masked_lines
from refarch_lint.graph.kustomize_patching import Patched
from refarch_lint.graph.units import deployed, partition
from refarch_lint.model.resource import resources_of
from refarch_lint.report import REPORTERS, RenderOptions
from refarch_lint.source.loading import read_bytes

SECRET = "quartz8Jm2lantern"
BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers:
        - name: main
          image: registry.example.com/shop/api:1.4.0
          env: [{ name: DB_PASSWORD, value: "" }]
---
apiVersion: v1
kind: Secret
metadata: { name: database }
stringData: {}
"""
ENV = "/spec/template/spec/containers/0/env"
MERGE = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {template: {spec: {containers: "
SECRET_MERGE = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: database}}\nstringData: {{note: {SECRET}}}\n"
PATCHES = {
    "merge": f"{MERGE}[{{name: main, env: [{{name: DB_PASSWORD, value: {SECRET}}}]}}]}}}}}}\n",
    "merge of a block": f"{SECRET_MERGE.partition('stringData')[0]}stringData:\n  note: |\n    first\n    {SECRET}\n",
    "merge of a Secret": SECRET_MERGE,
    "operation on a value": f"- {{op: replace, path: {ENV}/0/value, value: {SECRET}}}\n",
    "operation on a list": f"- op: add\n  path: {ENV}/-\n  value:\n    name: API_TOKEN\n    value: {SECRET}\n",
    "operation on a Secret": f"- op: add\n  path: /stringData/note\n  value: |-\n    first\n    {SECRET}\n",
    "operation on all of a Secret": f"- op: replace\n  path: /stringData\n  value: {{a: {SECRET}, b: {SECRET}}}\n",
}


@pytest.mark.parametrize("form", ["inline", "file"])
@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_no_value_of_a_patch_is_shown(patch: str, form: str, tmp_path: Path) -> None:
    kind = "Secret" if "/stringData" in patch or "stringData:" in patch else "Deployment"
    given = "  - path: patch.yaml\n" if form == "file" else "  - patch: |-\n" + _indented(patch)
    files = {
        "base/kustomization.yaml": "kind: Kustomization\nresources: [api.yaml]\n",
        "base/api.yaml": BASE,
        "prod/kustomization.yaml": "kind: Kustomization\nresources: [../base]\n"
        f"patches:\n{given}    target: {{kind: {kind}}}\n",
        "prod/patch.yaml": patch if form == "file" else "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    contents = tuple(read_bytes(name, text.encode()) for name, text in files.items())
    resources = tuple(item for content in contents for document in content.documents for item in resources_of(document))
    found = deployed(partition(contents, resources).units[0], resources, {})
    patched = [item for item in found if isinstance(item, Patched)]
    for content in contents:
        own = [resource for resource in resources if resource.document.file == content.name]
        assert SECRET not in "\n".join(masked_lines(content, own, patched)), content.name
    report = lint([str(tmp_path)], Settings())
    for name, render in REPORTERS.items():
        assert SECRET not in render(report, RenderOptions(verbose=True)), name


def _indented(text: str) -> str:
    return "".join(f"      {line}\n" for line in text.splitlines())
