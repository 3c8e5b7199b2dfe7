"""The page docs/mutations.md: `python tests/mutation/report.py --write` makes all mutants and writes it anew."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.mutation.everything import SAME_CHANGE, explanation, mutants
from tests.mutation.world import Mutant, World, open_world
from tests.reference_sets import IDS, lay_out

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutations.md"

_HEAD = f"""\
# Mutations of the reference manifests

The four reference sets keep every rule. To see whether the rules would notice if one did not, the tests spoil one thing
at a time, in the text and at its exact place, as a person would: a probe is taken away, a label no longer meets its
selector, a NetworkPolicy loses a rule, a backup its schedule. Each mutant states which rules must tell it and at which
lines; any other finding does not count. A set has hundreds of places for the same change; each change is made to at
most {SAME_CHANGE} of them.

Not among the mutants are changes that alter nothing: a limit that the namespace's LimitRange fills in, a request where
a limit stands for it, the size of an emptyDir under a limit for ephemeral storage, labels of pods that the tree does
not show (the ingress controller's, DNS aside), addresses outside the cluster.

This page is written by `python tests/mutation/report.py --write`; a test holds it to what is found.
"""


class Outcome:
    """What became of the mutants of one set."""

    def __init__(self, world: World) -> None:
        self.architecture = world.architecture
        self.caught: Counter[str] = Counter()
        self.made: Counter[str] = Counter()
        self.survivors: list[Mutant] = []
        for mutant in mutants(world):
            self.made[mutant.subject] += 1
            if world.caught_by(mutant):
                self.caught[mutant.subject] += 1
            else:
                self.survivors.append(mutant)

    @property
    def share(self) -> float:
        """The part of the mutants that is caught, from 0 to 1."""
        return sum(self.caught.values()) / sum(self.made.values())

    def section(self) -> str:
        """Return the section of the page on this set."""
        made, caught = sum(self.made.values()), sum(self.caught.values())
        lines = [
            f"## {self.architecture}",
            "",
            f"{caught} of {made} mutants are caught ({self.share:.1%}).",
            "",
            "| subject | mutants | caught |",
            "|---|---:|---:|",
            *(f"| {subject} | {self.made[subject]} | {self.caught[subject]} |" for subject in sorted(self.made)),
            "",
        ]
        by_reason: dict[str, list[str]] = defaultdict(list)
        for mutant in self.survivors:
            by_reason[explanation(mutant) or "Not explained."].append(mutant.change)
        if by_reason:
            lines += ["Survivors:", ""]
        for reason, changes in sorted(by_reason.items()):
            lines.append(f"- {reason}")
            lines += [f"  - `{change}`" for change in sorted(changes)]
        return "\n".join(lines).rstrip() + "\n"


def outcome(architecture: str) -> Outcome:
    """Make the mutants of an architecture's reference set and ask the rules about each."""
    with tempfile.TemporaryDirectory() as folder:
        return Outcome(open_world(architecture, lay_out(architecture, "reference", Path(folder))))


def page(outcomes: list[Outcome]) -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *(item.section() for item in outcomes)])


def main(arguments: list[str]) -> int:
    """Write the page, or tell whether it is as it should be."""
    text = page([outcome(architecture) for architecture in IDS])
    if "--write" in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    fresh = PAGE.read_text(encoding="utf-8") == text
    sys.stdout.write("docs/mutations.md is fresh\n" if fresh else "docs/mutations.md differs: write it anew\n")
    return int(not fresh)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
