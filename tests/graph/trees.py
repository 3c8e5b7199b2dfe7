"""Small trees of manifests for tests: text into resources and graphs, and manifests that differ in one thing."""

from __future__ import annotations

import textwrap

from refarch_lint.graph.edge import Reference, Relation
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.references import ExternalName
from refarch_lint.model.resource import Resource, resources_of
from refarch_lint.source.loading import FileContent, read_bytes


def contents(**files: str) -> tuple[FileContent, ...]:
    """Return files by name; `__` in a name stands for a slash, and `.yaml` is added."""
    named = {f"{name.replace('__', '/')}.yaml": text for name, text in files.items()}
    return tuple(read_bytes(name, textwrap.dedent(text).encode()) for name, text in sorted(named.items()))


def resources_in(files: tuple[FileContent, ...]) -> tuple[Resource, ...]:
    """Return the objects of files; a file that cannot be read is a mistake of the test."""
    assert [problem for content in files for problem in content.problems] == []
    return tuple(item for content in files for document in content.documents for item in resources_of(document))


def graph_of(*texts: str, external: tuple[ExternalName, ...] = ()) -> ResourceGraph:
    """Return the graph of one file that holds the documents given."""
    joined = "\n---\n".join(textwrap.dedent(text) for text in texts)
    return ResourceGraph(resources_in(contents(app=joined)), external)


def named(graph: ResourceGraph, kind: str, name: str = "") -> Resource:
    """Return the one object of a kind, or of a kind and name."""
    found = [item for item in graph.index.of_kind(kind) if not name or item.name == name]
    assert len(found) == 1, f"{len(found)} {kind}/{name or '*'}"
    return found[0]


def references_of(graph: ResourceGraph, relation: Relation, kind: str = "") -> list[Reference]:
    """Return the references of one relation, and of one kind of object where it is given."""
    return [item for item in graph.references if item.relation is relation and kind in ("", item.kind)]


def workload(
    kind: str = "Deployment",
    name: str = "api",
    *,
    namespace: str = "shop",
    spec: str = "",
    pod: str = "",
    container: str = "",
    labels: str = "",
    api: str = "apps/v1",
) -> str:
    """Return a workload whose pods are labelled with its name; further lines go where their names say."""
    return (
        f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec:\n  selector: {{matchLabels: {{app: {name}}}}}\n"
        + _indented(spec, 2)
        + f"  template:\n    metadata: {{labels: {{{labels or f'app: {name}'}}}}}\n    spec:\n"
        + _indented(pod, 6)
        + "      containers:\n      - name: main\n        image: registry.example/main:1\n"
        + _indented(container, 8)
    )


def service(name: str = "api", *, namespace: str = "shop", port: int = 80, spec: str = "") -> str:
    """Return a Service that selects the pods labelled with its name."""
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec:\n  selector: {{app: {name}}}\n  ports: [{{name: main, port: {port}}}]\n" + _indented(spec, 2)
    )


def thing(api: str, kind: str, name: str, body: str = "", *, namespace: str = "shop") -> str:
    """Return an object of any kind; `body` stands beside its metadata."""
    head = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    return head + textwrap.dedent(body)


def _indented(text: str, width: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n") + "\n", " " * width) if text else ""
