"""The reference manifests keep every rule of the catalogue, and their NetworkPolicies let through what is needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from refarch_lint.evaluate.finding import Report, Verdict
from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.evaluate.lint import lint, read_resources
from refarch_lint.graph.edge import ReferenceStatus
from refarch_lint.graph.flows import FlowVerdict
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.source.discovery import discover
from refarch_lint.source.loading import read_file
from tests.evaluate.running import catalogue
from tests.reference_sets import ARCHITECTURES, IDS, inside, lay_out, settings

#: Items that no manifest shows; everything else is shown, or is not asked of the architecture.
NOT_SHOWN = {"performance.database-indexes": Verdict.NOT_VERIFIABLE}
NOT_ASKED = {
    "web-app": {"observability.tracing"},
    "microservices": {"performance.cache"},
    "data-pipeline": {"performance.cache", "observability.tracing"},
    "full-stack": {"observability.tracing"},
}

#: Names that only the cluster's own operators could answer for, by architecture.
OPEN_NAMES = {ReferenceStatus.FOUND, ReferenceStatus.PROVIDED, ReferenceStatus.UNVERIFIABLE}


@pytest.fixture(scope="module", params=IDS)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def report(architecture: str, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on a set in a repository of its own, nothing chosen by hand."""
    root = lay_out(architecture, "reference", tmp_path_factory.mktemp(architecture))
    with inside(root):
        return lint(["."], settings(root))


@cache
def graph(architecture: str) -> ResourceGraph:
    files = discover([str(ARCHITECTURES / architecture / "reference")], stdin=None).files
    return ResourceGraph(read_resources((read_file(file) for file in files), settings(Path())))


def test_no_rule_finds_anything(report: Report) -> None:
    assert [f"{item.location}: [{item.rule}] {item.message}" for item in report.findings] == []


def test_every_rule_that_is_on_was_asked(report: Report) -> None:
    assert {outcome.rule for outcome in report.outcomes} == {
        rule.id for rule in catalogue().rules.values() if rule.enabled
    }


def test_everything_was_read(report: Report) -> None:
    assert [item for item in report.coverage.skipped if not item.file.startswith(".")] == []
    assert report.notes == ()


def test_the_architecture_is_found_without_being_named(report: Report, architecture: str) -> None:
    assert [(item.id, item.named, item.fit, item.missing) for item in report.architectures] == [
        (architecture, False, 1.0, ())
    ]


def test_every_item_of_the_checklist_passes_that_manifests_can_show(report: Report, architecture: str) -> None:
    expected = {item.id: Verdict.PASS for item in catalogue().items} | NOT_SHOWN
    expected |= dict.fromkeys(NOT_ASKED[architecture], Verdict.NOT_APPLICABLE)
    assert {item.id: item.verdict for item in report.checklist} == expected


def test_an_attestation_completes_the_checklist(architecture: str, tmp_path: Path) -> None:
    from refarch_lint.config import Attestation

    root = lay_out(architecture, "reference", tmp_path)
    vouched = Attestation("performance.database-indexes", "dana", "2026-05-01", "2026-12-31", "")
    with inside(root):
        found = lint(["."], settings(root, attestations=(vouched,)))
    verdicts = {item.verdict for item in found.checklist}
    assert verdicts == {Verdict.PASS, Verdict.ATTESTED, Verdict.NOT_APPLICABLE}


def test_every_object_is_valid_by_a_schema(report: Report) -> None:
    outcome = next(item for item in report.outcomes if item.rule == "schema-valid")
    assert outcome.unverifiable == ()
    assert outcome.passed == report.coverage.resources


def test_every_name_leads_to_an_object(architecture: str) -> None:
    broken = [str(item.place.locate()) for item in graph(architecture).references if item.status not in OPEN_NAMES]
    assert broken == []


def test_every_connection_that_is_needed_is_allowed(architecture: str) -> None:
    flows = graph(architecture).flows.flows
    assert len(flows) > 10
    refused = [
        f"{flow.source} to {flow.destination} on {flow.port}: {flow.verdict} {flow.why}"
        for flow in flows
        if flow.verdict not in (FlowVerdict.ALLOWED, FlowVerdict.PARTIAL)
    ]
    assert refused == []


def test_every_flow_of_the_architecture_is_there(architecture: str) -> None:
    tree = graph(architecture)
    book = fit_architecture(tree, catalogue(), settings(Path(), architecture=architecture)).book
    known = catalogue().architectures[architecture]
    missing = []
    for flow in known.flows:
        sources, targets = book.players(flow.source), set(book.players(flow.target))
        reached = {peer for source in sources for peer in tree.connected(source)}
        reached |= {item.destination.resource for item in tree.flows.flows if item.source.resource in sources}
        if flow.demand != "optional" and not reached & targets:
            missing.append(f"{flow.source} to {flow.target}")
    assert missing == []


def test_what_does_not_need_a_datastore_cannot_reach_it(architecture: str) -> None:
    tree = graph(architecture)
    book = fit_architecture(tree, catalogue(), settings(Path(), architecture=architecture)).book
    asked, open_doors = 0, []
    for resource in book.with_trait("datastore"):
        store, component = tree.workload(resource), book.component(resource)
        if store is None or component is None:
            continue
        callers = {resource, *tree.callers(resource)}
        for other in tree.workloads:
            for port in component.ports if other.resource not in callers else ():
                asked += 1
                if tree.network.decide(other, store, port).allowed:
                    open_doors.append(f"{other} reaches {store} on {port}")
    assert asked > 0
    assert open_doors == []


def test_pods_that_nobody_knows_cannot_reach_a_datastore(architecture: str) -> None:
    tree = graph(architecture)
    book = fit_architecture(tree, catalogue(), settings(Path(), architecture=architecture)).book
    stores = [(tree.workload(item), book.component(item)) for item in book.with_trait("datastore")]
    strangers = [
        f"{store} on {port}"
        for store, component in stores
        if store is not None and component is not None
        for port in component.ports
        if tree.network.sources_of(store, port).unknown_pod or tree.network.sources_of(store, port).addresses
    ]
    assert strangers == []
