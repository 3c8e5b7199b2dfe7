"""A value in a manifest, named by its object and the path to it: the address that edges keep as evidence."""

from __future__ import annotations

from typing import NamedTuple

from refarch_lint.location import Location, Path
from refarch_lint.model.resource import Resource


class Place(NamedTuple):
    """The value at `path`, counted from the root of `resource`; its last part may be a line of an embedded text.

    An empty path is the object itself. With `key` the key at the path is meant, not its value.
    """

    resource: Resource
    path: Path = ()
    key: bool = False

    def locate(self) -> Location:
        """Return where the value, or the key, stands in its file."""
        if self.key:
            return self.resource.key_location(self.path)
        return self.resource.locate(self.path)
