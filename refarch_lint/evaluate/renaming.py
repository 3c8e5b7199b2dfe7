"""Names that kustomizations give to Services, which no variable and no configuration file follows."""

from __future__ import annotations

from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.subject import Fault, Note
from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic import Need
from refarch_lint.model.resource import Resource


def is_new_name(name: str, context: RuleContext) -> bool:
    """Tell whether a Service has a name once a kustomization has put something around it."""
    return name in context.run.once(_new_names)


def _new_names(run: RunContext) -> frozenset[str]:
    services = run.graph.index.of_kind("Service", "")
    return frozenset(name for item in services if (name := run.unit.name_of(item)) != item.name)


def renamed(need: Need, service: Resource, context: RuleContext) -> Fault | None:
    """Return the fault of a value that names a Service as it is called before a kustomization renames it."""
    name = context.run.unit.name_of(service)
    if name == service.name or need.host.partition(".")[0] != service.name or _follows(context.run):
        return None
    return Fault(
        f"{need.asked_by} needs {need.host} ({need.reason}), but a kustomization gives {service} a prefix or "
        "suffix, which values do not follow",
        need.place,
        (Note(f"it is deployed as {name}", Place(service, ("metadata", "name"))),),
    )


def _follows(run: RunContext) -> bool:
    """Tell whether a kustomization of the unit may change values of its own accord."""
    fields = ("configurations", "replacements", "transformers", "vars")
    return any(item.data.get(field) for item in run.graph.index.kustomizations for field in fields)
