from __future__ import annotations

import pytest

from refarch_lint.model.api_lifecycle import KUBERNETES, ApiStatus, _lifecycles, lifecycle, replacement, status
from refarch_lint.model.schema_sources import native_schemas, native_versions
from refarch_lint.model.version import parse_version


@pytest.mark.parametrize(
    ("api_version", "kind", "version", "expected", "instead"),
    [
        ("extensions/v1beta1", "Deployment", "1.15", ApiStatus.DEPRECATED, "apps/v1"),
        ("extensions/v1beta1", "Deployment", "1.16", ApiStatus.REMOVED, "apps/v1"),
        ("networking.k8s.io/v1beta1", "Ingress", "1.30", ApiStatus.REMOVED, "networking.k8s.io/v1"),
        ("batch/v1beta1", "CronJob", "1.24", ApiStatus.DEPRECATED, "batch/v1"),
        ("batch/v1beta1", "CronJob", "1.25", ApiStatus.REMOVED, "batch/v1"),
        ("batch/v1", "CronJob", "1.20", ApiStatus.NOT_YET_SERVED, ""),
        ("policy/v1beta1", "PodDisruptionBudget", "1.29", ApiStatus.REMOVED, "policy/v1"),
        ("policy/v1beta1", "PodSecurityPolicy", "1.29", ApiStatus.REMOVED, ""),
        ("extensions/v1beta1", "PodSecurityPolicy", "1.20", ApiStatus.REMOVED, "policy/v1beta1"),
        ("extensions/v1beta1", "PodSecurityPolicy", "1.30", ApiStatus.REMOVED, ""),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", ApiStatus.REMOVED, "autoscaling/v2"),
        ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "1.28", ApiStatus.REMOVED,
         "flowcontrol.apiserver.k8s.io/v1beta3"),
        ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "latest", ApiStatus.REMOVED,
         "flowcontrol.apiserver.k8s.io/v1"),
        ("auditregistration.k8s.io/v1alpha1", "AuditSink", "1.18", ApiStatus.CURRENT, ""),
        ("auditregistration.k8s.io/v1alpha1", "AuditSink", "1.19", ApiStatus.REMOVED, ""),
        ("apps/v1", "Deployment", "1.30", ApiStatus.CURRENT, ""),
        ("example.com/v1", "Thing", "1.30", ApiStatus.CURRENT, ""),
        ("cert-manager.io/v1alpha2", "Certificate", "1.30", ApiStatus.DEPRECATED, "cert-manager.io/v1"),
    ],
)  # fmt: skip
def test_status_and_replacement(api_version: str, kind: str, version: str, expected: ApiStatus, instead: str) -> None:
    assert status(api_version, kind, version) is expected
    assert replacement(api_version, kind, version) == instead


def test_an_operator_speaks_of_its_own_versions() -> None:
    known = lifecycle("cert-manager.io/v1alpha2", "Issuer")
    assert known is not None
    assert (known.product, known.removed_in) == ("cert-manager", "1.6")


def test_the_facts_agree_with_the_schemas_of_every_version() -> None:
    for version in native_versions():
        kinds = native_schemas(version).kinds
        for (api_version, kind), known in _lifecycles().items():
            if known.product != KUBERNETES:
                continue
            served = status(api_version, kind, version) in (ApiStatus.CURRENT, ApiStatus.DEPRECATED)
            assert served == (f"{api_version}/{kind}" in kinds), f"{api_version} {kind} in {version}"


def test_every_kind_that_came_or_went_is_known() -> None:
    served = [set(native_schemas(version).kinds) for version in native_versions()]
    for earlier, later, version in zip(served, served[1:], native_versions()[1:], strict=False):
        for name in sorted(earlier - later):
            api_version, _, kind = name.rpartition("/")
            if kind != "SelfSubjectReview":
                assert status(api_version, kind, version) is ApiStatus.REMOVED, name


def test_replacements_are_served_where_they_are_named() -> None:
    latest = native_schemas(native_versions()[-1]).kinds
    for (api_version, kind), known in _lifecycles().items():
        instead = replacement(api_version, kind, "latest")
        if known.product == KUBERNETES and instead:
            api, _, other = instead.partition(" ")
            assert f"{api}/{other or kind}" in latest
            assert parse_version(known.removed_in or "latest")
