"""The configuration file: where it is found, what it says, and every fault in it at its line and column."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run
from refarch_lint.config import (
    Application,
    Attestation,
    ProfileChoice,
    RoleChoice,
    Settings,
    find_configuration,
    read_configuration,
)
from refarch_lint.errors import ConfigurationError, UsageError
from refarch_lint.evaluate.own_settings import check_settings
from refarch_lint.graph.references import ExternalName
from refarch_lint.model.schema_location import SchemaLocation
from refarch_lint.severity import Severity
from tests.evaluate.running import catalogue

ROOT = Path(__file__).parents[1]
NAME = ".refarch-lint.yaml"


def read(folder: Path, text: str) -> Settings:
    (folder / NAME).write_text(text, encoding="utf-8")
    return read_configuration(folder / NAME, NAME)


def faults(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a configuration, each fault with its place."""
    with pytest.raises(ConfigurationError) as caught:
        check_settings(read(folder, text), catalogue())
    return str(caught.value).splitlines()


def test_the_nearest_file_upwards_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / NAME).touch()
    assert find_configuration(inner) == tmp_path / NAME
    (tmp_path / "a" / ".refarch-lint.yml").touch()
    assert find_configuration(inner) == tmp_path / "a" / ".refarch-lint.yml"


def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "k8s"
    inner.mkdir(parents=True)
    (tmp_path / NAME).touch()
    (tmp_path / "repository" / ".git").mkdir()
    assert find_configuration(inner) is None


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_a_file_that_says_nothing_leaves_the_defaults(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Settings(source=NAME)


def test_the_example_of_the_documentation_is_read_and_right() -> None:
    file = ROOT / "docs" / "example.refarch-lint.yaml"
    settings = read_configuration(file, file.name)
    check_settings(settings, catalogue())
    assert settings.attestations == (
        Attestation("data.restore", "dana.k", "2026-10-01", "2027-04-01", "https://git.example.com/shop/-/issues/812"),
    )


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """\
architecture: web-app
profile: staging
profiles: [{profile: development, paths: ["dev/**"], namespaces: [lab]}]
kubernetes-version: "1.33"
pod-security: baseline:v1.30
applications:
  - {name: etl, architecture: data-pipeline, profile: staging, paths: ["etl/**"], namespaces: [data]}
  - {name: tools, architecture: none, namespaces: ["tools-*"]}
select: [min-replicas]
ignore: [cpu-limit]
fail-on: warning
rules:
  cpu-limit: off
  memory-limit: warning
  min-replicas: {severity: info, parameters: {min_replicas: 2}}
parameters: {min_replicas: 4}
roles: [{role: database, kind: StatefulSet, name: "pg-*"}]
external: [{kind: Secret, name: pull}]
evidence: {runbooks: ["ops/**"]}
rule-folders: [rules]
schema-locations: [schemas]
exclude: [vendor]
default-namespace: shop
""",
    )
    assert settings.severities == {"cpu-limit": None, "memory-limit": Severity.WARNING, "min-replicas": Severity.INFO}
    assert settings.parameters == {"min_replicas": 4, "min-replicas.min_replicas": 2}
    assert settings.profile_choices == (ProfileChoice("development", ("dev/**",), ("lab",)),)
    assert settings.applications == (
        Application("etl", "data-pipeline", "staging", ("etl/**",), ("data",)),
        Application("tools", "none", None, (), ("tools-*",)),
    )
    assert settings.roles == (RoleChoice("database", "StatefulSet", "*", "pg-*"),)
    assert settings.external == (ExternalName("Secret", "*", "pull"),)
    assert settings.rule_folders == (tmp_path / "rules",)
    assert settings.schema_locations == (SchemaLocation("schemas", tmp_path),)
    assert (settings.architecture, settings.profile, settings.kubernetes_version) == ("web-app", "staging", "1.33")
    assert (settings.pod_security, settings.fail_on) == ("baseline:v1.30", Severity.WARNING)
    assert (settings.select, settings.ignore, settings.exclude) == (("min-replicas",), ("cpu-limit",), ("vendor",))
    assert (settings.default_namespace, settings.evidence) == ("shop", {"runbooks": ("ops/**",)})


