"""The checklist: five verdicts with their evidence, attestations and their end, several units, no pass by silence."""

from __future__ import annotations

import pytest

from refarch_lint.evaluate.finding import ItemVerdict, Report, UnitScorecard, Verdict
from refarch_lint.evaluate.scorecard import merge_scorecards
from tests.evaluate.running import catalogue, check
from tests.graph.trees import service, thing, workload

NONE = "architecture: none"


def item(report: Report, name: str) -> ItemVerdict:
    return next(entry for entry in report.checklist if entry.id == name)


def verdict(
    manifests: str | dict[str, str], name: str, configuration: str = NONE, *, select: tuple[str, ...] = ()
) -> tuple[Verdict, str]:
    found = item(check(manifests, configuration, select=select), name)
    return found.verdict, found.evidence[0]


def test_every_item_has_a_verdict_with_evidence_in_the_order_of_the_checklist() -> None:
    found = check(workload(), NONE).checklist
    assert [entry.id for entry in found] == [entry.id for entry in catalogue().items]
    assert len(found) == 31
    assert len({entry.section for entry in found}) == 7
    assert [entry.id for entry in found if not entry.evidence or not all(entry.evidence)] == []


def test_a_failure_shows_where_and_how_many() -> None:
    manifests = "---\n".join(workload(name=name, spec="replicas: 1") for name in "abcde")
    found = item(check(manifests, NONE), "availability.replicas")
    assert (found.verdict, found.findings) == (Verdict.FAIL, 5)
    assert found.evidence[0].startswith("app.yaml:6:13: Deployment/a runs 1 replica(s) (spec.replicas), 3 required by")
    assert found.evidence[-1] == "and 2 more"


def test_a_pass_says_what_was_looked_at() -> None:
    assert verdict(workload(spec="replicas: 3"), "availability.replicas", select=("min-replicas",)) == (
        Verdict.PASS,
        "1 check passed: min-replicas",
    )


def test_information_neither_fails_nor_passes_an_item() -> None:
    lowered = "architecture: none\nrules: {min-replicas: info}"
    found = item(check(workload(spec="replicas: 1"), lowered, select=("min-replicas",)), "availability.replicas")
    assert (found.verdict, found.findings) == (Verdict.NOT_VERIFIABLE, 0)
    assert found.evidence[0].startswith("nothing was found right: information only: app.yaml:6:13: Deployment/api runs")


def test_a_suppressed_finding_neither_fails_nor_passes_an_item() -> None:
    text = workload(spec="replicas: 1 # refarch-lint: ignore[min-replicas] single writer")
    assert verdict(text, "availability.replicas", select=("min-replicas",)) == (
        Verdict.NOT_VERIFIABLE,
        "nothing was found right: 1 finding suppressed (comment: single writer)",
    )


def test_a_suppressed_finding_is_told_beside_what_was_found_right() -> None:
    text = workload(spec="replicas: 1 # refarch-lint: ignore[min-replicas] single writer")
    found = item(
        check(f"{text}---\n{workload(name='other', spec='replicas: 3')}", NONE, select=("min-replicas",)),
        "availability.replicas",
    )
    assert found.verdict is Verdict.PASS
    assert found.evidence == ("1 check passed: min-replicas", "1 finding suppressed (comment: single writer)")


@pytest.mark.parametrize(
    ("manifests", "name", "rules"),
    [
        (workload(spec="replicas: 0"), "availability.replicas", ("min-replicas", "workload-scaled-to-zero")),
        (workload(spec="replicas: 3"), "security.secrets", ("secret-as-file", "credential-not-literal")),
        (
            thing("batch/v1", "CronJob", "clean", "spec: {schedule: '0 2 * * *', jobTemplate: {spec: {}}}\n"),
            "data.retention",
            ("job-history-bounded", "backup-retention"),
        ),
    ],
)
def test_what_is_beside_the_point_does_not_pass_an_item(manifests: str, name: str, rules: tuple[str, ...]) -> None:
    assert verdict(manifests, name, select=rules)[0] is Verdict.NOT_APPLICABLE


def test_what_is_not_known_of_one_keeps_what_is_known_of_others_from_passing() -> None:
    given = workload(name="web", container="envFrom: [{secretRef: {name: web-main}}]")
    secret = thing("bitnami.com/v1alpha1", "SealedSecret", "web-main", "spec: {encryptedData: {a: b}}\n")
    unknown = workload(container="envFrom: [{secretRef: {name: db-main}}]")
    maker = thing("databases.example.org/v1", "Postgres", "db")
    select = ("secret-reference-exists",)
    assert verdict(f"{given}---\n{secret}", "security.secrets", select=select)[0] is Verdict.PASS
    report = check("---\n".join((given, secret, unknown, maker)), NONE, select=select)
    found = item(report, "security.secrets")
    assert found.verdict is Verdict.NOT_VERIFIABLE
    assert found.evidence[-1] == "1 check passed: secret-reference-exists"


