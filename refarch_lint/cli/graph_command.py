"""`refarch-lint graph`: draw the architecture, list the allowed connections, or explain one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final

import click

from refarch_lint.cli import ExitCode
from refarch_lint.cli.check_command import write_report
from refarch_lint.cli.endpoint_names import AskedPort, endpoint_of, port_of
from refarch_lint.cli.graph_notices import Notice, notices
from refarch_lint.cli.options import settings_from, shared_options
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.evaluate.lint import read_resources
from refarch_lint.evaluate.own_rules import catalogue_with
from refarch_lint.evaluate.predicates.flow_wording import denied_sides, rule_to_add
from refarch_lint.evaluate.roles import RoleBook
from refarch_lint.graph.connections import connections
from refarch_lint.graph.connectivity import Endpoint
from refarch_lint.graph.connectivity_decision import Decision
from refarch_lint.graph.flow_ends import FlowEnd
from refarch_lint.graph.flows import FlowKind, FlowVerdict, NeededFlow
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.units import deployed, partition
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload
from refarch_lint.report.connection_text import explanation
from refarch_lint.report.diagram import to_dot, to_json, to_mermaid
from refarch_lint.report.diagram.drawing import architecture_diagram, whole_diagram
from refarch_lint.source.beside import FilesBeside
from refarch_lint.source.discovery import discover
from refarch_lint.source.loading import FileContent, read_file

Drawing = Callable[[ResourceGraph, RoleBook], str]

_FORMATS: Final[Mapping[str, Drawing]] = {
    "mermaid": lambda graph, book: to_mermaid(architecture_diagram(graph, book)),
    "dot": lambda graph, book: to_dot(architecture_diagram(graph, book)),
    "json": lambda graph, book: to_json(whole_diagram(graph, book)),
    "connections": lambda graph, _: "".join(f"{line}\n" for line in connections(graph.network)),
}


@click.command("graph", short_help="Draw the architecture, list or explain connections.")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared_options
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_FORMATS)),
    default="mermaid",
    show_default=True,
    help="mermaid and dot draw what runs and who reaches whom; json has every object and relation; connections lists "
    "what the network policies allow, one line each, sorted.",
)
@click.option("--output", default="-", metavar="FILE", help="Where the result goes; Mermaid in a .md file is fenced.")
@click.option("--unit", metavar="NAME", help="Only this unit of the tree: a kustomization or a folder of manifests.")
@click.option(
    "--explain",
    nargs=2,
    metavar="SOURCE DESTINATION [PORT]",
    help="Say why a connection is allowed or denied, with the lines that decide. An end is a workload "
    "(shop/api[Deployment], Deployment/api, api), a Service, namespace:NAME for any pod there, or addresses; a port is "
    "a number or a name, UDP/53 for another protocol.",
)
def command(
    paths: tuple[str, ...],
    architecture: str | None,
    profile: str | None,
    config_file: str | None,
    kubernetes_version: str | None,
    debug: bool,
    form: str,
    output: str,
    unit: str | None,
    explain: tuple[str, str] | None,
) -> int:
    """Draw what the manifests below PATH (default: the current folder) deploy, and who may reach whom."""
    asked: str | None = None
    if explain is not None:
        paths, asked = _without_port(paths)
    settings = settings_from(paths, config_file, architecture, profile, kubernetes_version)
    contents = _contents(paths or (".",), settings)
    graph = _graph(contents, settings, unit)
    if not graph.resources:
        _tell(notices(contents, graph.network))
        click.echo("error: no Kubernetes object found in what was given", err=True)
        return ExitCode.NOTHING_FOUND
    if explain is not None:
        write_report(_explained(graph, *explain, port_of(asked)), output)
        return ExitCode.CLEAN
    catalogue = catalogue_with(settings.rule_folders)
    book = fit_architecture(graph, catalogue, settings).book
    text = _FORMATS[form](graph, book)
    if form == "mermaid" and output.endswith((".md", ".markdown")):
        text = f"```mermaid\n{text}```\n"
    write_report(text, output)
    told = notices(contents, graph.network)
    _tell(told)
    is_wrong = form == "connections" and any(notice.grave for notice in told)
    return ExitCode.FINDINGS if is_wrong else ExitCode.CLEAN


def _tell(told: Iterable[Notice]) -> None:
    for notice in told:
        click.echo(notice, err=True)


def _without_port(paths: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Return the paths without the port that is asked about, which stands behind or before them, and that port."""
    for index in (len(paths) - 1, 0):
        if paths and paths[index] != "-" and not FilePath(paths[index]).exists():
            return (*paths[:index], *paths[index + 1 :]), paths[index]
    return paths, None


