"""The loop: what each outcome becomes, what is counted once, and that a rule that breaks down is never a pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.catalogue.rule import PredicateAssertion, Rule, Scope, Target, WorkloadClass
from refarch_lint.errors import RefarchLintError, RuleCrashError, UsageError
from refarch_lint.evaluate import assertions
from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.finding import Report
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.location import Location, Position, Span
from refarch_lint.severity import Severity
from tests.evaluate.running import catalogue, check
from tests.graph.trees import thing, workload

ALL = Target(workloads=WorkloadClass.ALL)


def known(*, target: Target = ALL, severity: Severity = Severity.WARNING) -> Catalogue:
    """Return a catalogue with one rule, which asks the predicate of the test."""
    rule = Rule("own-rule", "Title", "custom", severity, "", "", target, (PredicateAssertion("own.predicate"),))
    return catalogue()._replace(rules={"own-rule": rule})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Outcome]]:
    """Outcomes of the predicate by the name of the object asked about."""
    said: dict[str, list[Outcome]] = {}

    def predicate(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
        for outcome in said.get(subject.resource.name, []):
            if isinstance(outcome, Fault) and outcome.place == HERE:
                outcome = outcome._replace(place=subject.place("metadata", "name"))
            if isinstance(outcome, Fault) and outcome.message == "crash":
                raise IndexError("no such thing")
            yield outcome

    monkeypatch.setattr(assertions, "predicate", lambda name: predicate)
    return said


HERE = Location("", Span(Position(0, 0), Position(0, 0)))


def run(*texts: str, **choices: object) -> Report:
    return check("---\n".join(texts), "architecture: none", known=known(**choices))  # type: ignore[arg-type]


def test_no_outcome_is_a_pass(answers: dict[str, list[Outcome]]) -> None:
    report = run(workload(), workload(name="web"))
    assert report.findings == ()
    assert [(item.rule, item.passed, item.failed) for item in report.outcomes] == [("own-rule", 2, 0)]


def test_a_fault_becomes_a_finding_with_address_and_evidence(answers: dict[str, list[Outcome]]) -> None:
    answers["api"] = [Fault("it is wrong", HERE, (Note("here too", Location("b.yaml", HERE.span)),))]
    (finding,) = run(workload()).active
    assert (finding.rule, finding.message, finding.severity) == ("own-rule", "it is wrong", Severity.WARNING)
    assert (str(finding.resource), finding.path) == ("Deployment/api", ("metadata", "name"))
    assert str(finding.location) == "app.yaml:3:18"
    assert [(note.message, note.location.file) for note in finding.related] == [("here too", "b.yaml")]


def test_paths_count_from_the_root_of_the_document(answers: dict[str, list[Outcome]]) -> None:
    answers["api"] = [Fault("it is wrong", HERE)]
    listed = "apiVersion: v1\nkind: List\nitems:\n- " + workload().replace("\n", "\n  ").rstrip() + "\n"
    (finding,) = run(listed).active
    assert finding.path == ("items", 0, "metadata", "name")


def test_a_fault_of_a_file_has_no_object(answers: dict[str, list[Outcome]]) -> None:
    place = Location("ci.yml", Span(Position(3, 1), Position(3, 5)))
    answers["api"] = [Fault("no tests", place)]
    (finding,) = run(workload()).active
    assert (finding.resource, finding.path, finding.location) == (None, (), place)


@pytest.mark.parametrize(
    ("own", "lower", "found"),
    [
        (Severity.ERROR, Severity.INFO, Severity.INFO),
        (Severity.WARNING, Severity.ERROR, Severity.WARNING),
        (Severity.WARNING, None, Severity.WARNING),
    ],
)
def test_a_fault_may_lower_the_severity_and_never_raise_it(
    answers: dict[str, list[Outcome]], own: Severity, lower: Severity | None, found: Severity
) -> None:
    answers["api"] = [Fault("it is wrong", HERE, severity=lower)]
    assert [finding.severity for finding in run(workload(), severity=own).active] == [found]


def test_the_same_fault_is_told_once_and_different_ones_apart(answers: dict[str, list[Outcome]]) -> None:
    answers["api"] = [Fault("one", HERE), Fault("one", HERE), Fault("two", HERE)]
    assert [finding.message for finding in run(workload()).active] == ["one", "two"]


def test_what_cannot_be_told_is_neither_a_pass_nor_a_failure(answers: dict[str, list[Outcome]]) -> None:
    answers["api"] = [Unverifiable("no schema"), Unverifiable("no schema")]
    report = run(workload(), workload(name="web"))
    (outcome,) = report.outcomes
    assert (report.findings, outcome.passed, outcome.unverifiable) == ((), 1, ("no schema",))


def test_what_does_not_apply_is_not_counted(answers: dict[str, list[Outcome]]) -> None:
    answers["api"] = [NotApplicable("it is a test")]
    (outcome,) = run(workload()).outcomes
    assert (outcome.passed, outcome.failed, outcome.unverifiable) == (0, 0, ())


def test_a_rule_that_breaks_down_stops_the_run_and_names_rule_and_object(answers: dict[str, list[Outcome]]) -> None:
    answers["api"] = [Fault("crash", HERE)]
    with pytest.raises(RuleCrashError) as caught:
        run(workload())
    assert str(caught.value) == ("app.yaml:3:18: could not evaluate rule own-rule on Deployment/api: IndexError")
    assert isinstance(caught.value.__cause__, IndexError)


def test_errors_for_the_user_pass_through(answers: dict[str, list[Outcome]], monkeypatch: pytest.MonkeyPatch) -> None:
    def predicate(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
        raise UsageError("could not do it")
        yield

    monkeypatch.setattr(assertions, "predicate", lambda name: predicate)
    with pytest.raises(RefarchLintError, match=r"^could not do it$"):
        run(workload())


@pytest.mark.parametrize(
    ("target", "passed"),
    [
        (Target(workloads=WorkloadClass.ALL), 4),
        (Target(workloads=WorkloadClass.LONG_RUNNING), 3),
        (Target(workloads=WorkloadClass.REPLICATED), 2),
        (Target(workloads=WorkloadClass.COMPLETING), 1),
        (Target(kinds=("Deployment",)), 1),
        (Target(kinds=("Deployment", "Job.batch")), 2),
        (Target(kinds=("Deployment.example.org",)), 0),
        (Target(scope=Scope.UNIT), 1),
        (Target(scope=Scope.NAMESPACE), 2),
        (Target(scope=Scope.FILE), 1),
        (Target(role="database"), 0),
    ],
)
def test_targets(answers: dict[str, list[Outcome]], target: Target, passed: int) -> None:
    manifests = (
        workload(),
        workload("StatefulSet", "db", namespace="data"),
        workload("DaemonSet", "agent"),
        workload("Job", "migrate", api="batch/v1"),
        thing("v1", "ConfigMap", "settings"),
    )
    assert [item.passed for item in run(*manifests, target=target).outcomes] == [passed]


def test_rules_of_the_bundled_catalogue_speak_in_their_own_words() -> None:
    report = check(workload(spec="replicas: 1"), "{architecture: none, profile: staging}", select=("min-replicas",))
    assert [finding.message for finding in report.active] == [
        "Deployment/api runs 1 replica(s) (spec.replicas), 2 required by profile staging"
    ]


def test_findings_are_sorted_by_file_place_and_rule() -> None:
    files = {"b.yaml": workload(name="b"), "a.yaml": workload() + "---\n" + workload(name="web")}
    found = check(files, "architecture: none").findings
    keys = [(item.location.file, item.location.span.start, item.rule, item.message) for item in found]
    assert keys == sorted(keys)
    assert len({item.rule for item in found}) > 5


def test_the_same_input_gives_the_same_report() -> None:
    files = {"b.yaml": workload(name="b"), "a.yaml": workload()}
    assert check(files) == check(files)