def test_an_item_whose_rule_a_profile_switches_off_says_so() -> None:
    text = workload(spec="replicas: 2")
    chosen = "architecture: none\nprofile: development"
    assert verdict(text, "availability.spreading", chosen, select=("replicas-spread-over-nodes",)) == (
        Verdict.NOT_APPLICABLE,
        "not asked for by profile development",
    )


def test_nothing_that_an_item_asks_about_is_not_applicable() -> None:
    assert verdict(thing("v1", "ConfigMap", "a"), "availability.replicas", select=("min-replicas",)) == (
        Verdict.NOT_APPLICABLE,
        "nothing in the tree that this item asks about",
    )


def test_a_file_that_cannot_be_read_leaves_open_whether_an_item_applies() -> None:
    files = {"a.yaml": thing("v1", "ConfigMap", "a"), "b.yaml": "kind: [\n"}
    found, why = verdict(files, "availability.replicas", select=("min-replicas",))
    assert found is Verdict.NOT_VERIFIABLE
    assert why.startswith("b.yaml:")


def test_an_item_none_of_whose_rules_run_is_not_verifiable() -> None:
    assert verdict(workload(), "security.tls", select=("min-replicas",)) == (
        Verdict.NOT_VERIFIABLE,
        "no rule of this item was run",
    )


def test_what_cannot_be_told_is_not_verifiable() -> None:
    manifest = workload(container="envFrom: [{secretRef: {name: db-main}}]")
    unknown = thing("databases.example.org/v1", "Postgres", "db")
    select = ("secret-reference-exists",)
    found, why = verdict(f"{manifest}---\n{unknown}", "security.secrets", select=select)
    assert found is Verdict.NOT_VERIFIABLE
    assert "Postgres/db may provide it" in why


def test_an_entry_point_that_is_missing_leaves_tls_undone() -> None:
    parts = [workload(name=name) for name in ("cart-service", "user-service", "pay-service")]
    text = "---\n".join([*parts, *(service(name) for name in ("cart-service", "user-service", "pay-service"))])
    assert verdict(text, "security.tls", "architecture: microservices") == (
        Verdict.FAIL,
        "nothing plays the role entry-point",
    )
    assert verdict(text, "security.tls")[0] is Verdict.NOT_APPLICABLE


BUDGET = """apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: api}}}
"""


@pytest.mark.parametrize(
    ("good", "bad", "evidence"),
    [
        ("policy/v1", "policy/v1beta1", "app.yaml:1:13: PodDisruptionBudget/api: policy/v1beta1 is not served"),
        ("maxUnavailable: 1", "maxUnavailable: [1]", "app.yaml:4:8: PodDisruptionBudget/api: spec.maxUnavailable is"),
    ],
)
def test_an_object_that_the_api_refuses_fails_the_item_that_it_makes_up(good: str, bad: str, evidence: str) -> None:
    replicated = workload(spec="replicas: 3")
    name = "availability.disruption-budgets"
    assert verdict(f"{BUDGET}---\n{replicated}", name)[0] is Verdict.PASS
    found = item(check(f"{BUDGET.replace(good, bad)}---\n{replicated}", NONE), name)
    assert found.verdict is Verdict.FAIL
    assert found.evidence[0].startswith(evidence)


def test_a_refusal_that_somebody_suppressed_fails_no_item() -> None:
    old = BUDGET.replace("policy/v1", "policy/v1beta1 # refarch-lint: ignore[api-served] an old cluster")
    manifests = f"{old}---\n{workload(spec='replicas: 3')}"
    assert verdict(manifests, "availability.disruption-budgets")[0] is Verdict.PASS


def test_an_image_without_a_tag_fails_rolling_back_too() -> None:
    text = workload().replace("registry.example/main:1", "registry.example/main")
    found = item(check(text, NONE), "delivery.rollback")
    assert (found.verdict, found.findings) == (Verdict.FAIL, 1)
    assert "without a tag" in found.evidence[0]


def test_what_no_manifest_shows_asks_for_an_attestation() -> None:
    assert verdict(workload(), "performance.database-indexes") == (
        Verdict.NOT_VERIFIABLE,
        "no manifest shows it; attest it in the configuration",
    )


ATTESTED = """\
architecture: none
attestations:
  - {item: performance.database-indexes, by: dana, date: 2026-01-05, until: "%s", evidence: "https://wiki.example/1"}
"""


@pytest.mark.parametrize("until", ["2026-06-01", "2027-01-01"])
def test_an_attestation_says_who_when_and_until_when(until: str) -> None:
    assert verdict(workload(), "performance.database-indexes", ATTESTED % until) == (
        Verdict.ATTESTED,
        f"attested by dana on 2026-01-05, valid until {until}, evidence: https://wiki.example/1",
    )


