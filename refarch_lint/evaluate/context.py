"""Everything a rule may ask while it looks at a subject: graph, roles, parameters, settings, repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from refarch_lint.catalogue.architecture import Architecture, Role
from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.catalogue.component import Component
from refarch_lint.catalogue.profile import Profile
from refarch_lint.catalogue.rule import Rule
from refarch_lint.config import Settings
from refarch_lint.evaluate.components import ComponentIndex
from refarch_lint.evaluate.parameters import Layer, Resolved, resolve, value_in
from refarch_lint.evaluate.roles import RoleBook
from refarch_lint.evaluate.selecting import selected_rules
from refarch_lint.evaluate.subject import Subject
from refarch_lint.graph.accounts import AccountIndex
from refarch_lint.graph.alert_rules import Alert, alerts
from refarch_lint.graph.backups import BackupJob, backup_job
from refarch_lint.graph.gitops import delivers
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.scraping import ScrapeIndex
from refarch_lint.graph.telemetry import TelemetryIndex
from refarch_lint.graph.units import Unit
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import workload_of
from refarch_lint.source.loading import FileContent

if TYPE_CHECKING:
    from refarch_lint.evaluate.evidence import Pipeline, RepositoryEvidence
    from refarch_lint.model.api_schema import SchemaStore

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, eq=False)
class Shared:
    """What all units of a run share: the repository around them and the API schemas, each read when first asked for."""

    settings: Settings
    resources: tuple[Resource, ...] = ()

    @cached_property
    def repository(self) -> RepositoryEvidence | None:
        """What the repository around the scanned tree shows; None where there is no repository."""
        if self.settings.repository_start is None:
            return None
        from refarch_lint.evaluate.evidence import gather

        return gather(self.settings.repository_start, self.settings.evidence)

    @cached_property
    def schemas(self) -> SchemaStore:
        """The API schemas of the target Kubernetes version, with the definitions found in the tree."""
        from refarch_lint.model.api_schema import open_schemas

        definitions = [resource.data for resource in self.resources if resource.kind == "CustomResourceDefinition"]
        expected = {(resource.api_version, resource.kind) for resource in self.resources}
        settings = self.settings
        version, locations = settings.kubernetes_version, settings.schema_locations
        strict = value_in(settings.parameters, "schema-valid", "strict", True) is not False
        return open_schemas(
            version, locations, definitions, strict=strict, expected=expected, cache=settings.schema_cache
        )

    @cached_property
    def scraping(self) -> ScrapeIndex:
        """Who scrapes what, over all units: Prometheus and what it scrapes are often deployed apart."""
        return ScrapeIndex(self.resources)

    @cached_property
    def telemetry(self) -> TelemetryIndex:
        """What collects logs and who sends traces, over all units."""
        return TelemetryIndex(self.scraping.index)

    @cached_property
    def accounts(self) -> AccountIndex:
        """Who runs as which account and what binds it, over all units: rights are often kept apart."""
        return AccountIndex(self.scraping.index)

    @cached_property
    def pipelines(self) -> tuple[Pipeline, ...]:
        """The pipelines of the repository, and those that are objects of the tree."""
        from refarch_lint.evaluate.evidence import pipelines_in

        return (*(self.repository.pipelines if self.repository else ()), *pipelines_in(self.resources))

    @cached_property
    def delivering(self) -> tuple[Resource, ...]:
        """The objects by which GitOps controllers deliver."""
        return tuple(resource for resource in self.resources if delivers(resource))

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerting rules of the whole tree."""
        return tuple(alerts(self.resources))

    @cached_property
    def first(self) -> Resource | None:
        """The first workload of the run, else its first object, at which a finding about the repository stands."""
        return next((item for item in self.resources if workload_of(item)), next(iter(self.resources), None))


