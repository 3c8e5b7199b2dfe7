"""Reference manifests sized for a profile: replicas, autoscalers, requests and limits, and the quotas around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, NamedTuple

from refarch_lint.model.quantity import parse_quantity

DOCUMENT_MARK = re.compile(r"^---$", re.MULTILINE)
_KIND = re.compile(r"^kind: (\w+)$", re.MULTILINE)
_NAME = re.compile(r"^  name: (\S+)$", re.MULTILINE)
_REPLICAS = re.compile(r"^(\s+(?:replicas|minReplicas|maxReplicas): )(\d+)$", re.MULTILINE)
_FIXED = re.compile(r"^  replicas: (\d+)\n", re.MULTILINE)
_QUOTA = re.compile(r"^(\s+([\w./-]+): )(\"?)(\d+)([A-Za-z]*)(\"?)$", re.MULTILINE)
_METADATA = re.compile(r"^metadata:\n((?:  .*\n)+)", re.MULTILINE)
_LABELS = re.compile(r"^  labels:\n(?:    .*\n)+", re.MULTILINE)
_MAIN = re.compile(r"^      containers:\n(?:.*\n)*?          resources:\n((?:            .*\n)+)", re.MULTILINE)
_AMOUNT = re.compile(r"^( +(cpu|memory): )(\S+)$", re.MULTILINE)

#: Connections that each replica may open to a database whose own number of connections stays.
_POOL = re.compile(r"^(  DATABASE_POOL_SIZE: \")(\d+)(\")$", re.MULTILINE)

#: A number of replicas in a text for people, after the node of a diagram that bears the name of the workload, if any.
_TOLD = re.compile(r"(?:(?<![\w-])([\w-]+)(\[[^\]\n]*?))?\b(\d+)(?: to \d+)? replicas?\b")
_SCALE = re.compile(r"^  (replicas|minReplicas|maxReplicas): (\d+)$", re.MULTILINE)

#: The traffic band that the reference manifests are written for.
_WRITTEN_FOR = "medium"


class Written(NamedTuple):
    """What the reference manifests are written for: their replicas, and which workloads follow the traffic.

    `scaled` names StatefulSets whose number of replicas is not decided by their data, `autoscaled` Deployments without
    an autoscaler that a large profile wants one for, `sized` those whose requests and limits follow the band.
    """

    replicas: int
    scaled: tuple[str, ...] = ()
    autoscaled: tuple[str, ...] = ()
    sized: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """What a profile asks for: replicas, whether autoscalers hold them, and requests and limits by traffic band."""

    replicas: int
    autoscaler: bool = False
    traffic: str = _WRITTEN_FOR
    bands: Mapping[str, Any] = field(default_factory=dict)

    @property
    def band(self) -> Mapping[str, Mapping[str, str]]:
        """The requests and limits of the traffic band; empty where it is not known."""
        found: Mapping[str, Mapping[str, str]] = self.bands.get(self.traffic, {})
        return found

    def growth(self, part: str, resource: str) -> float:
        """Return how many times larger an amount of the band is than one of the band that was written for."""
        amounts = [self.bands.get(name, {}).get(part, {}).get(resource) for name in (self.traffic, _WRITTEN_FOR)]
        if None in amounts:
            return 1.0
        return max(1.0, float(parse_quantity(amounts[0]) / parse_quantity(amounts[1])))


def resized(text: str, written: Written, size: Size) -> str:
    """Return a file of reference manifests with the numbers of a profile."""
    return "---".join(_document(document, written, size) for document in DOCUMENT_MARK.split(text))


def retold(text: str, written: Written, size: Size, manifests: Iterable[str]) -> str:
    """Return a text for people with the numbers of replicas of a profile.

    A node of a diagram that bears the name of a workload gets what the `manifests`, which are resized, say of it.
    """
    scales = _scales(manifests)

    def told(match: re.Match[str]) -> str:
        name, label, number = match[1], match[2] or "", int(match[3])
        return f"{name or ''}{label}" + (
            scales.get(name) or _counted(str(_times(number, written.replicas, size.replicas)))
        )

    return _TOLD.sub(told, text)


def _scales(manifests: Iterable[str]) -> dict[str, str]:
    """Return the number of replicas of each workload in words; an autoscaler's two numbers win over a fixed one."""
    scales: dict[str, str] = {}
    for text in manifests:
        for document in DOCUMENT_MARK.split(text):
            numbers: dict[str, str] = {match[1]: match[2] for match in _SCALE.finditer(document)}
            name = _found(_NAME, document)
            if "maxReplicas" in numbers:
                scales[name] = f"{numbers['minReplicas']} to {_counted(numbers['maxReplicas'])}"
            elif "replicas" in numbers:
                scales.setdefault(name, _counted(numbers["replicas"]))
    return scales