@pytest.mark.parametrize(
    ("file", "namespace", "profile"),
    [
        ("dev/app.yaml", "shop", "development"),
        ("dev/deep/app.yaml", "shop", "development"),
        ("prod/app.yaml", "shop", "production-large"),
        ("prod/app.yaml", "shop-staging", "staging"),
        ("dev/app.yaml", "shop-staging", "development"),
        ("live/app.yaml", "shop", "production-large"),
    ],
)
def test_profiles_by_path_and_namespace_the_first_wins(file: str, namespace: str, profile: str) -> None:
    settings = Settings(
        profile="production-large",
        profile_choices=(
            ProfileChoice("development", ("dev/**",), ()),
            ProfileChoice("staging", (), ("*-staging",)),
            ProfileChoice("production-small", ("live/**",), ("other",)),
        ),
    )
    assert settings.profile_for(file, namespace) == profile


@pytest.mark.parametrize(
    ("file", "namespace", "application", "profile"),
    [
        ("etl/app.yaml", "work", "etl", "staging"),
        ("shop/app.yaml", "work", "shop", "production-small"),
        ("etl/dev/app.yaml", "work", "etl", "development"),
        ("infra/app.yaml", "work", None, "production-small"),
    ],
)
def test_an_object_belongs_to_the_first_application_that_fits(
    file: str, namespace: str, application: str | None, profile: str
) -> None:
    settings = Settings(
        profile_choices=(ProfileChoice("development", ("*/dev/**",), ()),),
        applications=(
            Application("etl", "data-pipeline", "staging", ("etl/**",), ()),
            Application("shop", None, None, ("etl/**", "shop/**"), ("work",)),
        ),
    )
    found = settings.application_of(file, namespace)
    assert (found.name if found else None, settings.profile_for(file, namespace)) == (application, profile)


def test_faults_of_applications_have_their_place(tmp_path: Path) -> None:
    text = """\
applications:
  - {name: shop, architecture: web-ap, paths: ["shop/**"]}
  - {name: shop, profile: stagin, paths: ["etl/**"]}
"""
    assert faults(tmp_path, text) == [
        ".refarch-lint.yaml:2:32: no architecture web-ap; web-app is meant?",
        ".refarch-lint.yaml:3:27: no profile stagin; staging is meant?",
        ".refarch-lint.yaml:3:12: applications[1].name: there is an application shop already",
    ]
    fault = r"yaml:1:23: applications\[0\]: one of paths, namespaces is required$"
    with pytest.raises(ConfigurationError, match=fault):
        read(tmp_path, "applications: [{name: shop, architecture: web-app}]\n")