def test_an_attestation_ends_with_its_last_day() -> None:
    assert verdict(workload(), "performance.database-indexes", ATTESTED % "2026-05-31") == (
        Verdict.NOT_VERIFIABLE,
        "the attestation by dana expired on 2026-05-31",
    )


def test_an_attestation_begins_on_its_first_day() -> None:
    begins = ATTESTED.replace("2026-01-05", "%s") % ("2026-06-02", "2027-01-01")
    assert verdict(workload(), "performance.database-indexes", begins) == (
        Verdict.NOT_VERIFIABLE,
        "the attestation by dana begins on 2026-06-02",
    )
    today = begins.replace("2026-06-02", "2026-06-01")
    assert verdict(workload(), "performance.database-indexes", today)[0] is Verdict.ATTESTED


def test_the_latest_of_several_expired_attestations_is_named() -> None:
    entry = '  - {item: performance.database-indexes, by: %s, date: 2025-01-05, until: "%s"}\n'
    both = "architecture: none\nattestations:\n" + entry % ("kim", "2026-03-01") + entry % ("lee", "2026-02-01")
    assert (
        verdict(workload(), "performance.database-indexes", both)[1] == "the attestation by kim expired on 2026-03-01"
    )


def test_an_attestation_does_not_hide_a_finding() -> None:
    attested = ATTESTED.replace("performance.database-indexes", "availability.replicas") % "2027-01-01"
    assert verdict(workload(spec="replicas: 1"), "availability.replicas", attested)[0] is Verdict.FAIL


CACHE = workload(name="cache").replace("registry.example/main:1", "redis:8")


def test_an_item_about_a_component_passes_where_it_is_and_says_where() -> None:
    assert verdict(CACHE, "performance.cache") == (Verdict.PASS, "Deployment/cache at app.yaml:3:18")


def test_an_item_about_a_component_fails_where_the_architecture_wants_it() -> None:
    text = workload(name="database").replace("registry.example/main:1", "postgres:17")
    assert verdict(text, "performance.cache", "architecture: web-app")[0] is Verdict.FAIL
    assert verdict(text, "performance.cache") == (Verdict.NOT_APPLICABLE, "no architecture asks for it")
    assert verdict(text, "performance.cache", "architecture: data-pipeline")[0] is Verdict.NOT_APPLICABLE


def test_an_item_of_some_architectures_does_not_apply_to_others() -> None:
    assert verdict(workload(), "observability.tracing") == (Verdict.NOT_APPLICABLE, "asked of microservices only")


def card(unit: str, *verdicts: Verdict) -> UnitScorecard:
    entries = (
        ItemVerdict(f"s.{index}", "s", "t", found, (f"why {found}",), int(found is Verdict.FAIL))
        for index, found in enumerate(verdicts)
    )
    return UnitScorecard(unit, "", tuple(entries))


def test_units_together_have_the_worst_verdict_of_any_with_its_evidence() -> None:
    order = [Verdict.FAIL, Verdict.NOT_VERIFIABLE, Verdict.ATTESTED, Verdict.PASS, Verdict.NOT_APPLICABLE]
    for index, worse in enumerate(order):
        for better in order[index:]:
            (merged,) = merge_scorecards((card("one", better), card("two", worse)))
            assert merged.verdict is worse
            assert f"two: why {worse}" in merged.evidence


def test_what_units_share_is_counted_once() -> None:
    files = {
        "base/app.yaml": workload(spec="replicas: 1"),
        "base/kustomization.yaml": "resources: [app.yaml]\n",
        "dev/kustomization.yaml": "resources: [../base]\n",
        "prod/kustomization.yaml": "resources: [../base, more.yaml]\n",
        "prod/more.yaml": workload(name="more", spec="replicas: 1"),
    }
    report = check(files, NONE, select=("min-replicas",))
    assert [card.unit for card in report.units] == ["dev", "prod"]
    assert item(report, "availability.replicas").findings == len(report.findings) == 2


def test_a_single_unit_is_its_own_card() -> None:
    only = card("one", Verdict.PASS)
    assert merge_scorecards((only,)) == only.checklist
    assert merge_scorecards((only._replace(unit="other"),)) == only.checklist


def test_each_variant_of_a_tree_has_a_card_of_its_own() -> None:
    files = {
        "dev/app.yaml": workload(spec="replicas: 1"),
        "prod/app.yaml": workload(spec="replicas: 3"),
        "all/service.yaml": service(),
    }
    report = check(files, NONE, select=("min-replicas",))
    verdicts = {
        card.unit: next(entry.verdict for entry in card.checklist if entry.id == "availability.replicas")
        for card in report.units
    }
    assert verdicts == {"dev": Verdict.FAIL, "prod": Verdict.PASS}
    assert item(report, "availability.replicas").verdict is Verdict.FAIL