def _counted(number: str) -> str:
    return f"{number} replica" if number == "1" else f"{number} replicas"


def _document(text: str, written: Written, size: Size) -> str:
    kind, name = _found(_KIND, text), _found(_NAME, text)
    if kind == "ConfigMap" and size.replicas > written.replicas:
        return _POOL.sub(lambda found: f"{found[1]}{int(found[2]) * written.replicas // size.replicas}{found[3]}", text)
    if kind == "ResourceQuota":
        return _quota(text, written, size)
    if kind == "StatefulSet" and name not in written.scaled:
        return text
    if kind in ("Deployment", "StatefulSet", "HorizontalPodAutoscaler", "ScaledObject"):
        text = _REPLICAS.sub(lambda found: f"{found[1]}{_times(int(found[2]), written.replicas, size.replicas)}", text)
    if kind == "Deployment" and name in written.sized:
        text = _MAIN.sub(lambda found: found[0].replace(found[1], _raised(found[1], size)), text, count=1)
    if kind == "Deployment" and name in written.autoscaled and size.autoscaler:
        text = "---".join(_with_autoscaler(text, name))
    return text


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


def _times(count: int, old: int, new: int) -> int:
    return count if count < old else ceil(count * new / old)


def _quota(text: str, written: Written, size: Size) -> str:
    """Raise a quota with replicas and band; a smaller size leaves it as it is."""

    def raised(match: re.Match[str]) -> str:
        part, _, resource = match[2].partition(".")
        factor = max(1.0, size.replicas / written.replicas) * size.growth(part, resource)
        return f"{match[1]}{match[3]}{ceil(int(match[4]) * factor)}{match[5]}{match[6]}"

    return _QUOTA.sub(raised, text)


def _raised(block: str, size: Size) -> str:
    """Return requests and limits raised to those of the band; what is larger stays."""
    part = ""
    lines = []
    for line in block.splitlines(keepends=True):
        heading = line.strip().rstrip(":")
        if heading in ("requests", "limits"):
            part = heading
        match = _AMOUNT.match(line.rstrip("\n"))
        wanted = size.band.get(part, {}).get(match[2]) if match else None
        if match and wanted and parse_quantity(wanted) > parse_quantity(match[3]):
            line = f"{match[1]}{wanted}\n"
        lines.append(line)
    return "".join(lines)


def _with_autoscaler(text: str, name: str) -> Iterator[str]:
    """Yield a Deployment without its number of replicas, and the autoscaler that owns the number from then on."""
    replicas, metadata = _FIXED.search(text), _METADATA.search(text)
    if replicas is None or metadata is None:
        yield text
        return
    yield _FIXED.sub("", text).rstrip("\n") + "\n"
    namespace = re.search(r"^  namespace: .*\n", metadata[1], re.MULTILINE)
    labels = _LABELS.search(metadata[1])
    least = int(replicas[1])
    yield (
        "\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n"
        f"  name: {name}\n{namespace[0] if namespace else ''}{labels[0] if labels else ''}"
        "spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n"
        f"    name: {name}\n  minReplicas: {least}\n  maxReplicas: {2 * least}\n"
        "  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n"
        "        target:\n          type: Utilization\n          averageUtilization: 70\n"
        "  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 300\n"
    )