def _contents(paths: tuple[str, ...], settings: Settings) -> tuple[FileContent, ...]:
    discovered = discover(paths, stdin=sys.stdin.buffer.read, exclude=settings.exclude)
    return tuple(read_file(file) for file in discovered.files)


def _graph(contents: tuple[FileContent, ...], settings: Settings, unit: str | None) -> ResourceGraph:
    """Return the graph of a whole tree as it is deployed, or of one of its units.

    Raises UsageError if there is no such unit.
    """
    resources = read_resources(contents, settings)
    units = {item.name: item for item in partition(contents, resources).units}
    if unit is not None and unit not in units:
        raise UsageError(f"no unit {unit!r}; there are {', '.join(units)}")
    chosen = units.values() if unit is None else [units[unit]]
    moved: dict[tuple[Resource, str], Resource] = {}
    beside = FilesBeside(contents)
    found = (item for part in chosen for item in deployed(part, resources, moved, beside))
    return ResourceGraph(dict.fromkeys(found), settings.external)


def _explained(graph: ResourceGraph, source: str, destination: str, asked: AskedPort) -> str:
    """Return why a connection is allowed or denied; one to a Service is followed to the pods behind it."""
    first, second = endpoint_of(source, graph), endpoint_of(destination, graph)
    if isinstance(first, Resource):
        raise UsageError(f"{source!r} is a Service, which opens no connections: name a workload")
    texts = []
    for end, port in _ends(second, asked, graph):
        decision = graph.network.decide(first, end, port.port, port.protocol)
        needed = _needed(graph, first, end, port)
        texts.append(explanation(first, end, str(port), decision, needed, _advice(first, end, port, decision, graph)))
    return "\n".join(texts)


def _advice(
    source: Endpoint, destination: Endpoint, port: AskedPort, decision: Decision, graph: ResourceGraph
) -> list[str]:
    """Return the rules that would allow a connection between two workloads on a port."""
    if not isinstance(source, Workload) or not isinstance(destination, Workload) or not isinstance(port.port, int):
        return []
    first, second = (FlowEnd(end.resource, str(end), (graph.network.pod(end),)) for end in (source, destination))
    flow = NeededFlow(
        FlowKind.TRAFFIC,
        source.resource,
        first,
        second,
        port.port,
        port.protocol,
        FlowVerdict.ALLOWED if decision.allowed else FlowVerdict.DENIED,
        decision,
        (),
    )
    return [rule_to_add((flow,), side, graph) for side in denied_sides(flow, graph) if not side.refused]


def _ends(
    destination: Endpoint | Resource, asked: AskedPort, graph: ResourceGraph
) -> Iterator[tuple[Endpoint, AskedPort]]:
    if not isinstance(destination, Resource):
        yield destination, asked
        return
    if asked.port is None:
        for workload in graph.selected(destination):
            yield workload, asked
        return
    targets = graph.network.resolve_service_port(destination, asked.port)
    if not targets:
        raise UsageError(f"{destination} has no pods behind port {asked.port}")
    for target in targets:
        yield target.workload, AskedPort(target.port, target.protocol)


def _needed(graph: ResourceGraph, source: Endpoint, destination: Endpoint, port: AskedPort) -> list[NeededFlow]:
    if not isinstance(source, Workload) or not isinstance(destination, Workload):
        return []
    return [
        flow
        for flow in graph.flows.by_source.get(source.resource, ())
        if flow.destination.resource is destination.resource and port.port in (None, flow.port)
    ]
