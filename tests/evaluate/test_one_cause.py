"""Rules that could both tell of one cause: one does, and the other where that one is not asked."""

from __future__ import annotations

import pytest

from tests.evaluate.running import check

ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules:
- apigroups: ['']
  resources: [pods]
  verbs: [get]
"""


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            ("field-values-valid", "schema-valid"),
            ["Role/reader: unknown field rules[0].apigroups; did you mean apiGroups?"],
        ),
        (("field-values-valid",), ["Role/reader: rules[0].apiGroups is required but missing"]),
    ],
)
def test_a_field_in_small_letters_is_told_at_its_name(asked: tuple[str, ...], told: list[str]) -> None:
    report = check({"role.yaml": ROLE}, "architecture: none", select=asked)
    assert [finding.message for finding in report.findings] == told
