"""Who runs as which ServiceAccount, which bindings give it rights, and which pods get its token."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.naming import RBAC
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Workload

DEFAULT_ACCOUNT = "default"
ALL_ACCOUNTS = "system:serviceaccounts"

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_ACCOUNT_KEYS = frozenset({"serviceAccountName", "serviceAccount", "serviceAccountRef"})
_DEEPEST = 32


class Account(NamedTuple):
    """A ServiceAccount by namespace and name, whether it stands in the tree or not."""

    namespace: str
    name: str


class Grant(NamedTuple):
    """One subject of a binding: the binding, the place of the subject, and the role that it gives."""

    binding: Resource
    place: Place
    role: str


def bindings(index: ResourceIndex) -> Iterator[Resource]:
    """Yield the role bindings of a tree, in reading order of each kind."""
    for kind in _BINDINGS:
        yield from index.of_kind(kind, RBAC)


def account_of(workload: Workload) -> Account:
    """Return the account that a workload's pods run as; `default` where they name none."""
    for key in ("serviceAccountName", "serviceAccount"):
        name = workload.pod_spec.get(key)
        if isinstance(name, str) and name:
            return Account(workload.namespace, name)
    return Account(workload.namespace, DEFAULT_ACCOUNT)


class AccountIndex:
    """Answers about the ServiceAccounts of one tree."""

    __slots__ = ("_accounts", "_by_name", "_grants", "_group_grants", "_named", "_users")

    def __init__(self, index: ResourceIndex) -> None:
        users: dict[Account, list[Workload]] = defaultdict(list)
        for workload in index.workloads:
            users[account_of(workload)].append(workload)
        grants: dict[Account, list[Grant]] = defaultdict(list)
        groups: dict[str, list[Grant]] = defaultdict(list)
        for binding in bindings(index):
            role = mapping(binding.data.get("roleRef")).get("name")
            for position, subject in enumerate(sequence(binding.data.get("subjects"))):
                item = mapping(subject)
                kind, name = item.get("kind"), item.get("name")
                grant = Grant(binding, Place(binding, ("subjects", position, "name")), str(role))
                if kind == "ServiceAccount" and isinstance(name, str):
                    namespace = item.get("namespace") or binding.namespace
                    grants[Account(str(namespace), name)].append(grant)
                elif kind == "Group" and isinstance(name, str):
                    groups[name].append(grant)
        self._users = {account: tuple(found) for account, found in users.items()}
        self._grants = {account: tuple(found) for account, found in grants.items()}
        self._by_name = {account.name: found[0] for account, found in reversed(grants.items())}
        self._group_grants = {name: tuple(found) for name, found in groups.items()}
        self._accounts = {Account(item.namespace, item.name): item for item in index.of_kind("ServiceAccount", "")}
        self._named = frozenset(_named_elsewhere(index))

    def resource(self, account: Account) -> Resource | None:
        """Return the account's own object, None where the tree has none."""
        return self._accounts.get(account)

    def users(self, account: Account) -> tuple[Workload, ...]:
        """Return the workloads whose pods run as an account."""
        return self._users.get(account, ())

    def grants(self, account: Account) -> tuple[Grant, ...]:
        """Return what binds an account: by its name, or by the groups that it belongs to."""
        own = self._grants.get(account, ())
        return (
            own
            + self._group_grants.get(f"{ALL_ACCOUNTS}:{account.namespace}", ())
            + self._group_grants.get(ALL_ACCOUNTS, ())
        )

    def grant_by_name(self, name: str) -> Grant | None:
        """Return the first that binds an account of a name, in whichever namespace."""
        return self._by_name.get(name)

    def is_named_elsewhere(self, account: Account) -> bool:
        """Tell whether an object that is no workload names an account: an operator's object, a token, a store."""
        return account in self._named

    def mounts_token(self, workload: Workload) -> bool:
        """Tell whether pods get their account's token: what the pod says counts before what the account says."""
        of_pod = workload.pod_spec.get("automountServiceAccountToken")
        if isinstance(of_pod, bool):
            return of_pod
        account = self.resource(account_of(workload))
        return account is None or account.data.get("automountServiceAccountToken") is not False


def _named_elsewhere(index: ResourceIndex) -> Iterator[Account]:
    for resource in index.resources:
        if resource.kind == "Secret" and resource.group == "":
            name = resource.annotations.get("kubernetes.io/service-account.name")
            if name:
                yield Account(resource.namespace, name)
        elif resource not in index.workload_by_resource and "." in resource.group and resource.group != RBAC:
            for namespace, name in _accounts_in(resource.spec):
                yield Account(namespace or resource.namespace, name)


def _accounts_in(data: Any) -> Iterator[tuple[str, str]]:
    """Yield the accounts that a custom object names anywhere, each with its namespace if one stands beside it."""
    waiting: list[tuple[Any, int]] = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value if isinstance(item, dict | list))
        elif isinstance(value, dict):
            for key, item in value.items():
                if key in _ACCOUNT_KEYS:
                    named = mapping(item)
                    name = named.get("name") if named else item
                    namespace = named.get("namespace")
                    if isinstance(name, str) and name:
                        yield (namespace if isinstance(namespace, str) else "", name)
                if isinstance(item, dict | list):
                    waiting.append((item, depth + 1))


def account_path(workload: Workload) -> Path:
    """Return the path by which a workload names its account, whether it does or not."""
    key = "serviceAccount" if "serviceAccountName" not in workload.pod_spec else "serviceAccountName"
    return (*workload.pod_spec_path, key if key in workload.pod_spec else "serviceAccountName")
