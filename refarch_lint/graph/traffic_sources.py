"""The texts of a pod template in which destinations stand: environment, commands, mounted configuration files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic_clients import SHELLS
from refarch_lint.graph.traffic_configs import read_config
from refarch_lint.graph.traffic_environment import Variable, environment_of, expand_references
from refarch_lint.graph.traffic_names import Meaning, meaning_of
from refarch_lint.graph.traffic_programs import Word, read_program
from refarch_lint.graph.traffic_scripts import expand, program_of, read_script, shell_script
from refarch_lint.graph.traffic_values import Mention, Strength, as_port, read_value
from refarch_lint.location import Path, TextLine
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Container, ContainerType, Workload
from refarch_lint.regex import regex

_SERVICE_LINK = regex(r"\$[({]?([A-Z][A-Z0-9_]*)_SERVICE_HOST\b")
_CONFIG_KEY = regex(r"\.(?:ya?ml|json|toml|properties|conf|cfg|ini|env|config)$", re.IGNORECASE)
_UNKNOWN_HOST = regex(r"(?:://(?:[^@/\s]*@)?|^)\$\(([A-Za-z_]\w*)\)")


@dataclass(frozen=True, slots=True, eq=False)
class Sourced:
    """A mention with where it is written, how the workload gets it, and what names it; None where a Secret holds it."""

    mention: Mention | None
    place: Place
    via: Place | None
    reason: str
    directory: Resource | None = None


class Texts:
    """Reads the texts of workloads; a ConfigMap that many of them mount is read once."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._config_maps: dict[tuple[str, str], Resource] = {}
        self._secrets: dict[tuple[str, str], Resource] = {}
        self._read: dict[tuple[int, str], list[Mention]] = {}
        for resource in resources:
            if resource.group == "" and resource.kind in ("ConfigMap", "Secret"):
                index = self._config_maps if resource.kind == "ConfigMap" else self._secrets
                index.setdefault((resource.namespace, resource.name), resource)

    def of(self, workload: Workload) -> list[Sourced]:
        """Return every mention in a workload's environment, commands and mounted ConfigMaps, in that order."""
        found: list[Sourced] = []
        for container in workload.containers:
            if container.type is ContainerType.EPHEMERAL:
                continue
            variables = environment_of(workload, container, self._config_maps, self._secrets)
            found.extend(_from_environment(container, variables))
            found.extend(_from_command(workload, container, variables))
        found.extend(self._from_volumes(workload))
        return found

    def unread_scrape_configurations(self) -> Iterator[tuple[Resource, list[Sourced]]]:
        """Yield the mentions of each ConfigMap that configures a Prometheus and that no workload read so far mounts."""
        read = {identity for identity, _ in self._read}
        for resource in self._config_maps.values():
            if id(resource) in read:
                continue
            found = [
                item
                for key, text in mapping(resource.data.get("data")).items()
                if isinstance(key, str) and isinstance(text, str) and "scrape_configs:" in text
                for item in self._from_file(resource, key, text, None)
            ]
            if found:
                yield resource, found

    def _from_volumes(self, workload: Workload) -> Iterator[Sourced]:
        mounts: dict[str, list[str]] = {}
        for container in workload.containers:
            for mount in sequence(container.data.get("volumeMounts")):
                name, sub_path = mapping(mount).get("name"), mapping(mount).get("subPath")
                if isinstance(name, str):
                    mounts.setdefault(name, []).append(sub_path if isinstance(sub_path, str) else "")
        for index, volume in enumerate(sequence(workload.pod_spec.get("volumes"))):
            name = mapping(volume).get("name")
            if not isinstance(name, str) or name not in mounts:
                continue
            sub_paths = frozenset(mounts[name])
            root: Path = (*workload.pod_spec_path, "volumes", index)
            sources = [(mapping(volume), root)]
            for position, source in enumerate(sequence(dig(volume, "projected", "sources"))):
                sources.append((mapping(source), (*root, "projected", "sources", position)))
            for source, path in sources:
                yield from self._from_source(workload, source, path, frozenset() if "" in sub_paths else sub_paths)

    def _from_source(
        self, workload: Workload, source: dict[str, object], path: Path, sub_paths: frozenset[str]
    ) -> Iterator[Sourced]:
        for field, name_keys in (("configMap", ("name",)), ("secret", ("secretName", "name"))):
            reference = mapping(source.get(field))
            name_key = next((key for key in name_keys if isinstance(reference.get(key), str)), None)
            if name_key is None:
                continue
            identity = (workload.namespace, reference[name_key])
            resource = (self._config_maps if field == "configMap" else self._secrets).get(identity)
            if resource is None:
                continue
            via = Place(workload.resource, (*path, field, name_key))
            listed = [mapping(item) for item in sequence(reference.get("items"))]
            items = {item["key"]: item.get("path") for item in listed if isinstance(item.get("key"), str)}
            for part in ("data", "stringData") if field == "secret" else ("data",):
                for key, text in mapping(resource.data.get(part)).items():
                    if not isinstance(key, str) or (items and key not in items):
                        continue
                    if sub_paths and items.get(key, key) not in sub_paths:
                        continue
                    if field == "secret":
                        if _CONFIG_KEY.search(key):
                            reason = f"file {key} of {resource} is secret"
                            yield Sourced(None, Place(resource, (part, key)), via, reason)
                    elif isinstance(text, str):
                        yield from self._from_file(resource, key, text, via)

    def _from_file(self, resource: Resource, key: str, text: str, via: Place | None) -> Iterator[Sourced]:
        mentions = self._read.get((id(resource), key))
        if mentions is None:
            mentions = self._read[id(resource), key] = read_config(key, text)
        for mention in mentions:
            subject = f"{mention.subject} in " if mention.subject else ""
            yield Sourced(mention, _at(Place(resource, ("data", key)), text, mention), via, f"{subject}file {key}")


