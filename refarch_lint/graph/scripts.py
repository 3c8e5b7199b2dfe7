"""The commands that the containers of a pod template run, read from their command lines and from mounted scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.graph.storage import clean_path
from refarch_lint.graph.traffic_clients import SHELLS
from refarch_lint.graph.traffic_environment import Variable, expand_references
from refarch_lint.location import TextLine
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.shell import Command, options, read_shell
from refarch_lint.model.workload import Container, Workload
from refarch_lint.regex import regex

_SHELL_FLAG = regex(r"[-+][A-Za-z]+")

ConfigMaps = Mapping[tuple[str, str], Resource]


class Step(NamedTuple):
    """A command and the place of the line on which it begins."""

    command: Command
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """What one container runs; without `is_visible` its program is inside the image.

    `options` are the shell options `errexit` and `pipefail` that hold; `is_shell` tells that a shell reads it.
    """

    container: Container
    steps: tuple[Step, ...]
    is_visible: bool
    is_shell: bool = False
    options: frozenset[str] = frozenset()


def script_of(workload: Workload, container: Container, variables: Mapping[str, Variable], maps: ConfigMaps) -> Script:
    """Return what a container runs, as far as its command line and the ConfigMaps of the tree show it."""
    words: list[str] = []
    places: list[Place] = []
    for field in ("command", "args"):
        for index, item in enumerate(sequence(container.data.get(field))):
            if isinstance(item, (str, int, float)) and not isinstance(item, bool):
                words.append(expand_references(str(item), variables))
                places.append(Place(workload.resource, (*container.path, field, index)))
    known = {name: variable.value for name, variable in variables.items() if variable.value is not None}
    if not words:
        return Script(container, (), False)
    if not sequence(container.data.get("command")):
        is_program = not words[0].startswith("-")
        steps = (Step(Command(tuple(words), 0), places[0]),)
        return Script(container, steps, False) if is_program else Script(container, (), False)
    start = next((index for index, word in enumerate(words[:4]) if word.rpartition("/")[2] in SHELLS), None)
    given = ""
    if start is not None:
        found, flags, is_text = _after_flags(words, start + 1)
        given = " ".join(flags)
        if found is None:
            return Script(container, (), False, True)
        if is_text:
            return _shell(container, words[found], places[found], given, known)
        start = found
    text, place = _mounted(workload, container, words[start or 0], maps)
    if text is not None and place is not None:
        return _shell(container, text, place, given, known)
    visible = start is None and not words[0].endswith((".sh", ".py"))
    return Script(container, (Step(Command(tuple(words), 0), places[0]),), visible)


def _after_flags(words: list[str], index: int) -> tuple[int | None, list[str], bool]:
    """Return where a shell's script or script file stands, the flags before it, and whether it is a script's text."""
    flags: list[str] = []
    is_text = False
    while index < len(words) and _SHELL_FLAG.fullmatch(words[index]):
        flags.append(words[index])
        is_text = is_text or "c" in words[index]
        if words[index].endswith("o") and index + 1 < len(words):
            index += 1
            flags.append(words[index])
        index += 1
    return (index if index < len(words) else None), flags, is_text


def _shell(container: Container, text: str, place: Place, given: str, known: Mapping[str, str]) -> Script:
    commands = read_shell(text, known)
    lines = "\n" in text
    first = text.partition("\n")[0]
    if first.startswith("#!"):
        given = f"{given} {first}"
    steps = tuple(
        Step(command, Place(place.resource, (*place.path, TextLine(command.line))) if lines else place)
        for command in commands
    )
    return Script(container, steps, True, True, options(commands, given))


def _mounted(workload: Workload, container: Container, file: str, maps: ConfigMaps) -> tuple[str | None, Place | None]:
    """Return the text of a script that a ConfigMap of the tree mounts, and where it is written."""
    path = clean_path(file)
    volumes = {str(mapping(item).get("name")): mapping(item) for item in sequence(workload.pod_spec.get("volumes"))}
    for item in sequence(container.data.get("volumeMounts")):
        folder, name = mapping(item).get("mountPath"), mapping(item).get("name")
        source = mapping(volumes.get(str(name), {}).get("configMap"))
        config_map = maps.get((workload.namespace, str(source.get("name"))))
        if config_map is None or not isinstance(folder, str):
            continue
        renamed = {str(mapping(part).get("path")): mapping(part).get("key") for part in sequence(source.get("items"))}
        for key, text in mapping(config_map.data.get("data")).items():
            shown = next((target for target, original in renamed.items() if original == key), key)
            whole = clean_path(folder) if mapping(item).get("subPath") == shown else clean_path(f"{folder}/{shown}")
            if whole == path and isinstance(text, str):
                return text, Place(config_map, ("data", key))
    return None, None
