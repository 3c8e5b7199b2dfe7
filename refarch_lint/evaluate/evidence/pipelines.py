"""Pipelines of CI services, read from their files: which steps build, test, scan and deploy, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from refarch_lint.evaluate.evidence.steps import StepKind, action_kind, is_idle, names_tests, steps_in
from refarch_lint.evaluate.evidence.tree import FileTree
from refarch_lint.location import Location, Path, TextLine
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.regex import regex
from refarch_lint.source.discovery import InputFile
from refarch_lint.source.document import Document
from refarch_lint.source.loading import read_file

#: CI services and the files that configure them, as globs from the repository's root.
SYSTEMS: dict[str, tuple[str, ...]] = {
    "GitLab CI": (".gitlab-ci.yml", ".gitlab-ci.yaml", ".gitlab/ci/**.yml", ".gitlab-ci/**.yml"),
    "GitHub Actions": (
        ".github/workflows/*.yml", ".github/workflows/*.yaml", ".github/actions/**/action.yml",
        ".github/actions/**/action.yaml",
    ),
    "Jenkins": ("Jenkinsfile", "Jenkinsfile.*", "*.jenkinsfile", "*/Jenkinsfile", "*/*.jenkinsfile"),
    "Azure Pipelines": (
        "azure-pipelines*.yml", "azure-pipelines*.yaml", ".azure-pipelines/**.yml", ".azuredevops/**.yml",
        "azure-pipelines/**.yml",
    ),
    "CircleCI": (".circleci/config.yml", ".circleci/config.yaml"),
    "Bitbucket Pipelines": ("bitbucket-pipelines.yml",),
    "Woodpecker": (".woodpecker.yml", ".woodpecker.yaml", ".woodpecker/*.yml", ".woodpecker/*.yaml"),
    "Drone": (".drone.yml",),
    "Travis CI": (".travis.yml",),
    "Buildkite": (".buildkite/pipeline.yml", ".buildkite/pipeline.yaml"),
    "Cloud Build": ("cloudbuild.yaml", "cloudbuild.yml"),
}  # fmt: skip

#: Services that read their files at the root of a repository and nowhere else.
_AT_THE_ROOT = frozenset({"GitHub Actions", "Cloud Build", "Travis CI", "Bitbucket Pipelines"})

_COMMANDS = frozenset(
    {"script", "before_script", "after_script", "run", "command", "commands", "bash", "sh", "powershell", "pwsh"}
    | {"inlineScript", "install", "before_install", "after_success", "deploy", "source"}
)
_ACTIONS = frozenset({"uses", "pipe", "task", "template", "component", "plugin"})
_GROOVY_COMMENT = regex(r"(?<!:)//.*$|^\s*/?\*.*$")
_GROOVY_SHELL = regex(r"^\s*(?:sh|bat|powershell)\b\s*\(?\s*(?:script\s*:\s*)?[\"']{1,3}")
_GROOVY_STAGE = regex(r"stage\s*\(?\s*[\"']([^\"']+)")
_INCLUDE_DEPTH = 3


class Step(NamedTuple):
    """One thing that a pipeline does; `what` is the program and verb, the action, or the job's name."""

    kind: StepKind
    what: str
    location: Location


class Pipeline(NamedTuple):
    """A pipeline's file, or an object that defines one, with what its steps do, in order."""

    system: str
    name: str
    location: Location
    steps: tuple[Step, ...]

    def of_kind(self, kind: StepKind) -> tuple[Step, ...]:
        """Return the steps of one kind."""
        return tuple(step for step in self.steps if step.kind is kind)


def pipelines_of(tree: FileTree, extra: tuple[str, ...] = (), folders: tuple[str, ...] = ("",)) -> tuple[Pipeline, ...]:
    """Return the pipelines of a repository by file name; `extra` are globs of further files to read as pipelines.

    Services that let a project say where its file is are looked for in each of `folders` (empty, or ending in a slash).
    """
    found: dict[str, Pipeline] = {}
    for system, globs in SYSTEMS.items():
        homes = ("",) if system in _AT_THE_ROOT else folders
        for file in tree.matching(globs, homes):
            if file not in found and (pipeline := _read(tree, system, file)) is not None:
                found[file] = pipeline
    for file in tree.matching(extra):
        if file not in found and (pipeline := _read(tree, "pipeline", file)) is not None:
            found[file] = pipeline
    for file in [name for name, pipeline in found.items() if pipeline.system == "GitLab CI"]:
        _follow_includes(tree, file, found, 0)
    return tuple(found[file] for file in sorted(found))


def _read(tree: FileTree, system: str, file: str) -> Pipeline | None:
    if file.endswith((".yml", ".yaml", ".json")):
        steps: list[Step] = []
        for document in _documents(tree.root, file):
            steps.extend(_document_steps(system, document))
        has_content = bool(tree.text(file).strip())
    else:
        text = tree.text(file)
        steps = list(_groovy_steps(file, text))
        has_content = bool(text.strip())
    return Pipeline(system, file, Location.of_line(file, 1), tuple(steps)) if has_content else None


def _documents(root: FilePath, file: str) -> tuple[Document, ...]:
    return tuple(read_file(InputFile(file, root / file)).documents)


