"""Container image references, parsed by the grammar of the OCI distribution reference."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from refarch_lint.regex import regex
from refarch_lint.remembering import remembered

DEFAULT_REGISTRY = "docker.io"
DEFAULT_NAMESPACE = "library"
LATEST = "latest"

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = regex(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?")
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = regex(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = regex(r"(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})")
_IDENTIFIER = regex(r"[0-9a-f]{64}")
#: Variants of the tag latest; a date or a commit behind it says which one it was.
_VARIANT = regex(r"latest-(?!.*[0-9a-f]{6}).*|.*[-_.]latest")
_MAX_NAME = 255
_MAX_LENGTH = 1024


class ImageReference(NamedTuple):
    """An image by registry and repository, with the tag and the digest that were written (None where absent).

    Docker Hub's short forms are filled in: `redis` is `docker.io/library/redis`.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Registry and repository, without tag or digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def short_name(self) -> str:
        """The last component of the repository: `postgres` of `ghcr.io/team/postgres:16`."""
        return self.repository.rpartition("/")[2]

    @property
    def effective_tag(self) -> str | None:
        """The tag that is pulled: `latest` where neither tag nor digest is written, None for a digest alone."""
        return self.tag or (None if self.digest else LATEST)

    @property
    def is_latest(self) -> bool:
        """Whether the image moves with the tag `latest`, written or implied; a digest wins over any tag."""
        return self.digest is None and self.effective_tag == LATEST

    @property
    def follows_latest(self) -> bool:
        """Whether the image moves with `latest` or a variant of it, such as `latest-alpine` or `2-latest`."""
        return self.is_latest or (
            self.digest is None and self.tag is not None and _VARIANT.fullmatch(self.tag) is not None
        )

    def moves_with(self, words: Collection[object]) -> bool:
        """Whether the tag is one of `words`, or one with a variant behind it that is no version: `stable-alpine`."""
        if self.digest is not None or self.tag is None:
            return False
        word, _, variant = self.tag.partition("-")
        return self.tag in words or (word in words and not any(character.isdigit() for character in variant))

    @property
    def is_pinned(self) -> bool:
        """Whether a digest or a tag other than `latest` says which image runs."""
        return not self.is_latest

    @property
    def familiar(self) -> str:
        """The reference as people write it, without what Docker Hub lets them leave out."""
        name = self.name.removeprefix(f"{DEFAULT_REGISTRY}/")
        if name != self.name and name.count("/") == 1:
            name = name.removeprefix(f"{DEFAULT_NAMESPACE}/")
        return name + self._version

    @property
    def _version(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        """Return the full reference."""
        return self.name + self._version


@remembered
def parse_image(text: str) -> ImageReference | None:
    """Return the image that `text` refers to, or None if it is no reference (a template, an upper-case name).

    The grammar is that of github.com/distribution/reference, which the kubelet uses.
    """
    if len(text) > _MAX_LENGTH:
        return None
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return None
    registry, path = _split_registry(rest)
    repository, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        return None
    if not _DOMAIN.fullmatch(registry) or not _REPOSITORY.fullmatch(repository):
        return None
    if _IDENTIFIER.fullmatch(rest):
        return None
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"{DEFAULT_NAMESPACE}/{repository}"
    if len(registry) + 1 + len(repository) > _MAX_NAME:
        return None
    return ImageReference(registry, repository, tag or None, digest or None)


def _split_registry(text: str) -> tuple[str, str]:
    """Return registry and remainder; the first component is a registry if it looks like a host."""
    first, slash, rest = text.partition("/")
    is_host = "." in first or ":" in first or first == "localhost" or first != first.lower()
    if not slash or not is_host:
        return DEFAULT_REGISTRY, text
    return (DEFAULT_REGISTRY if first == "index.docker.io" else first), rest
