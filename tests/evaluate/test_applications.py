"""Applications named in the configuration: several in one namespace, each with its architecture, profile and card."""

from __future__ import annotations

from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run
from refarch_lint.evaluate.finding import Report, Verdict
from tests.evaluate.running import check
from tests.evaluate.test_detection import MARKET, TRACKS, blog, door, program

SHOP, ETL = "---\n".join(blog()), "---\n".join(TRACKS)
BOTH = {"shop/app.yaml": SHOP, "etl/app.yaml": ETL}
NAMED = """\
applications:
  - {name: shop, architecture: web-app, profile: production-medium, paths: ["shop/**"]}
  - {name: etl, architecture: data-pipeline, profile: staging, paths: ["etl/**"]}
"""


def fits(report: Report) -> list[tuple[str, str, bool]]:
    return [(fit.id, fit.application, fit.named) for fit in report.architectures]


def test_applications_of_one_namespace_are_held_against_an_architecture_each() -> None:
    report = check(BOTH, NAMED)
    assert fits(report) == [("web-app", "shop", True), ("data-pipeline", "etl", True)]
    assert [(card.name, card.architecture, card.namespaces) for card in report.units] == [
        ("application shop", "web-app", ("shop",)),
        ("application etl", "data-pipeline", ("shop",)),
    ]
    roles = {(item.application, item.role): item.resource.name for item in report.roles}
    assert roles["shop", "database"] == "mysql"
    assert roles["etl", "broker"] == "nats"
    assert ("shop", "message-queue") not in roles


def test_each_has_its_profile_and_its_own_findings() -> None:
    report = check(BOTH, NAMED, select=("min-replicas", "architecture-roles"))
    told = {
        (item.resource.name if item.resource else "", item.message.rpartition(" by ")[2]) for item in report.findings
    }
    assert ("wordpress", "profile production-medium") in told
    assert ("gps-receiver", "profile staging") in told
    missing = [item.message for item in report.findings if item.rule == "architecture-roles"]
    assert any("recommends role cache in application shop, which nothing plays" in message for message in missing)
    cards = {card.application: {item.id: item for item in card.checklist} for card in report.units}
    assert cards["etl"]["performance.cache"].evidence == ("the architecture does not ask for it",)
    assert cards["shop"]["performance.cache"].verdict is Verdict.FAIL
    for name, programs in (("shop", 1), ("etl", 2)):
        evidence = cards[name]["availability.replicas"].evidence
        assert [line.partition(":")[0] for line in evidence] == [f"{name}/app.yaml"] * programs


def test_a_verdict_of_one_is_none_of_the_other() -> None:
    single = program("site", port=80).replace("spec:\n", "spec:\n  replicas: 5\n", 1)
    report = check({"shop/a.yaml": single, "etl/b.yaml": program("loader", port=81)}, NAMED, select=("min-replicas",))
    cards = {card.application: {item.id: item for item in card.checklist} for card in report.units}
    verdicts = {name: card["availability.replicas"].verdict for name, card in cards.items()}
    assert verdicts == {"shop": Verdict.PASS, "etl": Verdict.FAIL}


def test_without_an_architecture_the_best_fit_is_found_and_none_is_asked_for() -> None:
    text = "applications: [{name: shop, paths: ['shop/**']}, {name: etl, architecture: none, paths: ['etl/**']}]"
    report = check(BOTH, text)
    assert fits(report) == [("web-app", "shop", False)]
    assert [(card.application, card.architecture) for card in report.units] == [("shop", "web-app"), ("etl", "")]
    assert report.notes == ()


def test_what_no_application_claims_is_held_against_the_architecture_of_the_run() -> None:
    text = "architecture: data-pipeline\napplications: [{name: shop, paths: ['shop/**']}]"
    report = check(BOTH, text)
    assert fits(report) == [("web-app", "shop", False), ("data-pipeline", "", True)]
    assert [card.name for card in report.units] == ["application shop", "namespace shop"]


def test_a_common_entry_point_plays_its_role_in_each() -> None:
    entrance = {"infra/door.yaml": door("wordpress", 80), "shop/app.yaml": "---\n".join([*blog()[:2], blog()[3]])}
    report = check({**BOTH, **entrance}, NAMED, select=("architecture-roles",))
    assert not [item for item in report.findings if "entry-point" in item.message]
    assert next(fit.missing for fit in report.architectures) == ("cache",)


def test_an_application_that_nothing_fits_or_nothing_belongs_to_is_told() -> None:
    text = "applications: [{name: tool, paths: ['tool/**']}, {name: lost, paths: ['losst/**']}]"
    report = check({"tool/a.yaml": program("worker") + "---\n" + program("other")}, text)
    assert report.notes == (
        "no reference architecture fits tool, application tool; the checklist is judged without one",
        "no object belongs to application lost of the configuration",
    )


def test_namespaces_choose_too_and_the_whole_namespace_counts_for_all_that_share_it() -> None:
    text = NAMED.replace('paths: ["etl/**"]', "namespaces: [shop]")
    report = check(BOTH, text, select=("namespace-default-deny",))
    assert fits(report) == [("web-app", "shop", True), ("data-pipeline", "etl", True)]
    cards = {card.application: {item.id: item for item in card.checklist} for card in report.units}
    for card in cards.values():
        assert card["security.network-policies"].verdict is Verdict.FAIL
        assert any("namespace shop" in line for line in card["security.network-policies"].evidence)


def test_an_architecture_of_the_command_line_is_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in BOTH.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (tmp_path / ".refarch-lint.yaml").write_text(NAMED.replace('"shop/', '"*shop/').replace('"etl/', '"*etl/'))
    assert run([str(tmp_path), "--architecture", "microservices"]) == ExitCode.FINDINGS
    shown = capsys.readouterr().out
    assert ", application shop: fits" in shown
    assert ", application etl: fits" in shown
    assert "application etl (microservices): " in shown


def test_folders_that_have_nothing_to_do_with_each_other_are_told_apart_where_each_fits_well() -> None:
    report = check(BOTH)
    assert fits(report) == [("data-pipeline", "etl", False), ("web-app", "shop", False)]
    assert [(card.name, card.architecture) for card in report.units] == [
        ("application etl", "data-pipeline"),
        ("application shop", "web-app"),
    ]
    assert fits(check({f"k8s/{name}": text for name, text in BOTH.items()})) == fits(report)


@pytest.mark.parametrize(
    "more",
    [
        {"etl/export.yaml": program("export", SHOP_URL="http://wordpress:80")},
        {"tools/tool.yaml": program("tool")},
        {"app.yaml": program("tool")},
        {"tools/tool.yaml": program("tool") + "---\n" + program("other")},
    ],
    ids=["one connects to the other", "one program alone", "beside the folders", "a folder that nothing fits"],
)
def test_folders_are_no_applications_where(more: dict[str, str]) -> None:
    assert {fit.application for fit in check({**BOTH, **more}).architectures} <= {""}


def test_folders_with_the_parts_of_one_application_stay_one() -> None:
    parts = {"front/app.yaml": "---\n".join(MARKET[:4]), "back/app.yaml": "---\n".join(MARKET[4:])}
    assert fits(check(parts)) == [("microservices", "", False)]
