"""Every mutant of a reference set, and why the survivors survive."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256

from tests.mutation import network, objects, operations, pods, validity
from tests.mutation.world import Mutant, World

#: The same change is made to at most so many objects of a set, chosen by the hash of its description.
SAME_CHANGE = 6

#: Survivors by a pattern on their description, and why nothing can or need be told.
EXPLANATIONS: tuple[tuple[str, str], ...] = (
    (
        r"topologySpreadConstraints\[0\]",
        "The second constraint still spreads the replicas over zones, and with them over nodes.",
    ),
    (r"lifecycle of Deployment/frontend", "The hook of the other container still delays the end of the pod's service."),
    (
        r"remove spec\.tls\[\d\]\.secretName",
        "Without a name the controller serves its default certificate, which may well cover the host.",
    ),
    (
        r"(?:LoadBalancer|NodePort) for spec\.type of Service/api-gateway",
        "The API gateway is a door itself: exposing it may be meant.",
    ),
    (
        r"egress\[\d\] of NetworkPolicy/(?:backup|data-ingestion|stream-processor|alertmanager)\b",
        "The rule leads out of the cluster or between replicas; no value of the manifests names the other end in full.",
    ),
    (
        r"gress\[\d\] of NetworkPolicy/(?:rabbitmq|minio|stream-processor)\b",
        "Replicas of one workload talk among themselves: which ports a cluster needs, no manifest says.",
    ),
    (
        r"NetworkPolicy/(?:prometheus|state-metrics)\b",
        "The port serves metrics of the program itself, which no scrape configuration asks for.",
    ),
    (
        r"PodMonitor/events-",
        "The pods are made by the Kafka operator, whose ports and sidecars depend on its version.",
    ),
    (r"remove CronJob/[\w-]*backup", "A Velero schedule still saves the volumes of the namespace."),
    (r"remove docs/deployment\.md", "The README still tells how to deploy."),
    (r"remove docs/runbook\.md", "Every alert still names its runbook by URL."),
)


def mutants(world: World) -> Iterator[Mutant]:
    """Yield the mutants of a set, each once, in order."""
    found: dict[str, Mutant] = {}
    for module in (pods, objects, network, operations, validity):
        for generator in module.GENERATORS:
            for mutant in generator(world):
                found.setdefault(mutant.id, mutant)
    alike: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for mutant in found.values():
        alike[mutant.subject, mutant.sort or mutant.change].append(mutant)
    kept = {
        mutant.id
        for group in alike.values()
        for mutant in sorted(group, key=lambda item: sha256(item.id.encode()).hexdigest())[:SAME_CHANGE]
    }
    yield from (mutant for mutant in found.values() if mutant.id in kept)


def explanation(mutant: Mutant) -> str | None:
    """Return why a survivor survives, or None where nobody knows."""
    return next((why for pattern, why in EXPLANATIONS if re.search(pattern, mutant.change)), None)
