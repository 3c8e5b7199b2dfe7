"""Secrets and ConfigMaps that programs read or make through the API server, as far as RBAC and their texts tell.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from refarch_lint.graph.accounts import Account, account_of, bindings
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.naming import RBAC
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.regex import regex

_KINDS: Final = {"secrets": "Secret", "configmaps": "ConfigMap"}
_READING: Final = frozenset({"get", "list", "watch", "*"})
_MAKING: Final = frozenset({"create", "*"})
_WORD: Final = regex(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_EVERYWHERE: Final = "*"


class _Right(NamedTuple):
    """What one rule of a role lets an account do with one kind; `scope` is a namespace or `*`, no names mean all."""

    role: Resource
    account: Account
    scope: str
    verbs: frozenset[str]
    names: frozenset[str]


class ApiAccess:
    """Answers which programs of one tree read or make a Secret or ConfigMap by themselves."""

    def __init__(self, index: ResourceIndex) -> None:
        self._index = index

    def reader(self, kind: str, namespace: str, name: str) -> Resource | None:
        """Return the role by which an account of a namespace may read an object of it, or None."""
        for right in self._rights.get(kind, ()):
            is_there = right.account.namespace == namespace and right.scope in (namespace, _EVERYWHERE)
            if is_there and right.verbs & _READING and (not right.names or name in right.names):
                return right.role
        return None

    def maker(self, kind: str, namespace: str, name: str, asker: Resource) -> Resource | None:
        """Return what makes an object while the programs run, or None.

        Its account may create objects of the kind there. Either a role of the account names the object, or another
        workload than the one that asks for it runs as the account and names it in a command or variable.
        """
        rights = [right for right in self._rights.get(kind, ()) if right.scope in (namespace, _EVERYWHERE)]
        creators = {right.account for right in rights if right.verbs & _MAKING}
        for right in rights:
            if right.account in creators and name in right.names:
                return right.role
        for resource, (account, words) in self._tellers.items():
            if resource is not asker and account in creators and name in words:
                return resource
        return None

    @cached_property
    def _rights(self) -> dict[str, tuple[_Right, ...]]:
        found: dict[str, list[_Right]] = defaultdict(list)
        for binding in bindings(self._index):
            reference = mapping(binding.data.get("roleRef"))
            scope = binding.namespace if binding.kind == "RoleBinding" else _EVERYWHERE
            owner = scope if reference.get("kind") == "Role" else ""
            role = self._index.find(RBAC, str(reference.get("kind")), owner, str(reference.get("name")))
            accounts = tuple(_accounts(binding))
            for rule in map(mapping, sequence(role.data.get("rules")) if role else ()):
                if role is None or not _texts(rule.get("apiGroups")) & {"", "*"}:
                    continue
                verbs, names = _texts(rule.get("verbs")), _texts(rule.get("resourceNames"))
                resources = _texts(rule.get("resources"))
                for plural, kind in _KINDS.items():
                    if resources & {plural, "*"}:
                        found[kind] += [_Right(role, account, scope, verbs, names) for account in accounts]
        return {kind: tuple(rights) for kind, rights in found.items()}

    @cached_property
    def _tellers(self) -> dict[Resource, tuple[Account, frozenset[str]]]:
        """The workloads whose accounts may create objects, each with the words of its commands and variables."""
        creators = {right.account for rights in self._rights.values() for right in rights if right.verbs & _MAKING}
        return {
            workload.resource: (account, frozenset(_words_in(workload)))
            for workload in self._index.workloads
            if (account := account_of(workload)) in creators
        }


def _accounts(binding: Resource) -> Iterator[Account]:
    for subject in map(mapping, sequence(binding.data.get("subjects"))):
        name = subject.get("name")
        if subject.get("kind") == "ServiceAccount" and isinstance(name, str):
            yield Account(str(subject.get("namespace") or binding.namespace), name)


def _texts(value: Any) -> frozenset[str]:
    return frozenset(item for item in sequence(value) if isinstance(item, str))


def _words_in(workload: Workload) -> Iterator[str]:
    for container in workload.containers:
        texts = [*sequence(container.data.get("command")), *sequence(container.data.get("args"))]
        texts += [mapping(variable).get("value") for variable in sequence(container.data.get("env"))]
        for text in texts:
            if isinstance(text, str):
                yield from _WORD.findall(text)
