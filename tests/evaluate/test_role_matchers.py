"""Every way in which the catalogue recognises a role does recognise it: labels, kinds, software, names with ports."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from refarch_lint.catalogue.architecture import Architecture, Matcher
from refarch_lint.evaluate.fit import recognise
from refarch_lint.evaluate.roles import assign_roles
from tests.evaluate.running import catalogue
from tests.graph.trees import graph_of, thing, workload

#: Software that plays a role of its own before the role of the trait that it shares with others.
ELSEWHERE = {("microservices", "platform", "traefik")}
CRON = "spec: {schedule: '0 2 * * *', jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: b}]}}}}}\n"
CORE = {"Namespace", "ConfigMap", "Secret"}


def made(kind: str, name: str, port: int | None = None) -> str:
    """Return an object of a kind such as `Deployment` or `Kafka.kafka.strimzi.io`."""
    short, _, group = kind.partition(".")
    match short:
        case "Deployment" | "StatefulSet":
            return workload(short, name, container=f"ports: [{{containerPort: {port}}}]" if port else "")
        case "CronJob":
            return thing("batch/v1", short, name, CRON)
        case "Job":
            return workload(short, name, api="batch/v1")
        case _:
            return thing("v1" if short in CORE else f"{group or 'networking.k8s.io'}/v1", short, name, "spec: {}\n")


def software(wanted: str) -> Iterator[tuple[str, str]]:
    """Yield id and manifest of all software of an id or trait, by image and by kind."""
    for component in catalogue().components.values():
        if component.id == wanted or wanted in component.traits:
            for image in component.images:
                plain = image.replace("*", "x")
                yield component.id, workload(name="thing").replace("registry.example/main:1", f"{plain}:1")
            for kind in component.kinds:
                yield component.id, made(kind, "thing")


def manifests(matcher: Matcher) -> Iterator[tuple[str, str]]:
    """Yield what a matcher names in every way: what it is called here, and the manifest."""
    for wanted in matcher.components:
        yield from software(wanted)
    if matcher.components:
        return
    labels = [(key, value) for key, values in matcher.labels.items() for value in values] or [("", "")]
    ways = product(matcher.kinds or ("Deployment",), matcher.names or ("thing",), matcher.ports or (None,), labels)
    for kind, pattern, port, (key, value) in ways:
        text = made(kind, pattern.replace("*", "x"), port)
        if key:
            text = text.replace("namespace: shop}", f"namespace: shop, labels: {{{key}: {value}}}}}", 1)
        for image in matcher.images or ("main",):
            plain = image.replace("*", "x")
            yield f"{kind} {pattern} {port} {key}: {value} {image}", text.replace("/main:1", f"/{plain}:1")


@pytest.mark.parametrize("architecture", list(catalogue().architectures.values()), ids=lambda item: item.id)
def test_every_matcher_recognises_what_it_names(architecture: Architecture) -> None:
    asked, missed = 0, []
    for role in architecture.roles:
        for matcher in role.matchers:
            for name, text in manifests(matcher) if not matcher.place else ():
                tree = graph_of(text)
                found = assign_roles(architecture, tree, recognise(tree, catalogue()), ())
                asked += 1
                if not found.players(role.id) and (architecture.id, role.id, name) not in ELSEWHERE:
                    missed.append(f"{role.id}: {name}")
    assert asked > 50
    assert missed == []
