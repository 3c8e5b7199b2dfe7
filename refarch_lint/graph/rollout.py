"""What an update of a workload does to its pods: how many go at once, how many more there are meanwhile."""

from __future__ import annotations

from typing import Any, NamedTuple

from refarch_lint.location import Path
from refarch_lint.model.resource import dig, mapping
from refarch_lint.model.share import share_of
from refarch_lint.model.workload import Workload

_DEFAULT_SHARE = "25%"


class Strategy(NamedTuple):
    """How a workload is updated; `path` leads to the strategy, `settings` hold its figures below `settings_path`.

    `replaces_all` tells that every pod ends before a new one starts.
    """

    path: Path
    replaces_all: bool
    settings: dict[str, Any]
    settings_path: Path
    is_rolling: bool


def strategy_of(workload: Workload) -> Strategy | None:
    """Return how a workload is updated; None for kinds that are not updated by a strategy of their own."""
    spec = workload.resource.spec
    match workload.kind:
        case "Deployment":
            return _plain(spec, "strategy", "Recreate", ("RollingUpdate", None), "rollingUpdate")
        case "DeploymentConfig":
            return _plain(spec, "strategy", "Recreate", ("Rolling", None), "rollingParams")
        case "StatefulSet" | "DaemonSet":
            return _plain(spec, "updateStrategy", "", ("RollingUpdate", None), "rollingUpdate")
        case "Rollout":
            path: Path = ("spec", "strategy", "canary")
            rolling = isinstance(dig(spec, "strategy", "canary"), dict)
            return Strategy(("spec", "strategy"), False, mapping(dig(spec, "strategy", "canary")), path, rolling)
    return None


def _plain(spec: dict[str, Any], field: str, recreate: str, rolling: tuple[str | None, ...], below: str) -> Strategy:
    strategy = mapping(spec.get(field))
    kind = strategy.get("type")
    settings_path: Path = ("spec", field, below)
    return Strategy(
        ("spec", field, "type"),
        bool(recreate) and kind == recreate,
        mapping(strategy.get(below)),
        settings_path,
        kind in rolling,
    )


def surge(workload: Workload, replicas: int) -> int:
    """Return how many pods an update runs beyond its replicas: `maxSurge` rounded up, 25 % where it is absent."""
    strategy = strategy_of(workload)
    if strategy is None or workload.kind in ("StatefulSet", "DaemonSet"):
        return 0
    if workload.kind == "Rollout" and dig(workload.resource.spec, "strategy", "blueGreen") is not None:
        return replicas
    if not strategy.is_rolling:
        return 0
    value = strategy.settings.get("maxSurge")
    return share_of(_DEFAULT_SHARE if value is None else value, replicas, up=True) or 0


def most_unavailable(workload: Workload, replicas: int) -> int | None:
    """Return how many pods an update may take down at once, None where the kind or a value does not tell.

    A Deployment rounds percentages down, and takes one where neither figure leaves anything (API reference,
    RollingUpdateDeployment); a StatefulSet rounds up and takes one by default.
    """
    strategy = strategy_of(workload)
    if strategy is None or not strategy.is_rolling:
        return None
    value = strategy.settings.get("maxUnavailable")
    if workload.kind in ("StatefulSet", "DaemonSet"):
        return share_of(1 if value is None else value, replicas, up=True)
    amount = share_of(_DEFAULT_SHARE if value is None else value, replicas, up=False)
    return 1 if amount == 0 and surge(workload, replicas) == 0 else amount
