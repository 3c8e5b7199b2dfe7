"""What one evaluation looks at, and what it may say about it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.location import Location, Path, PathPart
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Container, Workload
from refarch_lint.severity import Severity

#: What is said of a namespace as a whole counts for all its parts; an object there may be of no part.
ALL_PARTS: Final = -2
NO_PART: Final = -1


class Area(NamedTuple):
    """What a verdict is about: a namespace, and by its position the part of it, where several parts share one.

    An empty namespace is that of what is about no single one.
    """

    namespace: str = ""
    part: int = ALL_PARTS


#: The unit, a file or the cluster.
WHOLE: Final = Area()


class Subject(NamedTuple):
    """One thing that a rule is asked about.

    `resource` is where it stands (for a namespace: its Namespace object or first workload); `path` leads from the
    resource's root to `data`. `members` are the workloads of a namespace or unit. `area` is what a verdict on
    it is about.
    """

    resource: Resource
    path: Path
    data: Any
    workload: Workload | None = None
    container: Container | None = None
    namespace: str = ""
    members: tuple[Workload, ...] = ()
    area: Area = WHOLE

    def place(self, *path: PathPart) -> Place:
        """Return the place of a value below what is looked at."""
        return Place(self.resource, self.path + path)

    @property
    def pods(self) -> Workload:
        """The workload of a subject that a rule about workloads looks at."""
        if self.workload is None:
            raise TypeError(f"{self.resource} is no workload; the rule's target must select workloads")
        return self.workload


class Note(NamedTuple):
    """A second place that explains a fault."""

    message: str
    place: Place | Location


class Fault(NamedTuple):
    """What is wrong, and the place to blame; a fault of a file rather than of an object has a Location.

    `severity` lowers the rule's own.
    """

    message: str
    place: Place | Location
    related: tuple[Note, ...] = ()
    severity: Severity | None = None


class Unverifiable(NamedTuple):
    """What cannot be told from the tree, and why; neither a pass nor a failure."""

    reason: str


class NotApplicable(NamedTuple):
    """The rule does not concern this subject, and why; it counts neither as looked at nor as a pass."""

    reason: str = ""


Outcome = Fault | Unverifiable | NotApplicable
