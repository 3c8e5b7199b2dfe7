"""Roles: label before configuration before matchers, strongest first, and the reason of each assignment."""

from __future__ import annotations

from typing import Any

import pytest

from refarch_lint.catalogue.parse_architecture import parse_architecture
from refarch_lint.config import RoleChoice
from refarch_lint.evaluate.fit import recognise
from refarch_lint.evaluate.roles import RoleBook, assign_roles
from refarch_lint.evaluate.surroundings import PLACES
from tests.evaluate.running import catalogue, check
from tests.graph.trees import graph_of, service, thing, workload


def architecture(*roles: dict[str, Any]) -> Any:
    """Return an architecture with roles of which only what the test is about is given."""
    data = {
        "id": "own",
        "title": "Own",
        "description": "For a test.",
        "flows": [],
        "roles": [{"title": "T", "description": "D", "demand": "required", **role} for role in roles],
    }
    return parse_architecture(data)


def role(name: str, *matchers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "matchers": list(matchers), **more}


def book(roles: list[dict[str, Any]], *texts: str, choices: tuple[RoleChoice, ...] = ()) -> RoleBook:
    graph = graph_of(*texts)
    return assign_roles(architecture(*roles), graph, recognise(graph, catalogue()), choices)


def shown(found: RoleBook) -> list[tuple[str, str, str]]:
    return [(str(resource), item.role.id, item.reason) for resource, item in found.assignments.items()]


POSTGRES = workload("StatefulSet", "store").replace("registry.example/main:1", "postgres:17")
BY_NAME = {"names": ["sto*"]}


def test_a_label_is_stronger_than_everything() -> None:
    labelled = POSTGRES.replace("name: store, namespace: shop", "name: store, labels: {refarch-lint.io/role: x}")
    found = book([role("x"), role("y", BY_NAME)], labelled, choices=(RoleChoice("y", "*", "*", "*"),))
    assert shown(found) == [("StatefulSet/store", "x", "label refarch-lint.io/role: x")]
    (item,) = found.assignments.values()
    assert str(item.place.locate()) == "app.yaml:3:56"


def test_a_label_of_the_pod_template_counts_too() -> None:
    found = book([role("x"), role("y", BY_NAME)], workload(name="store", labels="refarch-lint.io/role: x"))
    assert [name for _, name, _ in shown(found)] == ["x"]


def test_a_label_that_names_no_role_of_the_architecture_says_nothing() -> None:
    found = book([role("y", BY_NAME)], workload(name="store", labels="refarch-lint.io/role: other"))
    assert shown(found) == [("Deployment/store", "y", "name store")]


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        (RoleChoice("x", "*", "*", "store"), True),
        (RoleChoice("x", "Stateful*", "sh*", "st?re"), True),
        (RoleChoice("x", "Deployment", "*", "store"), False),
        (RoleChoice("x", "*", "other", "store"), False),
        (RoleChoice("unknown", "*", "*", "store"), False),
    ],
)
def test_the_configuration_is_stronger_than_matchers(choice: RoleChoice, chosen: bool) -> None:
    found = book([role("x"), role("y", BY_NAME)], POSTGRES, choices=(choice,))
    assert shown(found) == [
        ("StatefulSet/store", "x", "named in the configuration") if chosen else ("StatefulSet/store", "y", "name store")
    ]


def test_the_first_choice_of_the_configuration_wins() -> None:
    choices = (RoleChoice("x", "*", "*", "store"), RoleChoice("y", "*", "*", "*"))
    assert [name for _, name, _ in shown(book([role("y"), role("x")], POSTGRES, choices=choices))] == ["x"]


LABEL = {"labels": {"app.kubernetes.io/component": ["data*"]}}
COMPONENT = {"components": ["postgresql"]}
PLACE = {"place": "called-by-none"}