def _from_environment(container: Container, variables: Mapping[str, Variable]) -> Iterator[Sourced]:
    def port_of(name: str) -> int | None:
        variable = variables.get(name)
        return as_port(variable.value) if variable is not None else None

    for variable in variables.values():
        meaning = meaning_of(variable.name)
        value = variable.value
        reason = f"{variable.name} of container {container.name}"
        if value is None:
            if meaning in (Meaning.HOST, Meaning.LOCATION) and (
                variable.secret or "configMapKeyRef" in variable.place.path
            ):
                holder = "a Secret" if variable.secret else "a ConfigMap that is not in the tree"
                yield Sourced(None, variable.place, variable.via, f"{reason} comes from {holder}")
            continue
        if "\n" in value.strip() or value.lstrip().startswith("{"):
            mentions = read_config(variable.name, value)
        else:
            mentions = read_value(variable.name, value, port_of)
            if " -" in value or value.startswith("-"):
                words = [Word(word, 0) for word in value.split()]
                mentions = [*read_program("", words), *mentions]
        for mention in mentions:
            place = _at(variable.place, value, mention)
            yield Sourced(mention, place, variable.via, reason, variable.directory)
        hidden = _UNKNOWN_HOST.search(value) if "$(" in value else None
        if hidden and meaning is not Meaning.OTHER:
            name = hidden[1]
            other = variables.get(name)
            if other is not None and other.value is None and other.secret:
                yield Sourced(None, variable.place, variable.via, f"{reason} comes from a Secret")
        yield from _from_links(value, variable.place, variable.via, reason)


def _from_command(workload: Workload, container: Container, variables: Mapping[str, Variable]) -> Iterator[Sourced]:
    words: list[str] = []
    paths: list[Path] = []
    for field in ("command", "args"):
        for index, item in enumerate(sequence(container.data.get(field))):
            if isinstance(item, (str, int, float)) and not isinstance(item, bool):
                words.append(expand_references(str(item), variables))
                paths.append((*container.path, field, index))
    if not words:
        return
    known = {name: variable.value for name, variable in variables.items() if variable.value is not None}
    program = program_of(words[0])
    reason = f"command of container {container.name}"
    starts = [index for index, word in enumerate(words[:4]) if program_of(word) in SHELLS]
    script = shell_script(words, starts[0] + 1) if starts else None
    mentions: list[tuple[int, Mention]] = []
    if script is not None:
        mentions = [(script, mention) for mention in read_script(words[script], known)]
    else:
        for index, word in enumerate(words):
            if "\n" in word.strip():
                mentions += [(index, mention) for mention in read_script(word, known)]
        has_program = bool(sequence(container.data.get("command"))) or "-" not in words[0][:1]
        arguments = [Word(expand(word, known), index) for index, word in enumerate(words) if "\n" not in word.strip()]
        found = read_program(program if has_program else "", arguments[1:] if has_program else arguments)
        mentions += [(mention.line, mention._replace(line=0)) for mention in found]
    for index, mention in mentions:
        subject = f"{mention.subject} in " if mention.subject else ""
        place = _at(Place(workload.resource, paths[index]), words[index], mention)
        yield Sourced(mention, place, None, f"{subject}{reason}")
    for index, word in enumerate(words):
        yield from _from_links(word, Place(workload.resource, paths[index]), None, reason)


def _from_links(text: str, place: Place, via: Place | None, reason: str) -> Iterator[Sourced]:
    """Yield the Services behind `$(REDIS_SERVICE_HOST)`, the variables that the kubelet adds for each Service."""
    if "_SERVICE_HOST" not in text:
        return
    for match in _SERVICE_LINK.finditer(text):
        host = match[1].lower().replace("_", "-")
        line = text.count("\n", 0, match.start())
        mention = Mention(host, None, False, None, line, Strength.WEAK, match[1])
        yield Sourced(mention, _at(place, text, mention), via, reason)


def _at(place: Place, text: str, mention: Mention) -> Place:
    """Return the place of a mention: where its line names the host once, just that; a text of one line as a whole."""
    if "\n" not in text:
        return place
    found = [match.span() for match in re.finditer(re.escape(mention.host), text.split("\n")[mention.line])]
    return Place(place.resource, (*place.path, TextLine(mention.line, found[0] if len(found) == 1 else None)))
