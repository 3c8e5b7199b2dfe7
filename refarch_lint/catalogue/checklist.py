"""The production checklist: sections and items in their order, each with how it is assessed."""

from __future__ import annotations

from typing import NamedTuple


class ChecklistItem(NamedTuple):
    """One item; `id` is `section.item`.

    `attested` tells that no manifest can show it, `architectures` limits it to some, `decided_by` names the rules
    without which it cannot pass, and `trait` the kind of component whose presence decides it. `also` names rules of
    other items whose findings fail this one too. Where nothing in the tree is asked about, an architecture that wants a
    role of the trait `missing` asks for it all the same. `objects` are kinds that make up the item: one that the API
    refuses does not exist, however well it is written.
    """

    id: str
    section: str
    title: str
    attested: bool = False
    architectures: tuple[str, ...] = ()
    assessment: str = ""
    decided_by: tuple[str, ...] = ()
    trait: str = ""
    also: tuple[str, ...] = ()
    missing: str = ""
    objects: tuple[str, ...] = ()


class Section(NamedTuple):
    """A section of the checklist or of the rule catalogue."""

    id: str
    title: str
