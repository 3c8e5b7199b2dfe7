"""From the plain data of architecture and profile files to Architecture and Profile."""

from __future__ import annotations

from typing import Any

from refarch_lint.catalogue.architecture import Architecture, Demand, Flow, Matcher, Role
from refarch_lint.catalogue.component import Component, Folder
from refarch_lint.catalogue.profile import Profile
from refarch_lint.catalogue.reading import Fault
from refarch_lint.severity import Severity
from refarch_lint.source.document import Document


def parse_architecture(data: dict[str, Any]) -> Architecture:
    """Return the architecture that checked data describes."""
    return Architecture(
        id=data["id"],
        title=data["title"],
        description=data["description"].strip(),
        roles=tuple(_role(item) for item in data["roles"]),
        flows=tuple(
            Flow(item["from"], item["to"], item["description"], Demand(item["demand"])) for item in data["flows"]
        ),
        parameters=data.get("parameters", {}),
        signature=data.get("signature", {}),
        namespaces=tuple(data.get("namespaces", ())),
        sure=data.get("sure", 0),
    )


def _role(data: dict[str, Any]) -> Role:
    return Role(
        id=data["id"],
        title=data["title"],
        description=data["description"].strip(),
        demand=Demand(data["demand"]),
        matchers=tuple(_matcher(item) for item in data["matchers"]),
        parameters=data.get("parameters", {}),
        alternatives=tuple(data.get("alternatives", ())),
        beside_alternative=Demand(data.get("beside_alternative", Demand.OPTIONAL)),
        at_least=data.get("at_least", 1),
        at_most=data.get("at_most", 0),
        namespace=data.get("namespace", ""),
        traits=tuple(data.get("traits", ())),
    )


def _matcher(data: dict[str, Any]) -> Matcher:
    return Matcher(
        kinds=tuple(data.get("kinds", ())),
        components=tuple(data.get("components", ())),
        labels={key: tuple(values) for key, values in data.get("labels", {}).items()},
        images=tuple(data.get("images", ())),
        names=tuple(data.get("names", ())),
        ports=tuple(data.get("ports", ())),
        environment=tuple(data.get("environment", ())),
        place=data.get("place", ""),
    )


def architecture_faults(document: Document) -> tuple[Fault, ...]:
    """Return what is wrong with an architecture beyond its schema: roles named twice or never defined."""
    data = document.data
    known: set[str] = set()
    found: list[Fault] = []
    for index, role in enumerate(data["roles"]):
        if role["id"] in known:
            found.append(Fault(f"role {role['id']} is defined twice", document.locate(("roles", index, "id"))))
        known.add(role["id"])
    for index, flow in enumerate(data["flows"]):
        for end in ("from", "to"):
            if flow[end] not in known:
                found.append(Fault(f"no role {flow[end]} is defined", document.locate(("flows", index, end))))
    for index, role in enumerate(data["roles"]):
        for position, name in enumerate(role.get("alternatives", ())):
            if name not in known:
                place = document.locate(("roles", index, "alternatives", position))
                found.append(Fault(f"no role {name} is defined", place))
    return tuple(found)


def parse_component(data: dict[str, Any]) -> Component:
    """Return the component that checked data describes."""
    return Component(
        id=data["id"],
        title=data["title"],
        traits=frozenset(data["traits"]),
        images=frozenset(data.get("images", ())),
        kinds=tuple(data.get("kinds", ())),
        ports=tuple(data.get("ports", ())),
        admin_ports=tuple(data.get("admin_ports", ())),
        data_folders=tuple(_folder(item) for item in data.get("data_folders", ())),
        data_settings=tuple(data.get("data_settings", ())),
        image_volumes=tuple(_folder(item) for item in data.get("image_volumes", ())),
        parameters=data.get("parameters", {}),
    )


def _folder(item: str | dict[str, Any]) -> Folder:
    return Folder(item) if isinstance(item, str) else Folder(**item)


def parse_profile(data: dict[str, Any]) -> Profile:
    """Return the profile that checked data describes."""
    return Profile(
        id=data["id"],
        title=data["title"],
        description=data["description"].strip(),
        parameters=data.get("parameters", {}),
        severities={
            rule: None if severity in ("off", False) else Severity(severity)
            for rule, severity in data.get("severities", {}).items()
        },
    )
