"""Pipelines that are themselves Kubernetes objects: Tekton and Argo Workflows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from refarch_lint.evaluate.evidence.pipelines import Pipeline, Step
from refarch_lint.evaluate.evidence.steps import StepKind, action_kind, names_tests, steps_in
from refarch_lint.location import Path, TextLine
from refarch_lint.model.resource import Resource, dig, sequence

_KINDS: dict[tuple[str, str], str] = {
    **{("tekton.dev", kind): "Tekton" for kind in ("Pipeline", "Task", "ClusterTask", "PipelineRun", "TaskRun")},
    **{
        ("argoproj.io", kind): "Argo Workflows"
        for kind in ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow")
    },
}


def pipelines_in(resources: Iterable[Resource]) -> tuple[Pipeline, ...]:
    """Return the pipelines among Kubernetes objects, in order; one without any step that counts is none."""
    found: list[Pipeline] = []
    for resource in resources:
        system = _KINDS.get((resource.group, resource.kind))
        steps = tuple(_steps(resource, resource.data.get("spec"), ("spec",))) if system else ()
        if system and steps:
            found.append(Pipeline(system, str(resource), resource.locate(("metadata", "name")), steps))
    return tuple(found)


def _steps(resource: Resource, data: Any, path: Path, depth: int = 0) -> Iterator[Step]:
    if depth > 30:
        return
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _steps(resource, item, (*path, index), depth + 1)
        return
    if not isinstance(data, dict):
        return
    for key in ("script", "source"):
        text = data.get(key)
        if isinstance(text, str):
            for matched in steps_in(text):
                place = (*path, key, TextLine(matched.line)) if "\n" in text else (*path, key)
                yield Step(matched.kind, matched.what, resource.locate(place))
    yield from _container(resource, data, path)
    for reference in ("taskRef", "templateRef"):
        name = dig(data, reference, "name")
        if isinstance(name, str):
            kind = action_kind(name) or (StepKind.TEST if names_tests(name) else None)
            if kind is not None:
                yield Step(kind, name, resource.locate((*path, reference, "name")))
    for key, value in data.items():
        yield from _steps(resource, value, (*path, key), depth + 1)


def _container(resource: Resource, data: dict[str, Any], path: Path) -> Iterator[Step]:
    command = [word for word in sequence(data.get("command")) if isinstance(word, str)]
    arguments = [word for word in sequence(data.get("args")) if isinstance(word, str)]
    image = data.get("image")
    if not isinstance(image, str) or not (command or arguments):
        return
    if not command:
        command = [image.rpartition("/")[2].partition("@")[0].partition(":")[0]]
    key = "args" if arguments else "command"
    script = "\n".join((" ".join(command), *arguments)) if _is_shell(command) else " ".join((*command, *arguments))
    for matched in steps_in(script):
        yield Step(matched.kind, matched.what, resource.locate((*path, key)))


def _is_shell(command: list[str]) -> bool:
    return command[0].rpartition("/")[2] in ("sh", "bash", "ash")
