"""Who runs as which ServiceAccount, what binds it, and which pods get its token."""

from __future__ import annotations

import pytest

from refarch_lint.graph.accounts import Account, account_of
from tests.graph.trees import graph_of


def pod(name: str, spec: str = "", namespace: str = "shop") -> str:
    metadata = f"{{name: {name}, namespace: {namespace}}}"
    return f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\nspec: {{containers: [{{name: a}}], {spec}}}\n---\n"


def account(name: str, field: str = "") -> str:
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: shop}}\n{field}\n---\n"


def binding(subject: str, kind: str = "RoleBinding") -> str:
    head = f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: b, namespace: shop}}\n"
    return f"{head}roleRef: {{kind: ClusterRole, name: view}}\nsubjects: [{{{subject}}}]\n---\n"


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("", "default"),
        ("serviceAccountName: api", "api"),
        ("serviceAccount: old", "old"),
        ("serviceAccount: old, serviceAccountName: api", "api"),
        ("serviceAccountName: 7", "default"),
    ],
)
def test_a_pod_runs_as_the_account_it_names(spec: str, name: str) -> None:
    (workload,) = graph_of(pod("a", spec)).workloads
    assert account_of(workload) == Account("shop", name)


def test_users_are_those_of_the_same_namespace() -> None:
    found = graph_of(pod("a", "serviceAccountName: api") + pod("b", "serviceAccountName: api", "other"))
    assert [str(user) for user in found.accounts.users(Account("shop", "api"))] == ["Pod/a"]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("kind: ServiceAccount, name: api, namespace: shop", True),
        ("kind: ServiceAccount, name: api", True),
        ("kind: ServiceAccount, name: api, namespace: other", False),
        ("kind: Group, name: 'system:serviceaccounts:shop'", True),
        ("kind: Group, name: 'system:serviceaccounts'", True),
        ("kind: Group, name: 'system:serviceaccounts:other'", False),
        ("kind: User, name: api", False),
    ],
)
def test_a_binding_grants_by_name_and_by_group(subject: str, expected: bool) -> None:
    grants = graph_of(binding(subject)).accounts.grants(Account("shop", "api"))
    assert [grant.role for grant in grants] == (["view"] if expected else [])


@pytest.mark.parametrize(
    ("spec", "field", "expected"),
    [
        ("serviceAccountName: api", "", True),
        ("serviceAccountName: api", "automountServiceAccountToken: false", False),
        ("serviceAccountName: api, automountServiceAccountToken: true", "automountServiceAccountToken: false", True),
        ("serviceAccountName: api, automountServiceAccountToken: false", "", False),
        ("serviceAccountName: elsewhere", "automountServiceAccountToken: false", True),
    ],
)
def test_what_the_pod_says_of_its_token_counts_before_what_the_account_says(
    spec: str, field: str, expected: bool
) -> None:
    found = graph_of(account("api", field) + pod("a", spec))
    assert found.accounts.mounts_token(found.workloads[0]) is expected


@pytest.mark.parametrize(
    "text",
    [
        (
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: a, namespace: shop}\n"
            "spec: {serviceAccountName: api}\n"
        ),
        (
            "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: a}\n"
            "spec: {provider: {vault: {auth: {serviceAccountRef: {name: api, namespace: shop}}}}}\n"
        ),
        (
            "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\n"
            "metadata: {name: a, namespace: shop, annotations: {kubernetes.io/service-account.name: api}}\n"
        ),
    ],
)
def test_other_objects_may_name_an_account(text: str) -> None:
    assert graph_of(text).accounts.is_named_elsewhere(Account("shop", "api"))
    assert not graph_of(text).accounts.is_named_elsewhere(Account("other", "api"))
