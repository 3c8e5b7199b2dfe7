"""Mutants of what operates an application: backups, metrics, alerts, logs, delivery, documents, secrets' providers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.model.resource import Resource, dig
from refarch_lint.model.workload import Workload
from tests.mutation.making import Maker, Spots, has, mapping, sequence, spot
from tests.mutation.world import Mutant, Spot, World, within

_DUMPS = re.compile(r"\b(?:pg_dump|mongodump|clickhouse-backup|mc mirror|rclone|restic backup|elasticdump|mysqldump)\b")


def everyone(world: World) -> Spots:
    """Return the name of every workload: demands of a whole tree are told at one of them."""
    return tuple(spot(workload.resource, "metadata", "name") for workload in world.graph.workloads)


def _scripts(workload: Workload) -> str:
    words = [
        word
        for container in workload.containers
        for field in ("command", "args")
        for word in sequence(container.data.get(field))
        if isinstance(word, str)
    ]
    return "\n".join(words)


def backup_jobs(world: World) -> Iterator[Workload]:
    """Yield the CronJobs that play the role of a backup."""
    book = fit_architecture(world.graph, world.catalogue, world.settings).book
    for resource in book.players("backup"):
        workload = world.graph.workload(resource)
        if workload is not None and resource.kind == "CronJob":
            yield workload


def backups(world: World) -> Iterator[Mutant]:
    """Backups that never run, run twice at once, hide their failures, keep everything, or are gone."""
    make = Maker(world, "backups")
    book = fit_architecture(world.graph, world.catalogue, world.settings).book
    stores = tuple(spot(item, "metadata", "name") for item in book.with_trait("datastore"))
    for workload in backup_jobs(world):
        job, scripts = workload.resource, _scripts(workload)
        schedule = ("spec", "schedule")
        yield make.replace(job, schedule, '"0 0 30 2 *"', "backup-schedule-valid", value="0 0 30 2 *")
        yield make.replace(
            job, schedule, '"61 2 * * *"', "backup-schedule-valid", "field-values-valid", value="61 2 * * *"
        )
        yield make.replace(
            job,
            ("spec", "concurrencyPolicy"),
            "Allow",
            "backup-schedule-valid",
            at=(spot(job, "spec", "concurrencyPolicy"),),
        )
        yield make.remove(
            job,
            ("spec", "concurrencyPolicy"),
            "backup-schedule-valid",
            at=(spot(job, "spec"), spot(job, "metadata", "name")),
        )
        yield make.replace(job, ("spec", "startingDeadlineSeconds"), "5", "backup-schedule-valid", value=5)
        yield make.add(job, schedule, "suspend", "true", True, "backup-schedule-valid")
        yield make.drop(job, "datastore-backed-up", "architecture-roles", at=(*stores, *everyone(world)))
        body = (within(job, *workload.pod_spec_path),)
        if "set -euo pipefail" in scripts:
            yield _in(make, job, "set -euo pipefail", "set -u", "backup-fails-loudly", at=body)
        if " --prune" in scripts and "restic forget" in scripts:
            forget = re.search(r"restic forget(?:[^\n]*\\\n)*[^\n]*\n", job.document.text)
            assert forget is not None
            yield _in(make, job, forget.group(), "true\n", "backup-retention", at=body)
        hosts = (spot(job, "metadata", "name"), *body, *stores)
        for need in world.graph.needs_by_source.get(job, ()):
            if need.service is not None and need.service.kind == "Service":
                rules = ("service-reference-exists", "backup-reaches-datastore", "datastore-backed-up")
                place = need.place
                old = place.resource.document
                if place.path and isinstance(dig(place.resource.data, *_plain(place.path)), str):
                    value = dig(place.resource.data, *_plain(place.path))
                    renamed = value.replace(need.service.name, f"{need.service.name}-gone")
                    if renamed != value and old is place.resource.document and "\n" not in value:
                        yield make.replace(
                            place.resource,
                            _plain(place.path),
                            renamed,
                            *rules,
                            at=(*hosts, spot(place.resource, *_plain(place.path))),
                        )


def _plain(path: tuple[object, ...]) -> tuple[str | int, ...]:
    return tuple(part for part in path if isinstance(part, str | int))


def _in(make: Maker, resource: Resource, old: str, new: str, *rules: str, at: Spots) -> Mutant:
    """Replace words inside the document of an object."""
    file = resource.document.file
    text, own = make.world.text(file), resource.document.text
    assert text.count(own) == 1
    changed = text.replace(own, own.replace(old, new))
    return Mutant(make.subject, f"{new} for {old} in {resource} of {file}", {file: changed}, rules, at)


def histories(world: World) -> Iterator[Mutant]:
    """Jobs that are kept for ever."""
    make = Maker(world, "backups")
    for resource in world.graph.index.of_kind("CronJob", "batch"):
        for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
            if field in resource.spec:
                path = ("spec", field)
                yield make.replace(resource, path, "5000", "job-history-bounded", value=5000)


def metrics(world: World) -> Iterator[Mutant]:
    """Targets that nobody scrapes, monitors that find nothing, ports that are not there."""
    make = Maker(world, "observability")
    for kind in ("PodMonitor", "ServiceMonitor"):
        endpoints = "podMetricsEndpoints" if kind == "PodMonitor" else "endpoints"
        for monitor in world.graph.index.of_kind(kind, "monitoring.coreos.com"):
            yield make.drop(monitor, "metrics-scraped", at=everyone(world))
            for key in mapping(monitor.spec["selector"].get("matchLabels")):
                path = ("spec", "selector", "matchLabels", key)
                near = (spot(monitor, *path), spot(monitor, "spec", "selector"), *everyone(world))
                yield make.replace(monitor, path, "other", "scrape-target-exists", "metrics-scraped", at=near)
            for index, endpoint in enumerate(sequence(monitor.spec.get(endpoints))):
                if isinstance(endpoint.get("port"), str):
                    path = ("spec", endpoints, index, "port")
                    near = (spot(monitor, *path), *everyone(world))
                    yield make.replace(monitor, path, "nowhere", "scrape-target-exists", "metrics-scraped", at=near)
    for workload in world.graph.workloads:
        resource, path = workload.resource, (*workload.template_path, "metadata", "annotations")
        if workload.pod_annotations.get("prometheus.io/scrape") == "true":
            scrape = (*path, "prometheus.io/scrape")
            near = (spot(resource, "metadata", "name"), spot(resource, *scrape), *everyone(world))
            yield make.remove(resource, scrape, "metrics-scraped", at=near)
        if "prometheus.io/port" in workload.pod_annotations:
            port = (*path, "prometheus.io/port")
            near = (spot(resource, "metadata", "name"), spot(resource, *port))
            yield make.replace(
                resource, port, '"4242"', "scrape-target-exists", "metrics-scraped", value="4242", at=near
            )


def alerts(world: World) -> Iterator[Mutant]:
    """Alerts that are not defined or reach nobody; dashboards and collectors that are gone."""
    make = Maker(world, "observability")
    rules = world.graph.index.of_kind("PrometheusRule", "monitoring.coreos.com")
    if len(rules) == 1:
        yield make.drop(rules[0], "alerts-defined", at=everyone(world))
    for resource in world.graph.index.of_kind("ConfigMap", ""):
        data = mapping(resource.data.get("data"))
        if any(name.startswith("alertmanager") for name in data):
            for name in sorted(
                set(re.findall(r"^\s+- name: ([\w-]+)$", str(data), re.MULTILINE))
                or re.findall(r"receiver: ([\w-]+)", "".join(data.values()))
            ):
                near = (within(resource, "data"),)
                yield _in(make, resource, f"receiver: {name}", "receiver: nobody", "alert-receiver-real", at=near)
        if resource.labels.get("grafana_dashboard") and _only_dashboard(resource, world):
            yield make.drop(resource, "dashboards-provisioned", at=everyone(world))
    for daemon in world.graph.index.of_kind("DaemonSet", "apps"):
        if "log-collector" in fit_architecture(world.graph, world.catalogue, world.settings).book.traits(daemon):
            yield make.drop(daemon, "logs-collected", at=everyone(world))


def _only_dashboard(resource: Resource, world: World) -> bool:
    labelled = [item for item in world.graph.index.of_kind("ConfigMap", "") if item.labels.get("grafana_dashboard")]
    return labelled == [resource]


def providers(world: World) -> Iterator[Mutant]:
    """Secrets that nothing provides any more, or not under the name or key that is asked for."""
    make = Maker(world, "configuration and secrets")
    for secret in world.graph.index.of_kind("ExternalSecret", "external-secrets.io"):
        users = [item for item in world.graph.references if item.target is secret]
        if not users:
            continue
        near = tuple(
            spot(item.place.resource, *_plain(path))
            for item in users
            for path in (
                item.place.path,
                (*item.place.path[:-1], "key"),
                *((*item.place.path[:-1], "items", index, "key") for index in range(6)),
            )
        )
        yield make.drop(secret, "secret-reference-exists", "tls-secret-provided", at=near)
        if has(secret.spec, "target", "name"):
            yield make.replace(secret, ("spec", "target", "name"), "renamed", "secret-reference-exists", at=near)
        asked = {item.key for item in users}
        for index, entry in enumerate(sequence(secret.spec.get("data"))):
            templated = has(secret.spec, "target", "template", "data")
            if entry.get("secretKey") in asked and not templated:
                path = ("spec", "data", index, "secretKey")
                yield make.replace(secret, path, "renamed", "secret-reference-exists", at=near)
        for key in mapping(mapping(mapping(secret.spec.get("target")).get("template")).get("data")):
            if key in asked:
                path = ("spec", "target", "template", "data", key)
                yield make.rename(secret, path, "renamed", "secret-reference-exists", at=near)


def delivery(world: World) -> Iterator[Mutant]:
    """Delivery that follows the newest commit, from anywhere to anywhere, without undoing what drifts."""
    make = Maker(world, "delivery")
    for application in world.graph.index.of_kind("Application", "argoproj.io"):
        source = ("spec", "source", "targetRevision")
        yield make.replace(application, source, "HEAD", "gitops-source-pinned")
        yield make.remove(
            application,
            source,
            "gitops-source-pinned",
            at=(
                spot(application, *source),
                spot(application, "metadata", "name"),
                spot(application, "spec", "source", "repoURL"),
            ),
        )
        project = ("spec", "project")
        yield make.replace(application, project, "default", "gitops-project-scoped")
        heal = ("spec", "syncPolicy", "automated", "selfHeal")
        near = (
            spot(application, *heal),
            spot(application, "metadata", "name"),
            spot(application, "spec", "syncPolicy"),
            spot(application, "spec", "syncPolicy", "automated"),
        )
        yield make.replace(application, heal, "false", "gitops-self-heals", value=False, at=near)
        yield make.remove(application, heal, "gitops-self-heals", at=near)
        if len(world.graph.index.of_kind("Application", "argoproj.io")) == 1:
            yield make.drop(
                application,
                "gitops-present",
                "architecture-roles",
                at=(*everyone(world), *(spot(item, "metadata", "name") for item in world.resources)),
            )
    for project_object in world.graph.index.of_kind("AppProject", "argoproj.io"):
        for field in ("sourceRepos",):
            path = ("spec", field, 0)
            near = (
                spot(project_object, *path),
                spot(project_object, "spec", field),
                spot(project_object, "metadata", "name"),
            )
            yield make.replace(project_object, path, '"*"', "gitops-project-scoped", value="*", at=near)


def pipelines(world: World) -> Iterator[Mutant]:
    """Pipelines that are gone, or no longer test, scan or deploy by commit."""
    make, file = Maker(world, "pipeline and documents"), ".gitlab-ci.yml"
    text = world.text(file)
    first = everyone(world)
    yield make.gone(file, "pipeline-present", at=first)
    yield make.gone(file, "pipeline-tests", at=first)._replace(change=f"remove {file} with its tests")
    yield make.gone(file, "pipeline-scans-images", at=first)._replace(change=f"remove {file} with its scan")
    job = re.search(r"^test:\n(?:[ \n].*\n|\n)+", text, re.MULTILINE)
    assert job is not None
    untested = text.replace(job.group(), "")
    yield Mutant(make.subject, f"no tests in {file}", {file: untested}, ("pipeline-tests",), (Spot(file), *first))
    scans = (
        text.replace("trivy image", "echo image").replace("trivy ", "echo ").replace("aquasec/trivy", "library/alpine")
    )
    yield Mutant(make.subject, f"no scanner in {file}", {file: scans}, ("pipeline-scans-images",), (Spot(file), *first))
    push = 'git push "https://deploy'
    pushed = next(line for line in text.splitlines() if push in line)
    yield make.retext(
        file,
        pushed.strip().removeprefix("- "),
        "kubectl set image deployment/api api=$IMAGE",
        "pipeline-deploys-declaratively",
    )


def documents(world: World) -> Iterator[Mutant]:
    """Documents that are gone: architecture, deployment, runbook; nobody named to turn to."""
    make, first = Maker(world, "pipeline and documents"), everyone(world)
    alerts_at = tuple(
        within(item, "spec") for item in world.graph.index.of_kind("PrometheusRule", "monitoring.coreos.com")
    )
    yield make.gone("README.md", "architecture-documented", at=first)
    yield make.gone("docs/deployment.md", "deployment-documented", at=first)
    yield make.gone("docs/runbook.md", "runbooks-present", at=(*first, *alerts_at))


GENERATORS = (backups, histories, metrics, alerts, providers, delivery, pipelines, documents)
