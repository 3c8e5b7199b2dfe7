"""A Kubernetes object as it stands in a document, and the identity by which others refer to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from refarch_lint.location import Location, Path
from refarch_lint.model.known import group_meant
from refarch_lint.model.scope import is_cluster_scoped
from refarch_lint.model.written import labels_as_written
from refarch_lint.source.document import Document

DEFAULT_NAMESPACE = "default"

#: The field by which a kustomization generates ConfigMaps.
CONFIG_MAP_GENERATOR = "configMapGenerator"

#: The API group of kustomizations, the names of their files, and what one that leaves out its type is to kustomize.
KUSTOMIZE = "kustomize.config.k8s.io"
KUSTOMIZATION_FILES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
KUSTOMIZATION_DEFAULTS = {"apiVersion": f"{KUSTOMIZE}/v1beta1", "kind": "Kustomization"}


class ResourceId(NamedTuple):
    """What makes an object the one it is: API group without version, kind, namespace and name.

    `namespace` is empty for cluster-scoped kinds.
    """

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Return `Kind/name`, as `kubectl` prints it."""
        return f"{self.kind}/{self.name}"

    @property
    def qualified(self) -> str:
        """`namespace/name[Kind]`, or `name[Kind]` for a cluster-scoped object."""
        prefix = f"{self.namespace}/" if self.namespace else ""
        return f"{prefix}{self.name}[{self.kind}]"


@dataclass(frozen=True, eq=False)
class Resource:
    """One Kubernetes object: its data and where in its document it stands (`root` is not empty inside a List)."""

    document: Document
    root: Path
    data: dict[str, Any]
    id: ResourceId
    api_version: str
    namespace_declared: bool = field(default=True)

    @cached_property
    def kind(self) -> str:
        return self.id.kind

    @cached_property
    def group(self) -> str:
        return self.id.group

    @cached_property
    def namespace(self) -> str:
        return self.id.namespace

    @cached_property
    def name(self) -> str:
        return self.id.name

    @cached_property
    def metadata(self) -> dict[str, Any]:
        return mapping(self.data.get("metadata"))

    @cached_property
    def spec(self) -> dict[str, Any]:
        return mapping(self.data.get("spec"))

    @cached_property
    def labels(self) -> dict[str, str]:
        return labels_as_written(self, ("metadata", "labels"), self.metadata.get("labels"))

    @cached_property
    def annotations(self) -> dict[str, str]:
        return labels_as_written(self, ("metadata", "annotations"), self.metadata.get("annotations"))

    @property
    def is_generated(self) -> bool:
        """Whether a kustomization generates it: it stands nowhere, and its places are those of the generator."""
        return self.root[:1] == (CONFIG_MAP_GENERATOR,)

    def locate(self, path: Path = ()) -> Location:
        """Return where the value at `path`, counted from this object's root, stands in its file."""
        return self.document.locate(self.root + path)

    def key_location(self, path: Path) -> Location:
        """Return where the key at `path`, counted from this object's root, stands in its file."""
        return self.document.key_location(self.root + path)

    def value_location(self, path: Path) -> Location:
        """Return the whole extent of the value at `path`, counted from this object's root."""
        return self.document.value_location(self.root + path)

    def written(self, path: Path) -> str:
        """Return the text of a scalar at `path` as it is written, whatever type it is read as."""
        return self.document.written(self.root + path)

    def __str__(self) -> str:
        return str(self.id)


def mapping(value: Any) -> dict[str, Any]:
    """Return `value` if it is a mapping, else an empty one: the YAML border, where anything may stand."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Return `value` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def string_mapping(value: Any) -> dict[str, str]:
    """Return the entries of a mapping whose values are strings; others are not labels or annotations to the API."""
    return {key: item for key, item in mapping(value).items() if isinstance(item, str)}


def dig(data: Any, *path: str | int) -> Any:
    """Return the value at `path`, or None where any step of it is missing or of another type."""
    for part in path:
        if isinstance(part, int):
            if not isinstance(data, list) or not -len(data) <= part < len(data):
                return None
            data = data[part]
        else:
            if not isinstance(data, dict):
                return None
            data = data.get(part)
    return data


def resource_of(
    document: Document, data: dict[str, Any], root: Path, default_namespace: str = DEFAULT_NAMESPACE
) -> Resource | None:
    """Return the object that `data` describes, or None if it has no `apiVersion` and `kind`.

    Its group is the one meant where a native kind stands under a wrong one; `api_version` is what was written.

    An object without a name is known by its `generateName`, else by the position of its document. A name or namespace
    that is read as another type (`name: y`, `namespace: 2024`) is taken as it is written: the API refuses it, which is
    one finding, and it is still the name that other objects mean.
    """
    api_version, kind = data.get("apiVersion"), data.get("kind")
    if not (isinstance(api_version, str) and isinstance(kind, str) and api_version and kind):
        return None
    group = group_meant(api_version.rpartition("/")[0], kind)
    metadata = mapping(data.get("metadata"))
    name = _name(document, root, metadata, "name")
    if not name:
        generated = metadata.get("generateName")
        suffix = "-".join(str(part) for part in (document.index, *root))
        name = f"{generated}{suffix}" if isinstance(generated, str) and generated else f"(unnamed {suffix})"
    declared = _name(document, root, metadata, "namespace")
    namespace = "" if is_cluster_scoped(group, kind) else declared or default_namespace
    return Resource(document, root, data, ResourceId(group, kind, namespace, name), api_version, bool(declared))


def _name(document: Document, root: Path, metadata: dict[str, Any], field: str) -> str:
    value = metadata.get(field)
    if isinstance(value, (bool, int, float)):
        return document.written((*root, "metadata", field))
    return value if isinstance(value, str) else ""


def resources_of(document: Document, default_namespace: str = DEFAULT_NAMESPACE) -> tuple[Resource, ...]:
    """Return the objects of a document: itself, or the items of a `List`, one level deep, as kubectl reads it."""
    data = document.data
    if not isinstance(data, dict):
        return ()
    if document.file.rpartition("/")[2] in KUSTOMIZATION_FILES:
        data = {**KUSTOMIZATION_DEFAULTS, **data}
    kind = data.get("kind")
    items = data.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        found = (
            resource_of(document, typed_item(data, item), ("items", index), default_namespace)
            for index, item in enumerate(items)
            if isinstance(item, dict)
        )
        return tuple(resource for resource in found if resource and resource.kind != "List")
    resource = resource_of(document, data, (), default_namespace)
    return (resource,) if resource and kind != "List" else ()


def typed_item(parent: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """Return a List's item with the kind and version that a typed list (`DeploymentList`) leaves out."""
    kind = parent["kind"].removesuffix("List")
    if not kind or "kind" in item:
        return item
    return {"apiVersion": parent.get("apiVersion"), "kind": kind, **item}
