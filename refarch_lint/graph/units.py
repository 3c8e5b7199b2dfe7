"""What is deployed together: a kustomization with all that it takes in, or a plain tree of manifests."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from refarch_lint.graph.kustomize import Change, Kustomization, changes, closure, kustomizations, roots
from refarch_lint.graph.kustomize_generators import Texts, generated
from refarch_lint.graph.kustomize_namespace import followed, placed
from refarch_lint.graph.kustomize_patching import patched
from refarch_lint.model.resource import CONFIG_MAP_GENERATOR, Resource, ResourceId
from refarch_lint.source.folders import common_folder
from refarch_lint.source.loading import FileContent


class Unit(NamedTuple):
    """Files that are deployed as one whole; `name` is the folder or kustomization that people would apply.

    `removed` holds kind and name of the objects that patches delete, `namespaces` the namespace that a kustomization
    puts the objects of a file into, `untold` the first path taken in that is not in the tree. `kustomizations` are the
    files of its kustomizations, from the outermost inwards, `changes` their patches, and `renamed` maps the files whose
    objects get other names to what is put around them.
    """

    name: str
    files: frozenset[str]
    removed: frozenset[tuple[str, str]] = frozenset()
    namespaces: Mapping[str, str] = MappingProxyType({})
    untold: str = ""
    kustomizations: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    renamed: Mapping[str, tuple[str, str]] = MappingProxyType({})

    def name_of(self, resource: Resource) -> str:
        """Return the name under which an object is deployed, where a kustomization puts something around it."""
        prefix, suffix = self.renamed.get(resource.document.file, ("", ""))
        return f"{prefix}{resource.name}{suffix}"


class Partition(NamedTuple):
    """The units of a tree, and the files that only change others, each with what applies it.

    `patches` maps a file to the kustomization or component that it belongs to, those of patches that are applied apart.
    `transformed` names the kustomizations whose result differs from what is judged.
    """

    units: tuple[Unit, ...]
    patches: Mapping[str, str]
    transformed: tuple[str, ...] = ()


def partition(contents: tuple[FileContent, ...], resources: Iterable[Resource]) -> Partition:
    """Return the units of a tree, in the order of their names.

    Every kustomization that nobody else takes in is a unit; a component that nobody takes in is none. All other files
    are one plain unit, unless folders of it describe the same objects: such folders are variants of each other, each
    of which makes a unit with what the variants share.
    """
    known = kustomizations(contents)
    patches = {path: item.file for item in known.values() for path in item.patches}
    applied = [root for root in roots(known) if not root.component]
    units = [_kustomized(root, known) for root in applied]
    for root in roots(known):
        if root.component:
            patches |= dict.fromkeys(closure(root, known).files, root.file)
    names = {content.name for content in contents}
    taken = frozenset().union(*(unit.files for unit in units))
    patches = {path: file for path, file in patches.items() if path not in taken}
    by_file: dict[str, set[ResourceId]] = defaultdict(set)
    for resource in resources:
        by_file[resource.document.file].add(resource.id)
    plain = {name: by_file.get(name, set()) for name in names - taken if name not in patches}
    if plain:
        used = {unit.name for unit in units}
        units += [
            Unit(f"{unit.name} (other files)" if unit.name in used else unit.name, unit.files)
            for unit in _plain_units(plain)
        ]
    existing = (unit._replace(files=unit.files & names, untold=min(unit.files - names, default="")) for unit in units)
    found = [unit for unit in existing if any(by_file.get(file) for file in unit.files)]
    followed_files = {patch.source.file for unit in found for change in unit.changes for patch in change.patches}
    patches = {path: file for path, file in patches.items() if path not in followed_files}
    transformed = tuple(sorted(item.folder or "." for item in known.values() if item.transforms))
    return Partition(
        tuple(sorted(found, key=lambda unit: unit.name)) or (Unit(".", frozenset(names)),), patches, transformed
    )


def _kustomized(root: Kustomization, known: Mapping[str, Kustomization]) -> Unit:
    taken = closure(root, known)
    return Unit(
        root.folder or ".",
        frozenset(taken.files),
        removed=taken.removed,
        namespaces={file: namespace for file, namespace in taken.files.items() if namespace},
        kustomizations=taken.order,
        changes=changes(root, known),
        renamed=taken.renamed,
    )


def deployed(
    unit: Unit, resources: Iterable[Resource], moved: dict[tuple[Resource, str], Resource], texts: Texts | None = None
) -> list[Resource]:
    """Return the objects of a unit as they are deployed: patched, without those that patches delete, in namespaces.

    `moved` keeps what was put into a namespace or patched, by the object as it stands, so that units that share an
    object see one and the same. With `texts` the ConfigMaps that its kustomizations generate are among them.
    """
    members = [
        resource
        for resource in resources
        if resource.document.file in unit.files and (resource.kind, resource.name) not in unit.removed
    ]
    made = _generated(unit, members, texts) if texts is not None else []
    if not unit.namespaces and not unit.changes:
        return members + made
    known = followed(members)
    return [_deployed(resource, unit, known, moved) for resource in members] + made


def _deployed(
    resource: Resource, unit: Unit, known: frozenset[tuple[str, str]], moved: dict[tuple[Resource, str], Resource]
) -> Resource:
    """Return an object as the patches of a unit leave it, and in the namespace that the unit puts it into."""
    file = resource.document.file
    patches = [patch for change in unit.changes if file in change.files for patch in change.patches]
    changed = patched(resource, patches) if patches else resource
    namespace = unit.namespaces.get(file, "")
    where = namespace if changed is resource else f"{namespace} in {unit.name}"
    if changed is resource and not namespace:
        return resource
    if (resource, where) not in moved:
        moved[resource, where] = placed(changed, namespace, known) if namespace else changed
    return moved[resource, where]


def _generated(unit: Unit, members: list[Resource], texts: Texts) -> list[Resource]:
    by_file = {item.document.file: item for item in members if CONFIG_MAP_GENERATOR in item.data}
    order = [(by_file[file], unit.namespaces.get(file, "")) for file in unit.kustomizations if file in by_file]
    return generated(order, texts)


def _plain_units(files: Mapping[str, set[ResourceId]]) -> list[Unit]:
    """Split files into variants at the highest folder whose children describe the same objects."""
    home = common_folder(files) or ""
    children: dict[str, dict[str, set[ResourceId]]] = defaultdict(dict)
    for name, ids in files.items():
        rest = posixpath.relpath(name, home) if home else name
        first, slash, _ = rest.partition("/")
        children[first if slash else ""][name] = ids
    content = {child: set().union(*inside.values()) for child, inside in children.items()}
    variants = _conflicting(content)
    if variants:
        inner = {
            child: _plain_units(children[child]) if child else [Unit(home or ".", frozenset(children[child]))]
            for child in sorted(variants)
        }
        return _with_shared([unit for units in inner.values() for unit in units], children, variants)
    split = {child: units for child in sorted(children) if child and len(units := _plain_units(children[child])) > 1}
    if not split:
        return [Unit(home or ".", frozenset(files))]
    return _with_shared(_joined(split.values()), children, split)


def _with_shared(units: list[Unit], children: Mapping[str, Iterable[str]], apart: Iterable[str]) -> list[Unit]:
    """Add to each variant the files of the children that all variants share."""
    shared = frozenset(name for child in children.keys() - set(apart) for name in children[child])
    return [Unit(unit.name, unit.files | shared) for unit in units]


def _joined(splits: Iterable[list[Unit]]) -> list[Unit]:
    """Join the variants of several folders that have the same name: `api/dev` and `web/dev` are applied together."""
    by_name: dict[str, list[Unit]] = defaultdict(list)
    for units in splits:
        for unit in units:
            by_name[posixpath.basename(unit.name)].append(unit)
    return [
        Unit(", ".join(unit.name for unit in same), frozenset().union(*(unit.files for unit in same)))
        for same in by_name.values()
    ]


def _conflicting(content: Mapping[str, set[ResourceId]]) -> set[str]:
    """Return the children that describe an object which another child describes too.

    A Namespace tells nothing: folders that are applied together repeat it, each to stand on its own.
    """
    owners: dict[ResourceId, list[str]] = defaultdict(list)
    for child, ids in content.items():
        for identity in ids:
            if identity.kind != "Namespace":
                owners[identity].append(child)
    return {child for children in owners.values() if len(children) > 1 for child in children}
