"""Which architecture fits: found without being named, measured, what is missing, and nothing where nothing fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.errors import UsageError
from refarch_lint.evaluate.finding import ArchitectureFit, Report
from refarch_lint.evaluate.lint import lint
from tests.evaluate.running import catalogue, check
from tests.graph.trees import service, thing, workload

ARCHITECTURES = Path(__file__).parents[2] / "fixtures" / "architectures"
IDS = ("web-app", "microservices", "data-pipeline", "full-stack")


def image(name: str, picture: str, kind: str = "Deployment", more: str = "") -> str:
    return workload(kind, name, container=more).replace("registry.example/main:1", picture)


def talks_to(*hosts: str) -> str:
    return "env: [" + ", ".join(f"{{name: T{i}, value: 'http://{host}'}}" for i, host in enumerate(hosts)) + "]"


ENTRY = thing(
    "networking.k8s.io/v1",
    "Ingress",
    "door",
    "spec: {defaultBackend: {service: {name: frontend, port: {number: 80}}}}\n",
)
BACKUP = thing(
    "batch/v1",
    "CronJob",
    "db-backup",
    "spec: {schedule: '0 2 * * *', jobTemplate: {spec: {template: {spec: {containers: []}}}}}\n",
)
SMALL = (
    ENTRY,
    workload(name="frontend"),
    service("frontend"),
    workload(name="api", container=talks_to("db", "cache")),
    service("api"),
    image("db", "postgres:17", "StatefulSet"),
    service("db", port=5432),
    image("cache", "redis:8"),
    service("cache", port=6379),
    BACKUP,
)


def fits(*texts: str, configuration: str = "") -> tuple[ArchitectureFit, ...]:
    return check("---\n".join(texts), configuration).architectures


def only(*texts: str, configuration: str = "") -> ArchitectureFit:
    (found,) = fits(*texts, configuration=configuration)
    return found


@pytest.mark.parametrize("architecture", IDS)
@pytest.mark.parametrize("shape", ["reference", "as-documented"])
def test_each_architecture_is_found_without_being_named(architecture: str, shape: str) -> None:
    report = lint([str(ARCHITECTURES / architecture / shape)])
    (found,) = report.architectures
    assert (found.id, found.named) == (architecture, False)
    assert found.fit == 1.0 if shape == "reference" else found.fit >= 0.5
    assert {item.architecture for item in report.roles} == {architecture}


def test_a_small_web_application_is_one() -> None:
    found = only(*SMALL)
    assert (found.id, found.fit, found.missing) == ("web-app", 1.0, ())


@pytest.mark.parametrize(
    ("without", "missing"), [("CronJob", "backup"), ("redis:8", "cache"), ("kind: Ingress", "entry-point")]
)
def test_what_is_missing_is_named_and_costs_fit(without: str, missing: str) -> None:
    found = only(*(text for text in SMALL if without not in text))
    assert found.id == "web-app"
    assert missing in found.missing
    assert found.fit <= 1.0
    if missing != "cache":
        assert found.fit < 1.0


def test_reasons_name_who_plays_the_roles_that_speak_for_it() -> None:
    assert "database: StatefulSet/db (image postgresql in container main)" in only(*SMALL).reasons


def test_several_services_that_serve_are_microservices() -> None:
    names = [f"{name}-service" for name in ("user", "order", "payment", "stock")]
    texts = [text for name in names for text in (workload(name=name), service(name))]
    assert only(*texts).id == "microservices"


@pytest.mark.parametrize(
    "texts",
    [
        (thing("v1", "ConfigMap", "settings"),),
        (image("prometheus", "prom/prometheus:v3"), service("prometheus")),
        (image("kafka", "apache/kafka:4.0.0", "StatefulSet"),),
        (workload("DaemonSet", "agent"),),
        (
            image("kafka", "apache/kafka:4.0.0", "StatefulSet"),
            service("kafka", port=9092),
            workload(name="console", container="env: [{name: KAFKA_BROKERS, value: 'kafka:9092'}]"),
            service("console"),
            workload(name="lag", container="env: [{name: KAFKA_BROKERS, value: 'kafka:9092'}]"),
        ),
    ],
    ids=["configuration only", "monitoring only", "a broker alone", "an agent", "a broker and its clients"],
)
def test_nothing_fits_and_the_checklist_runs_all_the_same(texts: tuple[str, ...]) -> None:
    report: Report = check("---\n".join(texts))
    assert report.architectures == ()
    assert report.roles == ()
    assert len(report.checklist) == 31


def test_a_named_architecture_is_taken_however_badly_it_fits() -> None:
    found = only(workload(name="thing"), configuration="architecture: data-pipeline")
    assert (found.id, found.named, found.fit) == ("data-pipeline", True, 0.0)
    assert "data-lake" in found.missing


def test_none_holds_a_tree_against_no_architecture() -> None:
    assert fits(*SMALL, configuration="architecture: none") == ()


def test_an_architecture_that_does_not_exist_is_an_error_that_lists_those_that_do() -> None:
    with pytest.raises(UsageError, match=f"no architecture 'webapp'; known are {', '.join(sorted(IDS))}"):
        fits(*SMALL, configuration="architecture: webapp")


def test_an_alternative_is_not_missing() -> None:
    without_api = [text for text in SMALL if "name: api" not in text]
    assert "api" not in only(*without_api, configuration="architecture: web-app").missing


def test_each_unit_has_an_answer_of_its_own() -> None:
    files = {"dev/app.yaml": "---\n".join(SMALL), "prod/app.yaml": "---\n".join(SMALL), "lone/thing.yaml": ""}
    found = check(files).architectures
    assert [(item.unit, item.id) for item in found] == [("dev", "web-app"), ("prod", "web-app")]


def test_fit_is_a_share() -> None:
    for architecture in catalogue().architectures:
        found = only(*SMALL, configuration=f"architecture: {architecture}")
        assert 0.0 <= found.fit <= 1.0
        assert found.fit == round(found.fit, 2)
