"""What rules say where only the repository could show something: attested, not verifiable, or missing."""

from __future__ import annotations

from refarch_lint.config import speaks_for
from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Unverifiable
from refarch_lint.graph.place import Place
from refarch_lint.location import Location

NO_REPOSITORY = "no repository: there is no .git in the folder given or above it"


def attestation(context: RuleContext) -> NotApplicable | None:
    """Return why a rule need not be asked: somebody vouches for its checklist item, on this day."""
    for entry in context.settings.attestations:
        if entry.item == context.rule.checklist and speaks_for(entry, context.settings.today):
            return NotApplicable(f"attested by {entry.by} until {entry.until}")
    return None


def missing(
    context: RuleContext, message: str, place: Place | Location | None = None, related: tuple[Note, ...] = ()
) -> Outcome:
    """Return the outcome of a demand that nothing in the tree or its repository meets.

    Without a place the first workload of the run is blamed, so that several units of one repository share one finding.
    """
    if (attested := attestation(context)) is not None:
        return attested
    evidence = context.run.repository
    if evidence is None:
        return Unverifiable(NO_REPOSITORY)
    if not evidence.tree.complete:
        return Unverifiable(f"the repository has more files than are looked at ({len(evidence.tree.files)})")
    if place is None:
        first = context.run.shared.first
        if first is None:
            return Unverifiable("there is no object at which a finding could stand")
        place = Place(first, ("metadata", "name"))
    return Fault(message, place, related)
