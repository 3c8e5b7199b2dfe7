"""What a drawing or a list of connections cannot take into account, told beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.location import Location, format_path
from refarch_lint.source.loading import FileContent


class Notice(NamedTuple):
    """Something that was left out; a `grave` one makes the list of connections wrong, another only incomplete."""

    location: Location
    message: str
    grave: bool

    def __str__(self) -> str:
        """Return the line for standard error."""
        return f"{'error' if self.grave else 'warning'}: {self.location}: {self.message}"


def notices(contents: Iterable[FileContent], network: NetworkModel) -> list[Notice]:
    """Return documents that cannot be read, policies that the API refuses or that cannot be told apart, and policies
    that are not evaluated, by their place in the files."""
    found = [
        Notice(problem.location, problem.message, grave=True) for content in contents for problem in content.problems
    ]
    for fault in network.faults:
        text = f"{fault.policy}: {format_path(fault.path)} {fault.message}"
        found.append(Notice(fault.policy.locate(fault.path), text, grave=True))
    consequences = (
        (network.foreign_policies, "what it denies is shown as if it were allowed"),
        (network.policies_by_pod, "connections are shown as if no pod had that label"),
    )
    for doubts, consequence in consequences:
        for doubt in doubts:
            if doubt.resource is not None:
                text = f"{doubt.reason}: {consequence}"
                found.append(Notice(doubt.resource.locate(("metadata", "name")), text, grave=False))
    return sorted(dict.fromkeys(found))