ATTESTED = "attestations: [{item: %s, by: dana, date: %s, until: %s}]\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("profil: staging\n", "1:1: profil is not known; profile is meant?"),
        ("profile: 5\n", "1:10: profile: 5 is not of type 'string'"),
        ("fail-on: sometimes\n", "1:10: fail-on: 'sometimes' is not one of ['error', 'warning', 'info']"),
        ("kubernetes-version: 1.30\n", "1:21: kubernetes-version: 1.3 is not of type 'string'"),
        ("pod-security: strict\n", "1:15: pod-security: 'strict' does not match "),
        ("rules: {cpu-limit: fatal}\n", "1:20: rules.cpu-limit: "),
        ("waivers:\n  - {rule: cpu-limit}\n", "2:6: waivers[0]: 'reason' is a required property"),
        ("profiles: [{profile: staging}]\n", "1:13: profiles[0]: "),
        ("- a\n", "1:3: the file: ['a'] is not of type 'object'"),
        ("profile: a\nprofile: b\n", "2:1: key profile is written twice"),
        ("profile: [\n", "1:10: could not parse document 1"),
        (
            ATTESTED % ("data.restore", "2026-02-30", "2027-01-01"),
            "1:53: attestations[0].date: no such day: day is out",
        ),
        (
            ATTESTED % ("data.restore", "2026-02-03", "2027-13-01"),
            "1:72: attestations[0].until: no such day: month must",
        ),
        (ATTESTED % ("data.restore", "soon", "2027-01-01"), "1:53: attestations[0].date: 'soon' does not match "),
        ("waivers: [{rule: a, reason: why, expires: 2026-06-31}]\n", "1:43: waivers[0].expires: no such day"),
    ],
)
def test_a_fault_stands_at_its_place(tmp_path: Path, text: str, fault: str) -> None:
    (found,) = faults(tmp_path, text)
    assert found.startswith(f"{NAME}:{fault}"), found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("architecture: webapp\n", "1:15: no architecture webapp; web-app is meant?"),
        ("profile: production\n", "1:10: no profile production; production-small is meant?"),
        ("profiles: [{profile: lab, paths: [a]}]\n", "1:22: no profile lab"),
        ("rules: {min-replica: off}\n", "1:9: no rule min-replica; min-replicas is meant?"),
        (
            "rules: {min-replicas: {parameters: {min: 1}}}\n",
            "1:37: no parameter of min-replicas min",
        ),
        ("parameters: {minimum_replicas: 1}\n", "1:14: no parameter minimum_replicas; min_replicas is meant?"),
        ("roles: [{role: databse, name: a}]\n", "1:16: no role databse; database is meant?"),
        (
            ATTESTED % ("data.restores", "2026-01-01", "2027-01-01"),
            "1:23: no checklist item data.restores; data.restore is",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    (found,) = faults(tmp_path, text)
    assert found.startswith(f"{NAME}:{fault}"), found


def test_names_that_lead_somewhere_are_none(tmp_path: Path) -> None:
    text = (
        "architecture: none\nrules: {min-replicas: {parameters: {min_replicas: 1}}}\n"
        "parameters: {min_replicas: 2, min-replicas.min_replicas: 3}\n"
        "waivers: [{rule: 'memory-*', reason: measured}]\nroles: [{role: cache, name: a}]\n"
    ) + ATTESTED % ("data.restore", "2026-01-01", "2027-01-01")
    check_settings(read(tmp_path, text), catalogue())


def test_every_fault_is_told(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "profile: 5\nselekt: []\nfail-on: never\n")) == 3
    assert len(faults(tmp_path, "profile: lab\narchitecture: x\nrules: {a: off, b: off}\n")) == 4


def test_rules_are_not_read_from_an_address(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing is fetched"):
        read(tmp_path, "rule-folders: ['https://rules.example.com']\n")


@pytest.mark.parametrize(
    ("location", "fault"),
    [
        ("https://schemas.example.com/{{.Group}}.json", "nothing is fetched from the network for a configuration file"),
        ("file:///etc/schemas", "nothing is fetched from the network for a configuration file"),
        ("schemas/{{.Kind}}.json", "unknown placeholder {{.Kind}} at character 9; known are {{.Group}}, "),
        ("schemas/{{.Group", "{{ begins no placeholder at character 9"),
        ("missing", "could not open schema location "),
        ("missing/{{.Group}}.json", "could not open schema location "),
        (".refarch-lint.yaml", "could not use schema location "),
    ],
)
def test_a_wrong_schema_location_has_a_place(tmp_path: Path, location: str, fault: str) -> None:
    (found,) = faults(tmp_path, f"schema-locations: [default, '{location}']\n")
    assert found.startswith(f"{NAME}:1:29: ")
    assert fault in found


def test_a_profile_from_elsewhere_than_the_file_is_a_fault_of_usage() -> None:
    with pytest.raises(UsageError, match="no profile 'lab'; known are development, staging"):
        check_settings(Settings(profile="lab"), catalogue())


def test_settings_are_shown_as_a_run_would_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).write_text(
        "profile: staging\nrules: {cpu-limit: off}\nschema-locations: [default, '{{.Group}}']\n"
    )
    assert run(["config", "show", "--profile", "development", "."]) == ExitCode.CLEAN
    shown = json.loads(capsys.readouterr().out)
    assert (shown["profile"], shown["severities"], shown["source"]) == ("development", {"cpu-limit": None}, NAME)
    assert shown["schema-locations"] == ["default", str(tmp_path / "{{.Group}}")]
    assert not {"document", "today", "schema-cache", "exclude-named"} & set(shown)


def test_the_day_of_a_run_is_no_part_of_the_defaults() -> None:
    assert Settings().today == date(1970, 1, 1)
