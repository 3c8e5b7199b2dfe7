"""Where a repository comes from: its root, and the address of its `origin`, read from git's own files."""

from __future__ import annotations

import re
from pathlib import Path

from refarch_lint.regex import regex

_SECTION = regex(r'\[\s*(?P<name>[\w.-]+)(?:\s+"(?P<sub>[^"]*)")?\s*\]')
_URL = regex(r"url\s*=\s*(?P<url>\S+)")
_ADDRESS = regex(r"(?:(?P<scheme>[\w+]+)://)?(?:[^@/]*@)?(?P<host>[\w.-]+)(?::(?P<port>\d+)(?=/)|:|/)(?P<path>.+)")
_LIMIT = 1_000_000


def repository_root(start: Path) -> Path | None:
    """Return the nearest folder, from `start` upwards, that holds `.git` (a folder, or the file of a worktree)."""
    folder = start if start.is_dir() else start.parent
    folder = folder.resolve()
    return next((candidate for candidate in (folder, *folder.parents) if (candidate / ".git").exists()), None)


def origin_of(root: Path) -> str | None:
    """Return the address of the remote `origin`, else of the only remote, without credentials; None if there is none.

    git-config(1), gitrepository-layout(5): a worktree's `.git` file names its folder, whose `commondir` names the
    repository's own.
    """
    folder = _git_folder(root / ".git")
    remotes = _remotes(_text(folder / "config")) if folder is not None else {}
    url = remotes.get("origin") or (next(iter(remotes.values())) if len(remotes) == 1 else None)
    return re.sub(r"^([\w+]+://)[^@/]*@", r"\1", url) if url else None


def repository_key(url: str) -> str | None:
    """Return `host/path` of a repository's address, the same for all its spellings; None if it is no address.

    `git@github.com:org/app.git`, `https://github.com/org/app` and `ssh://git@github.com:22/org/app/` are one.
    """
    match = _ADDRESS.fullmatch(url.strip())
    if match is None or ("." not in match["host"] and not match["scheme"]):
        return None
    path = match["path"].strip("/").removesuffix(".git").strip("/")
    return f"{match['host'].lower()}/{path.lower()}" if path else None


def _git_folder(entry: Path) -> Path | None:
    if entry.is_dir():
        return entry
    text = _text(entry)
    if not text.startswith("gitdir:"):
        return None
    folder = entry.parent / text.removeprefix("gitdir:").strip()
    common = _text(folder / "commondir").strip()
    return folder / common if common else folder


def _remotes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    remote: str | None = None
    for raw in text.splitlines():
        line = raw.strip()
        if section := _SECTION.match(line):
            remote = section["sub"] if section["name"].lower() == "remote" else None
        elif remote is not None and (url := _URL.match(line)):
            found.setdefault(remote, url["url"].strip('"'))
    return found


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
