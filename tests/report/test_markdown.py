"""The Markdown report: its exact text, and that texts from manifests stay texts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from refarch_lint.evaluate.finding import Report
from refarch_lint.report import REPORTERS, RenderOptions
from refarch_lint.report.markup import code_span, escape

FINDINGS = """\
### Findings

| Severity | Place | Rule | Message |
| --- | --- | --- | --- |
| error | `k8s/frontend.yaml:6:13` | `min-replicas` | \
Deployment/frontend runs 2 replica(s), 3 required by profile production-small |
| warning | `k8s/service.yaml:6:3` | `service-has-endpoints` | \
Service/frontend selects no pod<br>the nearest match is Deployment/frontend: `k8s/frontend.yaml:4:9` |
| info | `k8s/frontend.yaml:11:18` | `image-by-digest` | container web takes its image by tag, not by digest |
"""

CHECKLIST = """\
### Checklist

| Section | Pass | Fail | Not applicable | Not verifiable | Attested |
| --- | --- | --- | --- | --- | --- |
| Availability | 1 | 1 |  |  |  |
| Data |  |  |  |  | 1 |
| Delivery |  |  |  | 1 |  |
| Observability |  |  | 1 |  |  |

<details>
<summary>5 items</summary>

| Section | Item | Verdict | Evidence |
| --- | --- | --- | --- |
| Availability | At least three replicas for critical components | **fail** | \
1 of 3 workloads runs too few replicas. Deployment/frontend has 2. The profile asks for 3. |
| Availability | Liveness and readiness probes | pass | 4 containers have both probes. |
| Data | Restore tested | attested | \
Restored on 2026-10-01, says ops@&#8203;example.org; see https://example.org/restore\\|42. |
| Delivery | Rollback possible | not verifiable | no pipeline and no GitOps object in the tree |
| Observability | Distributed tracing | not applicable |  |

</details>
"""


def markdown(report: Report, **options: bool) -> str:
    return REPORTERS["markdown"](report, RenderOptions(**options))  # type: ignore[arg-type]


def test_parts(full_report: Report) -> None:
    text = markdown(full_report)
    assert text.startswith(
        "## refarch-lint: 1 error, 1 warning, 1 info; 1 suppressed; 1 not verifiable\n\n"
        "Profile `production-small` · Kubernetes 1.33 · 33 resources in 12 files · 3 skipped\n\n"
        "### Architectures\n\n"
        "| Architecture | Unit | Fit | Missing |\n"
        "| --- | --- | --- | --- |\n"
        "| `web-app` | `k8s` | 85 % | role backup |\n"
    )
    assert "| `web-app` | cache | `Deployment/redis` | image redis |\n" in text
    assert CHECKLIST in text
    assert FINDINGS in text
    assert "- `service-has-endpoints`: Make the selector match the labels of the pod template.\n" in text


def test_quiet_leaves_the_checklist_out(full_report: Report) -> None:
    text = markdown(full_report, quiet=True)
    assert FINDINGS in text
    assert "Checklist" not in text


def test_clean_run(empty_report: Report) -> None:
    assert markdown(empty_report) == (
        "## refarch-lint: 0 errors, 0 warnings, 0 info\n\n"
        "Profile `production-small` · Kubernetes 1.33 · 2 resources in 1 file\n\nNo findings.\n"
    )


def test_what_does_not_fit_is_counted(full_report: Report) -> None:
    finding = replace(full_report.findings[0], message="m" * 200)
    text = markdown(replace(full_report, findings=(finding,) * 500))
    shown = text.count("m" * 200)
    assert 100 < shown < 500
    assert f"\n{500 - shown} more findings not shown.\n" in text
    assert len(text) < 65_536


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", "a\\|b"),
        ("<script>&", "&lt;script&gt;&amp;"),
        ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"),
        ("[x](http://y) ![z]", "\\[x\\](http://y) !\\[z\\]"),
        ("ask @team", "ask @&#8203;team"),
        ("$(A) and $(B)", "&#36;(A) and &#36;(B)"),
        ("two\nlines", "two lines"),
    ],
)
def test_escape(text: str, expected: str) -> None:
    assert escape(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("a", "`a`"), ("a`b", "`` a`b ``"), ("a|b", "`a\\|b`"), ("", "")])
def test_code_span(text: str, expected: str) -> None:
    assert code_span(text) == expected
