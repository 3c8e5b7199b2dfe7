"""Findings of units that share files: each cause once, and each unit still judged by all that holds for it."""

from __future__ import annotations

from refarch_lint.evaluate.finding import Report, Verdict
from tests.evaluate.running import check
from tests.graph.trees import service, workload

NONE = "architecture: none"


def bare(name: str) -> str:
    return workload(name=name).replace(", namespace: shop", "")


def policy(name: str, selector: str, egress: str) -> str:
    return (
        f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}}}\n"
        f"spec: {{podSelector: {{{selector}}}, policyTypes: [Egress, Ingress], egress: {egress}}}\n"
    )


def overlays(**taken: str) -> dict[str, str]:
    named = " ".join(taken.values())
    files = {f"parts/{name}.yaml": bare(name) for name in ("api", "web", "job") if f"{name}.yaml" in named}
    return files | {f"{name}/kustomization.yaml": f"resources: [{value}]\n" for name, value in taken.items()}


def messages(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]


def test_a_cause_is_told_where_the_most_is_named() -> None:
    files = overlays(
        small="../parts/api.yaml",
        large="../parts/api.yaml, ../parts/job.yaml, ../parts/web.yaml",
        other="../parts/web.yaml",
    )
    report = check(files, NONE, select=("service-account-dedicated",))
    assert messages(report) == [
        "3 workloads run as the default account of namespace default and get its token: Deployment/api and 2 more"
    ]
    verdicts = {
        card.unit: entry.verdict for card in report.units for entry in card.checklist if entry.id == "security.rbac"
    }
    assert verdicts == dict.fromkeys(("small", "large", "other"), Verdict.FAIL)


def test_the_same_place_in_the_same_words_but_for_a_number_is_one_finding() -> None:
    files = overlays(
        small="../parts/api.yaml, ../parts/job.yaml", large="../parts/api.yaml, ../parts/job.yaml, more.yaml"
    )
    files["large/more.yaml"] = bare("more")
    assert len(messages(check(files, NONE, select=("namespace-not-default",)))) == 1


def test_overlays_that_scale_one_workload_differently_are_one_finding() -> None:
    files = overlays(test="../parts/api.yaml", stage="../parts/api.yaml", prod="../parts/api.yaml")
    for name, count in (("test", 2), ("stage", 3), ("prod", 4)):
        files[f"{name}/kustomization.yaml"] += f"replicas: [{{name: api, count: {count}}}]\n"
    assert len(messages(check(files, NONE, select=("replicas-spread-over-nodes",)))) == 1


def test_a_patch_that_moves_items_of_a_list_makes_no_second_finding_of_one_value() -> None:
    files = overlays(plain="../parts/api.yaml", patched="../parts/api.yaml")
    files["parts/api.yaml"] = "---\n".join((service().replace(", namespace: shop", ""), bare("api")))
    files["parts/api.yaml"] += "        env: [{name: STOCK_URL, value: 'http://stock:8080'}]\n"
    files["patched/kustomization.yaml"] += (
        "patches:\n- patch: |-\n    - {op: add, path: /spec/template/spec/containers/0/env/0, value: {name: MODE}}\n"
        "  target: {kind: Deployment}\n"
    )
    report = check(files, NONE, select=("service-reference-exists",))
    assert [finding.location.file for finding in report.findings] == ["parts/api.yaml"]


def test_a_habit_of_overlays_is_told_where_it_has_the_most_places() -> None:
    names = ("api", "cart", "mail", "stock", "user", "web")
    files = {f"parts/{name}.yaml": bare(name) + policy(name, f"matchLabels: {{app: {name}}}", "[{}]") for name in names}
    files["parts/deny.yaml"] = policy("deny", "", "[]")
    for unit, taken in (("small", names[:5]), ("large", names)):
        listed = ", ".join(f"../parts/{name}.yaml" for name in (*taken, "deny"))
        files[f"{unit}/kustomization.yaml"] = f"resources: [{listed}]\n"
    (told,) = messages(check(files, NONE, select=("pod-isolated",)))
    assert told.startswith("Deployment/api, Deployment/cart, Deployment/mail and 3 more are isolated for egress")


def test_namespaces_are_told_apart() -> None:
    files = overlays(dev="../parts/api.yaml", prod="../parts/api.yaml")
    for name in ("dev", "prod"):
        files[f"{name}/kustomization.yaml"] += f"namespace: {name}\n"
    found = messages(check(files, NONE, select=("namespace-default-deny",)))
    assert [message.split()[1] for message in found] == ["dev", "prod"]


def test_what_overlays_of_one_base_lack_in_their_namespaces_is_said_once_and_names_them() -> None:
    files = overlays(dev="../parts/api.yaml", prod="../parts/api.yaml", test="../parts/api.yaml")
    for name in ("dev", "prod", "test"):
        files[f"{name}/kustomization.yaml"] += f"namespace: {name}\n"
    report = check(files, NONE, select=("service-account-dedicated", "service-reference-exists"))
    told = "Deployment/api runs as the default account of namespace dev and gets its token"
    assert messages(report) == [told]
    assert [note.message for note in report.findings[0].related] == [
        "the same in namespace prod",
        "the same in namespace test",
    ]


def test_what_is_said_of_the_whole_tree_is_said_once() -> None:
    files = overlays(one="../parts/api.yaml", two="../parts/web.yaml")
    assert len(messages(check(files, NONE, select=("alerts-defined",)))) == 1


def test_what_two_units_say_of_one_namespace_is_said_once() -> None:
    files = overlays(one="../parts/api.yaml", two="../parts/web.yaml")
    assert len(messages(check(files, NONE, select=("namespace-default-deny",)))) == 1


def test_what_variants_lack_alike_is_said_once_and_what_other_units_lack_is_not() -> None:
    variants = overlays(one="../parts/api.yaml, ../parts/job.yaml", two="../parts/api.yaml")
    variants["two/kustomization.yaml"] = "resources: [first.yaml, ../parts/api.yaml]\n"
    variants["two/first.yaml"] = bare("first")
    assert len(messages(check(variants, NONE, select=("labels-recommended",)))) == 1
    apart = overlays(one="../parts/api.yaml", two="../parts/web.yaml")
    assert len(messages(check(apart, NONE, select=("labels-recommended",)))) == 2