@pytest.mark.parametrize(
    ("roles", "winner"),
    [
        ([role("by-name", BY_NAME), role("by-label", LABEL)], "by-label"),
        ([role("by-name", BY_NAME), role("by-component", COMPONENT)], "by-component"),
        ([role("by-component", COMPONENT), role("by-label", LABEL, {"components": ["mysql"]})], "by-label"),
        ([role("by-component", COMPONENT), role("by-label", LABEL)], "by-component"),
        ([role("by-place", PLACE), role("by-name", BY_NAME)], "by-name"),
        ([role("by-place", PLACE), role("by-port", {"ports": [5432]})], "by-port"),
        ([role("first", BY_NAME), role("second", BY_NAME)], "first"),
        ([role("by-kind", {"kinds": ["StatefulSet"]}), role("by-label", LABEL)], "by-label"),
        ([role("by-name", BY_NAME), role("by-kind", {"kinds": ["StatefulSet"]})], "by-kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_stronger_matchers_win_whatever_their_order(roles: list[dict[str, Any]], winner: str) -> None:
    text = POSTGRES.replace("{app: store}, ", "").replace(
        "labels: {app: store}", "labels: {app: store, app.kubernetes.io/component: database}"
    )
    text = text.replace("postgres:17", "postgres:17\n        ports: [{containerPort: 5432}]")
    assert [name for _, name, _ in shown(book(roles, text))] == [winner]


@pytest.mark.parametrize(
    ("matcher", "reason"),
    [
        ({"names": ["s*"]}, "name store"),
        ({"components": ["postgresql"]}, "image postgresql in container main"),
        ({"components": ["datastore"]}, "image postgresql in container main"),
        ({"images": ["post*"]}, "image postgres in container main"),
        ({"ports": [5432]}, "port 5432 of container main"),
        ({"environment": ["PG*"]}, "variable PGDATA of container main"),
        ({"kinds": ["StatefulSet"]}, "kind StatefulSet"),
        ({"kinds": ["StatefulSet.apps"]}, "kind StatefulSet"),
        ({"labels": {"app": ["st*"]}}, "label app: store"),
        ({"names": ["s*"], "ports": [5432, 1]}, "name store, port 5432 of container main"),
        ({"kinds": ["StatefulSet"], "names": ["s*"]}, "kind StatefulSet, name store"),
    ],
)
def test_every_part_of_a_matcher_has_a_reason(matcher: dict[str, Any], reason: str) -> None:
    text = POSTGRES.replace(
        "postgres:17", "postgres:17\n        ports: [{containerPort: 5432}]\n        env: [{name: PGDATA, value: /d}]"
    )
    assert shown(book([role("x", matcher)], text)) == [("StatefulSet/store", "x", reason)]


@pytest.mark.parametrize(
    "matcher",
    [
        {"names": ["s*"], "ports": [1]},
        {"names": ["s*"], "labels": {"app": ["other"]}},
        {"names": ["s*"], "kinds": ["Deployment"]},
        {"kinds": ["StatefulSet.example.org"]},
        {"components": ["redis"]},
        {"images": ["main"]},
        {"names": ["s*"], "environment": ["A"]},
        {"names": ["s*"], "place": "serves"},
    ],
)
def test_a_matcher_needs_all_its_parts(matcher: dict[str, Any]) -> None:
    assert shown(book([role("x", matcher)], POSTGRES)) == []


def test_jobs_play_only_roles_of_their_kind() -> None:
    job = workload("Job", "store", api="batch/v1")
    assert shown(book([role("x", BY_NAME)], job)) == []
    assert shown(book([role("x", {"kinds": ["Job"], **BY_NAME})], job)) == [("Job/store", "x", "kind Job, name store")]


def calls(host: str) -> str:
    return f"env: [{{name: TARGET_URL, value: 'http://{host}:80'}}]"


ENTRY = thing(
    "networking.k8s.io/v1", "Ingress", "door", "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("routed-from-entry-point", "Ingress/door routes to it through Service/web"),
        ("called-by-none", None),
        ("serves", "Service/web serves it"),
    ],
)
def test_places_in_the_graph(place: str, reason: str | None) -> None:
    found = book([role("x", {"place": place, "names": ["web"]})], workload(name="web"), service("web"), ENTRY)
    assert [why for _, _, why in shown(found)] == ([f"name web, {reason}"] if reason else [])


def test_a_place_may_ask_for_roles_given_before() -> None:
    texts = [workload(container=calls("store")), POSTGRES, service("store")]
    roles = [role("api", {"place": "calls-datastore"}), role("database", COMPONENT)]
    assert shown(book(roles, *texts)) == [
        ("Deployment/api", "api", "it connects to StatefulSet/store"),
        ("StatefulSet/store", "database", "image postgresql in container main"),
    ]


def test_assignments_stand_in_reading_order() -> None:
    texts = [workload(name=name) for name in ("c", "a", "b")]
    assert [str(item) for item in book([role("x", {"names": ["*"]})], *texts).players("x")] == [
        "Deployment/c",
        "Deployment/a",
        "Deployment/b",
    ]


def test_a_role_adds_its_traits_to_those_of_the_component() -> None:
    found = book([role("x", BY_NAME, traits=["cache"])], POSTGRES)
    (resource,) = found.assignments
    assert {"cache", "datastore"} <= found.traits(resource)
    assert found.with_trait("cache") == (resource,)
    assert found.plays(resource, "x")
    assert not found.plays(resource, "y")
    component = found.component(resource)
    assert component is not None
    assert component.id == "postgresql"


def test_without_an_architecture_components_are_known_all_the_same() -> None:
    graph = graph_of(POSTGRES)
    found = RoleBook(None, {}, recognise(graph, catalogue()))
    assert found.with_trait("datastore") == (graph.resources[0],)
    assert found.role_of(graph.resources[0]) is None


def test_the_report_shows_role_place_and_reason() -> None:
    (item,) = check(POSTGRES, "architecture: web-app").roles
    assert (item.architecture, item.role, str(item.resource)) == ("web-app", "database", "StatefulSet/store")
    assert (str(item.location), item.reason) == ("app.yaml:3:18", "image postgresql in container main")


def test_the_configuration_of_a_project_gives_roles() -> None:
    text = workload(name="thing")
    configuration = "{architecture: web-app, roles: [{role: cache, kind: Deployment, name: 'th*'}]}"
    (item,) = check(text, configuration).roles
    assert (item.role, item.reason) == ("cache", "named in the configuration")


def test_an_operator_kind_plays_the_role_of_what_it_deploys() -> None:
    kafka = thing("kafka.strimzi.io/v1beta2", "Kafka", "events")
    (item,) = check(kafka, "architecture: data-pipeline").roles
    assert (item.role, item.reason) == ("broker", "kind Kafka of kafka.strimzi.io")


def test_every_matcher_of_the_catalogue_names_places_and_components_that_exist() -> None:
    traits = {trait for component in catalogue().components.values() for trait in component.traits}
    known = traits | set(catalogue().components)
    unknown = [
        (known_architecture.id, entry.id, name)
        for known_architecture in catalogue().architectures.values()
        for entry in known_architecture.roles
        for matcher in entry.matchers
        for name in (*matcher.components, *((matcher.place,) if matcher.place else ()))
        if name not in known and name not in PLACES
    ]
    assert unknown == []


def test_an_exporter_beside_a_program_does_not_make_it_an_exporter() -> None:
    beside = workload(name="web") + "      - {name: metrics, image: nginx/nginx-prometheus-exporter:1}\n"
    before = beside.replace(
        "- name: main", "- {name: metrics, image: nginx/nginx-prometheus-exporter:1}\n      - name: main", 1
    )
    alone = workload(name="web").replace("registry.example/main:1", "nginx/nginx-prometheus-exporter:1")
    found = [recognise(graph_of(text), catalogue()) for text in (beside, before, alone)]
    assert [[item.component.id for item in each.values()] for each in found] == [[], ["exporter"], ["exporter"]]


def test_a_tier_does_not_make_a_datastore_a_service() -> None:
    labelled = POSTGRES.replace("name: store, namespace: shop", "name: store, labels: {tier: backend}")
    services, databases = (
        role("services", {"labels": {"tier": ["backend"]}}),
        role("databases", {"components": ["sql"]}),
    )
    assert [name for _, name, _ in shown(book([services, databases], labelled))] == ["databases"]
    assert [name for _, name, _ in shown(book([services], labelled))] == ["services"]
    mixed = role("services", {"labels": {"tier": ["backend"]}}, {"components": ["sql"]})
    assert [name for _, name, _ in shown(book([mixed, databases], labelled))] == ["services"]


@pytest.mark.parametrize(
    ("image", "port", "known"),
    [
        ("shop/carts-mongodb:1", 27017, ["mongodb"]),
        ("shop/carts-mongodb:1", 8080, []),
        ("shop/mongodb-exporter:1", 27017, ["exporter"]),
        ("shop/kafka-ui:1", 9092, []),
        ("shop/mysql-router:1", 3306, []),
        ("shop/vault-agent:1", 8200, []),
    ],
)
def test_an_image_of_ones_own_is_known_by_port_and_name(image: str, port: int, known: list[str]) -> None:
    text = workload(name="main").replace(
        "registry.example/main:1", f"{image}\n        ports: [{{containerPort: {port}}}]"
    )
    assert [item.component.id for item in recognise(graph_of(text), catalogue()).values()] == known


def test_an_image_of_ones_own_is_known_by_port_and_the_name_of_its_container() -> None:
    text = workload(name="ledger").replace("name: main", "name: redis\n        ports: [{containerPort: 6379}]")
    assert [item.component.id for item in recognise(graph_of(text), catalogue()).values()] == ["redis"]


def test_of_several_programs_in_an_image_port_and_name_tell_which_runs() -> None:
    text = workload("StatefulSet", "zoo").replace(
        "name: main", "name: zookeeper\n        ports: [{containerPort: 2181}, {containerPort: 2888}]"
    )
    shared = text.replace("registry.example/main:1", "registry.example/kafka:3.9")
    assert [item.component.id for item in recognise(graph_of(shared), catalogue()).values()] == ["zookeeper"]
    odd = shared.replace("2181", "12181")
    assert [item.component.id for item in recognise(graph_of(odd), catalogue()).values()] == ["kafka"]