def _follow_includes(tree: FileTree, file: str, found: dict[str, Pipeline], depth: int) -> None:
    """Read the files of the repository that a GitLab pipeline includes (`include: local:`)."""
    if depth == _INCLUDE_DEPTH:
        return
    for document in _documents(tree.root, file):
        included = mapping(document.data).get("include")
        for item in included if isinstance(included, list) else [included]:
            local = item if isinstance(item, str) else mapping(item).get("local")
            if not isinstance(local, str) or "://" in local:
                continue
            for name in tree.matching((local.lstrip("/"),)):
                if name not in found and (pipeline := _read(tree, "GitLab CI", name)) is not None:
                    found[name] = pipeline
                    _follow_includes(tree, name, found, depth + 1)


def _document_steps(system: str, document: Document) -> Iterator[Step]:
    for job, path, data in _jobs(system, document.data):
        steps = list(_walk(document, data, path, job))
        yield from steps
        tested = any(step.kind is StepKind.TEST for step in steps)
        if not tested and names_tests(job) and any(not is_idle(text) for text in _scripts(data)):
            yield Step(StepKind.TEST, f"job {job.partition(' ')[0]}", document.locate(path))


def _jobs(system: str, data: Any) -> Iterator[tuple[str, Path, Any]]:
    """Yield the name (with its stage), path and content of each job; the whole document where jobs have no names."""
    if system == "GitLab CI" and isinstance(data, dict):
        for name, job in data.items():
            stage = mapping(job).get("stage")
            yield f"{name} {stage}" if isinstance(stage, str) else name, (name,), job
    elif system in ("GitHub Actions", "CircleCI") and isinstance(mapping(data).get("jobs"), dict):
        for name, job in data["jobs"].items():
            yield name, ("jobs", name), job
    else:
        yield "", (), data


def _walk(document: Document, data: Any, path: Path, job: str, depth: int = 0) -> Iterator[Step]:
    if depth > 40:
        return
    if isinstance(data, dict):
        yield from _program(document, data, path, job)
        for key, value in data.items():
            inner = (*path, key)
            if key in _COMMANDS:
                yield from _script(document, value, inner, job)
                objects = [(index, item) for index, item in enumerate(sequence(value)) if isinstance(item, dict)]
                for index, item in objects:
                    yield from _walk(document, item, (*inner, index), job, depth + 1)
            if key in _ACTIONS and isinstance(value, str):
                yield from _action(document, data, key, value, inner)
            elif key == "include" or key not in _COMMANDS or isinstance(value, dict):
                yield from _walk(document, value, inner, job, depth + 1)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _walk(document, item, (*path, index), job, depth + 1)


def _script(document: Document, value: Any, path: Path, job: str) -> Iterator[Step]:
    if isinstance(value, str):
        for matched in steps_in(value, job):
            place = (*path, TextLine(matched.line)) if "\n" in value else path
            yield Step(matched.kind, matched.what, document.locate(place))
    for index, item in enumerate(sequence(value)):
        if isinstance(item, dict):
            continue
        yield from _script(document, item, (*path, index), job)


def _program(document: Document, data: dict[str, Any], path: Path, job: str) -> Iterator[Step]:
    """Yield what a container step runs whose command is a list of words: `image`, `name`, `command`, `args`."""
    words = [word for key in ("command", "args") for word in sequence(data.get(key)) if isinstance(word, str)]
    image = data.get("image", data.get("name"))
    if not words or any("\n" in word for word in words):
        return
    if not sequence(data.get("command")) and isinstance(image, str):
        words.insert(0, re.split(r"[:@]", image.rpartition("/")[2])[0])
    key = "command" if sequence(data.get("command")) else "args"
    for matched in steps_in(" ".join(words), job):
        yield Step(matched.kind, matched.what, document.locate((*path, key)))


def _action(document: Document, data: dict[str, Any], key: str, value: str, path: Path) -> Iterator[Step]:
    kind = action_kind(value)
    inputs = mapping(data.get("inputs")) | mapping(data.get("with"))
    command = " ".join(str(inputs[name]) for name in ("command", "action", "goals", "tasks") if name in inputs)
    if key == "task":
        lowered = value.lower()
        if lowered.startswith("kubernetes@") and command:
            kind = StepKind.DEPLOY_DECLARATIVE if command.startswith("apply") else StepKind.DEPLOY_IMPERATIVE
        elif re.search(r"\b(?:test|verify|check)\b", command):
            kind = StepKind.TEST
    if kind is not None:
        yield Step(kind, value.partition("@")[0], document.locate(path))


def _scripts(data: Any, depth: int = 0) -> Iterator[str]:
    if depth > 40:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            if key in _COMMANDS:
                yield from (text for text in (value, *sequence(value)) if isinstance(text, str))
            if isinstance(value, str) and key in ("uses", "pipe", "task") and names_tests(value):
                yield value
            yield from _scripts(value, depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from _scripts(item, depth + 1)


def _groovy_steps(file: str, text: str) -> Iterator[Step]:
    stage = ""
    for number, line in enumerate(text.split("\n"), start=1):
        code = _GROOVY_COMMENT.sub("", line)
        named = _GROOVY_STAGE.search(code)
        stage = named[1] if named else stage
        for matched in steps_in(_GROOVY_SHELL.sub("", code), stage):
            yield Step(matched.kind, matched.what, Location.of_line(file, number))
