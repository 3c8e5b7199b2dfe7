"""Documents of a repository by topic: architecture, runbooks, deployment, owners, restore."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from refarch_lint.evaluate.evidence.tree import FileTree
from refarch_lint.location import Location
from refarch_lint.regex import regex

#: Paths, as globs, at which documents of each topic are looked for.
DEFAULT_PATHS: Mapping[str, tuple[str, ...]] = {
    "architecture": (
        "architecture.*", "docs/architecture*", "docs/**/architecture*", "doc/**/architecture*", "docs/architecture/**",
        "adr/**", "docs/adr/**", "doc/adr/**", "docs/adrs/**", "docs/decisions/**", "docs/design*", "docs/design/**",
    ),
    "runbooks": (
        "runbook*", "runbooks/**", "docs/runbook*", "docs/runbook*/**", "docs/**/runbook*", "docs/**/runbooks/**",
        "docs/playbook*", "docs/playbook*/**", "docs/operations/**", "docs/operating*", "docs/incident*",
    ),
    "deployment": (
        "deploy*.md", "install*.md", "docs/deploy*", "docs/deploy*/**", "docs/**/deploy*", "docs/install*",
        "docs/release*", "docs/releasing*", "docs/rollout*",
    ),
    "owners": (
        "codeowners", ".github/codeowners", ".gitlab/codeowners", "docs/codeowners", "owners", "owners.md",
        "maintainers", "maintainers.md", "docs/contact*", "docs/escalation*", "docs/on-call*", "docs/oncall*",
        "docs/owners*", "catalog-info.yaml",
    ),
    "restore": (
        "docs/**/*restor*", "docs/**/*disaster*", "runbooks/**/*restor*", "runbooks/**/*disaster*",
        "disaster-recovery*", "disaster-recovery/**", "restore*", "scripts/**/*restor*",
    ),
}  # fmt: skip

#: Headings that make a section of a README, or of another topic's document, a document of the topic.
_HEADINGS: Mapping[str, re.Pattern[str]] = {
    "architecture": regex(r"\barchitecture\b|\bsystem design\b|\bdesign overview\b", re.IGNORECASE),
    "runbooks": regex(r"\brunbooks?\b|\bplaybooks?\b|\bincidents?\b|\btroubleshooting\b", re.IGNORECASE),
    "deployment": regex(r"\bdeploy(?:ing|ment|ments)?\b|\bd[ée]ploiement\b|\brollout\b|\breleasing\b", re.IGNORECASE),
    "owners": regex(
        r"\bowners?(?:hip)?\b|\bmaintainers?\b|\bcontacts?\b|\bescalation\b|\bon[- ]call\b|\bsupport team\b",
        re.IGNORECASE,
    ),
    "restore": regex(
        r"\brestor(?:e|es|ing|ation)\b|\bdisaster recovery\b|\brestauration\b|\breprise d.activit", re.IGNORECASE
    ),
}
#: Topics whose headings are looked for in the documents of other topics too.
_ACROSS: Mapping[str, tuple[str, ...]] = {"restore": ("runbooks", "deployment"), "owners": ("runbooks",)}

_READMES = (
    "readme",
    "readme.*",
    "docs/readme*",
    "docs/index.md",
    "deploy/readme*",
    "k8s/readme*",
    "kubernetes/readme*",
)
_TEXTS = regex(r"(?:\.(?:md|markdown|mdx|rst|adoc|asciidoc|txt|org|sh|ya?ml|html)|(?:^|/)[^./]+)$", re.IGNORECASE)
#: The start of a diagram written as text; a README that draws the system documents its architecture.
_DIAGRAM = regex(r"\s*(?:```|~~~)\s*\{?\.?(?:mermaid|plantuml|puml|d2|dot|graphviz|c4)\b", re.IGNORECASE)
_PROSE = regex(r"\.(?:md|markdown|mdx|rst|adoc|asciidoc|txt|html)$|(?:^|/)readme$", re.IGNORECASE)
_HEADING = regex(r"^(?:#{1,6}\s+|={1,5}\s+|<h[1-6][^>]*>)(?P<title>.+?)\s*#*$")
_UNDERLINE = regex(r"^(?:={3,}|-{3,}|~{3,})\s*$")


class TopicDocument(NamedTuple):
    """A document, or the section of one, about a topic; `location` is its heading, else its first line."""

    topic: str
    location: Location
    title: str


def documents_of(
    tree: FileTree, paths: Mapping[str, tuple[str, ...]], folders: tuple[str, ...] = ("",)
) -> dict[str, tuple[TopicDocument, ...]]:
    """Return the documents of every topic; a blank document is none.

    Each topic's own globs count from each of `folders` (empty, or ending in a slash), those that `paths` adds from the
    root.
    """
    texts: dict[str, str] = {}

    def text(file: str) -> str:
        if file not in texts:
            texts[file] = tree.text(file)
        return texts[file]

    found: dict[str, list[TopicDocument]] = {}
    files: dict[str, tuple[str, ...]] = {}
    for topic, globs in DEFAULT_PATHS.items():
        named = set(tree.matching(globs, folders))
        if topic in paths:
            named.update(tree.matching(paths[topic]))
        files[topic] = tuple(file for file in sorted(named) if _TEXTS.search(file) and _says(text(file)))
        found[topic] = [TopicDocument(topic, *_title(file, text(file))) for file in files[topic]]
    readmes = tree.matching(_READMES, folders)
    for topic, pattern in _HEADINGS.items():
        elsewhere = [file for other in _ACROSS.get(topic, ()) for file in files[other]]
        for file in sorted({*readmes, *elsewhere} - set(files[topic])):
            found[topic].extend(
                TopicDocument(topic, Location.of_line(file, line), title)
                for line, title in _headings(file, text(file))
                if pattern.search(title)
            )
    for file in sorted(set(readmes) - set(files["architecture"])):
        if not any(item.location.file == file for item in found["architecture"]):
            found["architecture"].extend(
                TopicDocument("architecture", Location.of_line(file, number), f"diagram in {file}")
                for number, line in enumerate(text(file).splitlines(), start=1)
                if _DIAGRAM.match(line)
            )
    return {topic: tuple(sorted(items, key=lambda item: item.location)) for topic, items in found.items()}


def _says(text: str) -> bool:
    """Tell whether a file has any content besides comments and headings."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def _title(file: str, text: str) -> tuple[Location, str]:
    line, title = next(iter(_headings(file, text)), (1, file.rpartition("/")[2]))
    return Location.of_line(file, line), title


def _headings(file: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield line and title of the headings of Markdown, AsciiDoc and reStructuredText, outside code blocks."""
    if not _PROSE.search(file):
        return
    fenced = False
    previous = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced:
            if match := _HEADING.match(line):
                yield number, match["title"].strip()
            elif _UNDERLINE.match(line) and previous.strip() and len(line.strip()) >= len(previous.strip()) // 2:
                yield number - 1, previous.strip()
        previous = line
