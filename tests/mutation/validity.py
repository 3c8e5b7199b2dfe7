"""Mutants of the form: misspelt fields, wrong types, old APIs, things written twice, files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.graph.naming import RBAC
from refarch_lint.model.resource import Resource
from tests.mutation.making import Maker
from tests.mutation.world import Mutant, Spot, World

#: An API version that the target version no longer serves, by group and kind.
OLD = {
    ("apps", "Deployment"): "extensions/v1beta1",
    ("apps", "StatefulSet"): "apps/v1beta2",
    ("apps", "DaemonSet"): "apps/v1beta2",
    ("batch", "CronJob"): "batch/v1beta1",
    ("policy", "PodDisruptionBudget"): "policy/v1beta1",
    ("autoscaling", "HorizontalPodAutoscaler"): "autoscaling/v2beta2",
    ("networking.k8s.io", "Ingress"): "networking.k8s.io/v1beta1",
}


def apis(world: World) -> Iterator[Mutant]:
    """Objects of an API version that is no longer served."""
    make = Maker(world, "validity")
    for resource in world.resources:
        if (old := OLD.get((resource.group, resource.kind))) is not None:
            yield make.replace(resource, ("apiVersion",), old, "api-served")


def names(world: World) -> Iterator[Mutant]:
    """Names that the API refuses, objects described twice, kinds that do not exist."""
    make = Maker(world, "validity")
    for resource in _one_of_each_kind(world):
        if resource.group != RBAC:
            near = (
                Spot(resource.document.file, resource.kind, resource.namespace, "Not_A_Name", ("metadata", "name")),
            )
            if resource.kind == "Namespace":
                near = (near[0]._replace(namespace=""),)
            yield make.replace(resource, ("metadata", "name"), "Not_A_Name", "field-values-valid", at=near)
        file = resource.document.file
        text = world.text(file)
        twice = f"{text.rstrip()}\n---\n{resource.document.text.removeprefix('---').strip()}\n"
        change = f"{resource} once more in {file}"
        if resource.kind != "Namespace":  # which several folders may bring along, as long as they agree
            yield Mutant("validity", change, {file: twice}, ("resource-unique",), (Spot(file),))
        yield make.rename(resource, ("metadata",), "metdata", "schema-valid", "manifest-readable", at=(Spot(file),))


def files(world: World) -> Iterator[Mutant]:
    """Files with a key written twice, a bracket left open, a tab for spaces, a template left in."""
    make = Maker(world, "validity")
    for resource in _one_of_each_kind(world):
        file = resource.document.file
        first = next(line for line in world.text(file).splitlines() if line.startswith("kind:"))
        yield make.retext(file, first, f"{first}\n{first}", "key-unique", at=(Spot(file),))
        yield make.retext(file, first, first.replace(" ", " ["), "manifest-readable", at=(Spot(file),))
        yield make.retext(file, "metadata:\n  name", "metadata:\n\tname", "manifest-readable", at=(Spot(file),))
        yield make.retext(file, first, f"{first}\n{{{{- if .Values.on }}}}", "template-rendered", at=(Spot(file),))


def _one_of_each_kind(world: World) -> Iterator[Resource]:
    """Yield the first object of each kind, for changes that are the same for all."""
    seen: set[tuple[str, str]] = set()
    for resource in world.resources:
        key = (resource.group, resource.kind)
        native = "." not in resource.group or resource.group.endswith("k8s.io")
        if key not in seen and native:
            seen.add(key)
            yield resource


GENERATORS = (apis, names, files)
