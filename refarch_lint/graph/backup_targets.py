"""Where the commands of a backup write: onto which volume, under a name of its own each time, or over the last copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import join
from typing import NamedTuple

from refarch_lint.graph.backup_programs import Purpose, serves
from refarch_lint.graph.backups import BackupJob
from refarch_lint.graph.scripts import Step
from refarch_lint.graph.storage import Volume, clean_path, mount_at, mounts_in
from refarch_lint.regex import regex

_DATED = regex(
    r"\$\(\s*date\b|`\s*date\b|\$\{?\w*(?:DATE|NOW|TIMESTAMP|STAMP|TODAY|TIME|DAY|RUN_ID|EPOCH)\w*\b|%[YFs]",
    re.IGNORECASE,
)
#: What only a shell replaces: without one it is part of the name.
_SUBSTITUTED = regex(r"\$\(\s*date\b|`\s*date\b")
_SILENT = frozenset(
    {
        "echo",
        "printf",
        "rm",
        "ls",
        "test",
        "[",
        "[[",
        "cat",
        "cd",
        "find",
        "export",
        "date",
        "sleep",
        "for",
        "read",
        "local",
    }
    | {"grep", "sed", "awk", "head", "tail", "wc", "stat", "du", "df", "exit", "set", "chmod", "chown", "trap", "umask"}
)
_FILE_FLAG = regex(r"^(?:--?[A-Za-z][\w-]*=|if=|of=)(?=/|\.|\$)")
_INPUTS = regex(r"^(?:--config|--password-file|--defaults(?:-extra)?-file|--ca\w*|--cert|--key|--files-from)\b")


class Written(NamedTuple):
    """A file that a backup writes: the step, the volume that holds it (None for the container's own file system).

    `is_dated` tells that each run chooses another name; `is_remote` that the place is no file of the container.
    """

    step: Step
    volume: Volume | None
    is_dated: bool
    is_remote: bool = False


def written(job: BackupJob) -> Iterator[Written]:
    """Yield what the commands of a backup write, in order, as far as their words show it."""
    for script in job.scripts:
        mounts = mounts_in(job.workload, script.container)
        folder = ""
        for step in script.steps:
            command = step.command
            if command.program == "cd" and len(command.arguments) > 1:
                folder = join(folder, command.arguments[1])
                continue
            sends = serves(command, Purpose.SEND)
            for path, is_output in _paths(step):
                dated = script.is_shell and bool(_DATED.search(path))
                if sends and "://" in path:
                    yield Written(step, None, dated, True)
                    continue
                whole = clean_path(join(folder, path)) if path.startswith("/") or folder else ""
                if whole in ("/dev/null", "/dev/stdout", "/dev/stderr", "-") or (sends and not dated):
                    continue
                mount = mount_at(mounts, whole) if whole else None
                if is_output or (mount is not None and not sends):
                    yield Written(step, mount.volume if mount else None, dated)
            if sends and not any("://" in word for word in command.words):
                yield Written(step, None, script.is_shell and any(_DATED.search(word) for word in command.words), True)


def _paths(step: Step) -> Iterator[tuple[str, bool]]:
    """Yield the words of a command that may be files it writes, and whether it surely writes them."""
    command = step.command
    yield from ((path, True) for path in command.outputs)
    if command.program in _SILENT or not command.arguments:
        return
    for word in command.arguments[1:]:
        if _INPUTS.search(word):
            continue
        value = _FILE_FLAG.sub("", word)
        if value.startswith(("/", "./", "$")) or "://" in value or value != word or _DATED.search(word):
            yield value.removeprefix("./"), False


def unexpanded(job: BackupJob) -> Step | None:
    """Return a command that no shell reads although a word of it asks a shell for the date, or None.

    Kubernetes replaces `$(VAR)` in commands by variables only (API reference, Container.command).
    """
    for script in job.scripts:
        if script.is_visible and not script.is_shell:
            for step in script.steps:
                if any(_SUBSTITUTED.search(word) for word in step.command.words):
                    return step
    return None
