"""Reference architectures as data: roles, how each is recognised, and the flows between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Demand(StrEnum):
    """How much an architecture wants a role or a flow."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


class Matcher(NamedTuple):
    """One way to recognise a role; every part given must hold.

    `labels` maps label keys to accepted values, `images` and `names` hold glob patterns on the image repository's last
    parts and on the object's name, `kinds` limits the kinds, `components` are
    ids or traits of well-known software, `ports` are container or service ports, `environment` are
    names of variables, and `place` is a named position in the graph.
    """

    kinds: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = {}
    images: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    environment: tuple[str, ...] = ()
    place: str = ""


class Role(NamedTuple):
    """A part to be played: how much it is wanted, how it is recognised, and its own parameters.

    `alternatives` names roles one of which suffices, `beside_alternative` is how much the role is wanted then;
    `at_least` counts the resources that must play it, and more than `at_most` speak for another architecture.
    """

    id: str
    title: str
    description: str
    demand: Demand
    matchers: tuple[Matcher, ...]
    parameters: Mapping[str, Any] = {}
    alternatives: tuple[str, ...] = ()
    beside_alternative: Demand = Demand.OPTIONAL
    at_least: int = 1
    at_most: int = 0
    namespace: str = ""
    traits: tuple[str, ...] = ()


class Flow(NamedTuple):
    """A connection that the architecture draws, from one role to another, and why."""

    source: str
    target: str
    description: str
    demand: Demand


class Architecture(NamedTuple):
    """A reference architecture; `signature` holds the roles that speak for it, with how many players make them sure.

    `sure` tells how many roles of the signature must be known by more than their surroundings before a tree that does
    not name the architecture is held against it.
    """

    id: str
    title: str
    description: str
    roles: tuple[Role, ...]
    flows: tuple[Flow, ...]
    parameters: Mapping[str, Any]
    signature: Mapping[str, int] = {}
    namespaces: tuple[str, ...] = ()
    sure: int = 0

    def role(self, role_id: str) -> Role | None:
        """Return the role of that id, or None."""
        return next((role for role in self.roles if role.id == role_id), None)