@dataclass(frozen=True, eq=False)
class RunContext:
    """What is the same for every rule of a unit."""

    graph: ResourceGraph
    roles: RoleBook
    catalogue: Catalogue
    settings: Settings
    files: tuple[FileContent, ...]
    shared: Shared
    unit: Unit = Unit(".", frozenset())  # noqa: RUF009 (it is immutable)
    _answers: dict[tuple[object, ...], Any] = field(default_factory=dict, init=False, repr=False)
    _parameters: dict[tuple[str | None, ...], Resolved] = field(default_factory=dict, init=False, repr=False)

    def once(self, question: Callable[[RunContext, *Ts], T], *details: *Ts) -> T:
        """Return the answer to a question that is the same for every subject of the unit; it is asked once.

        `details` are what else the question is about.
        """
        key = (question, *details)
        if key not in self._answers:
            self._answers[key] = question(self, *details)
        answer: T = self._answers[key]
        return answer

    def profile_of(self, subject: Subject) -> Profile:
        """Return the profile that applies to a subject: by path or namespace, else the run's own."""
        return (
            self.only_profile
            or self.catalogue.profiles[self.settings.profile_for(subject.resource.document.file, subject.namespace)]
        )

    @cached_property
    def only_profile(self) -> Profile | None:
        """The profile that applies to every subject, None where the settings choose by path or namespace."""
        settings = self.settings
        are_several = settings.profile_choices or any(item.profile for item in settings.applications)
        return None if are_several else self.catalogue.profiles[settings.profile]

    @cached_property
    def _running(self) -> frozenset[str]:
        return frozenset(rule.id for rule in selected_rules(self.catalogue, self.settings))

    def runs(self, rule: str) -> bool:
        """Tell whether a rule is part of this run, for rules that leave a cause to another one."""
        return rule in self._running

    def parameter(self, rule: Rule, name: str, subject: Subject) -> Resolved:
        """Return a rule's parameter for a subject, with its origin; subjects with the same layers share it."""
        roles, resource = self.roles, subject.resource
        part = roles.part_of(resource, subject.namespace)
        architecture = part.architecture if part else None
        profile, component, role = self.profile_of(subject), roles.component(resource), roles.role_of(resource)
        key = (
            rule.id,
            name,
            profile.id,
            architecture and architecture.id,
            component and component.id,
            role and role.id,
        )
        found = self._parameters.get(key)
        if found is None:
            found = self._parameters[key] = resolve(rule, name, self._layers(profile, architecture, component, role))
        return found

    def _layers(
        self, profile: Profile, architecture: Architecture | None, component: Component | None, role: Role | None
    ) -> Iterator[Layer]:
        """Yield the origins of parameter values, weakest first, after the rule's own defaults."""
        yield Layer(f"profile {profile.id}", profile.parameters)
        if architecture is not None:
            yield Layer(f"architecture {architecture.id}", architecture.parameters)
        if component is not None:
            yield Layer(f"component {component.id}", component.parameters)
        if role is not None:
            yield Layer(f"role {role.id}", role.parameters)
        yield Layer("the project configuration", self.settings.parameters)

    @cached_property
    def backup_jobs(self) -> Mapping[Resource, BackupJob]:
        """The workloads that save data: those that the graph knows, and those that play the role of a backup."""
        found = {job.resource: job for job in self.graph.backup_jobs}
        for resource in self.roles.players("backup"):
            workload = self.graph.workload(resource)
            if workload is not None and resource not in found:
                job = backup_job(self.graph, workload, "role backup")
                if job is not None:
                    found[resource] = job
        return found

    @cached_property
    def _backup_jobs_by_namespace(self) -> Mapping[str, tuple[BackupJob, ...]]:
        """The backups by namespace; those that run commands in pods of any namespace stand under the empty name."""
        found: dict[str, list[BackupJob]] = {}
        for job in self.backup_jobs.values():
            found.setdefault(job.resource.namespace, []).append(job)
            if any("exec" in step.command.words for step in job.steps):
                found.setdefault("", []).append(job)
        return {namespace: tuple(jobs) for namespace, jobs in found.items()}

    def backup_jobs_near(self, datastore: Resource) -> tuple[BackupJob, ...]:
        """Return the backups that may reach a datastore: those that connect to it, and those of its namespace."""
        jobs = self.backup_jobs
        found = {caller: jobs[caller] for caller in self.graph.callers(datastore) if caller in jobs}
        by_namespace = self._backup_jobs_by_namespace
        for job in (*by_namespace.get(datastore.namespace, ()), *by_namespace.get("", ())):
            found.setdefault(job.resource, job)
        return tuple(job for resource, job in found.items() if resource is not datastore)

    @cached_property
    def components(self) -> ComponentIndex:
        """The well-known software of the catalogue, by image and by kind."""
        return ComponentIndex(self.catalogue.components.values())

    @property
    def repository(self) -> RepositoryEvidence | None:
        """What the repository around the scanned tree shows; None where there is no repository."""
        return self.shared.repository

    @property
    def schemas(self) -> SchemaStore:
        """The API schemas of the target Kubernetes version, with the definitions found in the tree."""
        return self.shared.schemas


@dataclass(frozen=True, eq=False)
class RuleContext:
    """A run as one rule sees it."""

    run: RunContext
    rule: Rule
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def graph(self) -> ResourceGraph:
        return self.run.graph

    @property
    def roles(self) -> RoleBook:
        return self.run.roles

    @property
    def settings(self) -> Settings:
        return self.run.settings

    def parameter(self, name: str, subject: Subject) -> Resolved:
        """Return a parameter of this rule for a subject, with its origin."""
        return self.run.parameter(self.rule, name, subject)
