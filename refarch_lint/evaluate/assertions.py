"""The three forms of assertion, each from a subject to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from refarch_lint.catalogue.rule import Assertion, Condition, FieldAssertion, PredicateAssertion, RelationAssertion
from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.facts import FACTS
from refarch_lint.evaluate.operators import MISSING, holds
from refarch_lint.evaluate.predicates import predicate
from refarch_lint.evaluate.subject import Fault, Outcome, Subject
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.place import Place
from refarch_lint.location import Path, format_path

#: Yields what an assertion says about a subject; nothing at all is a pass.
Question = Callable[[Subject], Iterator[Outcome]]


def question(assertions: Sequence[Assertion], context: RuleContext) -> Question:
    """Return the assertions of a rule as the one question that they put; a predicate is imported for it."""
    questions = [_question(assertion, context) for assertion in assertions]
    if len(questions) == 1:
        return questions[0]
    return lambda subject: chain.from_iterable(ask(subject) for ask in questions)


def _question(assertion: Assertion, context: RuleContext) -> Question:
    match assertion:
        case FieldAssertion():
            return lambda subject: _field(assertion, subject, context)
        case RelationAssertion():
            return lambda subject: _relation(assertion, subject, context)
        case PredicateAssertion(name, arguments):
            asked = RuleContext(context.run, context.rule, arguments) if arguments else context
            ask = predicate(name)
            return lambda subject: ask(subject, asked)


def value_at(data: Any, path: Path) -> Any:
    """Return the value at a path, MISSING where any step of it is not there; null is a value."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part, MISSING)
        elif isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data):
            data = data[part]
        else:
            return MISSING
    return data


def satisfied(condition: Condition, subject: Subject, context: RuleContext) -> bool:
    """Tell whether a subject meets a condition of a rule's target."""
    actual = (
        FACTS[condition.fact](subject, context).value
        if condition.fact is not None
        else value_at(subject.data, condition.field or ())
    )
    return holds(condition.operator, actual, _expected(condition, subject, context)[0])


def _expected(condition: Condition, subject: Subject, context: RuleContext) -> tuple[Any, str]:
    if condition.operand.parameter is None:
        return condition.operand.value, f"rule {context.rule.id}"
    resolved = context.parameter(condition.operand.parameter, subject)
    return resolved.value, resolved.origin


def _field(assertion: FieldAssertion, subject: Subject, context: RuleContext) -> Iterator[Fault]:
    condition = assertion.condition
    expected, origin = _expected(condition, subject, context)
    if condition.fact is not None:
        actual, place, source = FACTS[condition.fact](subject, context)
    else:
        path = condition.field or ()
        actual, source = value_at(subject.data, path), format_path(path)
        place = subject.place(*path)
    if not holds(condition.operator, actual, expected):
        yield Fault(_message(assertion.message, subject, context, source, actual, expected, origin), place)


def _relation(assertion: RelationAssertion, subject: Subject, context: RuleContext) -> Iterator[Fault]:
    relation = Relation(assertion.relation)
    incoming = assertion.direction == "incoming"
    edges = (context.graph.incoming if incoming else context.graph.outgoing)(subject.resource, relation)
    peers = [edge.source.resource if incoming else edge.target.resource for edge in edges]
    if assertion.peer_kinds:
        peers = [peer for peer in peers if peer.kind in assertion.peer_kinds]
    if assertion.peer_role is not None:
        peers = [peer for peer in peers if context.roles.plays(peer, assertion.peer_role)]
    count = len(set(peers))
    too_few = assertion.at_least is not None and count < assertion.at_least
    too_many = assertion.at_most is not None and count > assertion.at_most
    if too_few or too_many:
        wanted = assertion.at_least if too_few else assertion.at_most
        text = _message(assertion.message, subject, context, relation.value, count, wanted, f"rule {context.rule.id}")
        yield Fault(text, Place(subject.resource))


def _message(
    template: str, subject: Subject, context: RuleContext, source: str, actual: Any, expected: Any, origin: str
) -> str:
    role = context.roles.role_of(subject.resource)
    return template.format(
        resource=subject.resource,
        container=subject.container.name if subject.container else "",
        namespace=subject.namespace,
        role=role.id if role else "",
        field=source,
        value=actual,
        expected=expected,
        origin=origin,
        count=actual,
    )
