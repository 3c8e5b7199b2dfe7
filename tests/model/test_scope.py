"""Scope: which kinds live outside any namespace, so that a namespace is neither asked of them nor given to them."""

from __future__ import annotations

import pytest

from refarch_lint.model.scope import is_cluster_scoped


@pytest.mark.parametrize(
    ("group", "kind", "expected"),
    [
        ("", "Namespace", True),
        ("", "Secret", False),
        ("trust.cert-manager.io", "Bundle", True),
        ("cilium.io", "CiliumNetworkPolicy", False),
        ("cilium.io", "CiliumLoadBalancerIPPool", True),
        ("crd.projectcalico.org", "Tier", True),
        ("constraints.gatekeeper.sh", "WhateverSomebodyCallsIt", True),
        ("karpenter.sh", "NodePool", True),
        ("kafka.strimzi.io", "KafkaNodePool", False),
        ("unknown.example.com", "ClusterThing", False),
    ],
)
def test_scope_is_told_by_group_and_kind(group: str, kind: str, expected: bool) -> None:
    assert is_cluster_scoped(group, kind) is expected
