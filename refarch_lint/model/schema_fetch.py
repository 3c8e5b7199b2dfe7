"""Schemas from an address that was typed on the command line: fetched once, within bounds, and kept if asked to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path as FilePath
from time import monotonic
from typing import IO, Any, Final
from urllib.parse import urldefrag, urlsplit, urlunsplit

from refarch_lint.errors import UsageError

#: The largest schema that is taken, in bytes: the definitions of a whole Kubernetes version are two million.
MAX_SIZE: Final = 16 * 1024 * 1024
#: How long a server may stay silent, and how long one schema may take, in seconds.
SILENCE: Final = 10.0
DURATION: Final = 60.0

_CHUNK: Final = 64 * 1024
_MISSING: Final = 404


class SchemaFetcher:
    """Answers what is at an address. Each is asked once in a run; answers other than 404 stay in `cache`, if given."""

    def __init__(self, cache: FilePath | None = None) -> None:
        self._cache = cache
        self._answers: dict[str, Any] = {}

    def fetch(self, address: str) -> Any | None:
        """Return the JSON at an address, None where the server says that there is none (404).

        Raises UsageError where the server does not answer, answers anything else, or what comes is no JSON.
        """
        if address not in self._answers:
            try:
                self._answers[address] = self._look_up(address)
            except UsageError as error:
                self._answers[address] = error
        answer = self._answers[address]
        if isinstance(answer, UsageError):
            raise answer
        return answer

    def beside(self, origin: str) -> Callable[[str], Any]:
        """Return what reads the schemas that the one at `origin` refers to: from the same host, and no other."""

        def read(reference: str) -> Any:
            address = urldefrag(reference).url
            if urlsplit(address)[:2] != urlsplit(origin)[:2]:
                raise ValueError(f"it refers to {shown_address(address)}, which is on another host")
            found = self.fetch(address)
            if found is None:
                raise ValueError(f"it refers to {shown_address(address)}, which the server does not have")
            return found

        return read

    def _look_up(self, address: str) -> Any | None:
        kept = None if self._cache is None else self._cache / kept_name(address)
        try:
            if kept is not None and kept.is_file():
                return _parsed(kept.read_bytes(), str(kept))
            content = _download(address)
            if content is None:
                return None
            parsed = _parsed(content, shown_address(address))
            if kept is not None:
                # Whole or not at all: several runs may share the folder.
                part = kept.with_suffix(f".{os.getpid()}")
                part.write_bytes(content)
                part.replace(kept)
            return parsed
        except OSError as error:
            raise UsageError(f"could not keep schemas in {self._cache}: {error.strerror or error}") from error


def kept_name(address: str) -> str:
    """Return the name of the file in which what is at an address is kept: by the SHA-256 of the address."""
    from hashlib import sha256

    return f"{sha256(address.encode()).hexdigest()}.json"


def shown_address(address: str) -> str:
    """Return an address without its query, in which a token may stand."""
    return urlunsplit((*urlsplit(address)[:3], "", ""))


def _parsed(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"could not read schema {name}: it is not JSON ({type(error).__name__})") from error


def _download(address: str) -> bytes | None:
    """Return the bytes at an address, None for 404; proxies are taken from the environment (HTTPS_PROXY, NO_PROXY)."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, getproxies, proxy_bypass

    parts = urlsplit(address)
    try:
        request = Request(address, headers={"User-Agent": "refarch-lint", "Accept": "application/json, */*"})
        through = bool(getproxies().get(parts.scheme)) and not proxy_bypass(parts.hostname or "")
        with _opener().open(request, timeout=SILENCE) as answer:
            return _body(answer)
    except HTTPError as error:
        with error:
            if error.code == _MISSING:
                return None
            cause = f"the server answers {error.code}"
            if 300 <= error.code < 400:
                cause += ", and leads to where it is not followed"
    except URLError as error:
        reason = error.reason
        cause = getattr(reason, "strerror", None) or str(reason)
        cause += f" (through the proxy that {parts.scheme.upper()}_PROXY names)" if through else ""
    except OSError as error:
        cause = error.strerror or str(error) or type(error).__name__
    except (HTTPException, ValueError) as error:
        # Their own words may quote the query of the address.
        cause = f"no address or no answer that HTTP knows ({type(error).__name__})"
    raise UsageError(f"could not fetch schema {shown_address(address)}: {cause}")


def _opener() -> Any:
    """Return what opens addresses of http and https and knows no other scheme, not even after a redirection."""
    from urllib import request
    from urllib.error import URLError

    class Redirections(request.HTTPRedirectHandler):
        max_redirections = 5

        def redirect_request(
            self, req: request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
        ) -> request.Request | None:
            if (req.type, urlsplit(newurl).scheme) not in (("http", "http"), ("http", "https"), ("https", "https")):
                fp.close()
                raise URLError(f"the server leads to {shown_address(newurl)}, which is not followed")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.UnknownHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        Redirections(),
    ):
        opener.add_handler(handler)
    return opener


def _body(answer: IO[bytes]) -> bytes:
    from urllib.error import URLError

    until = monotonic() + DURATION
    content = bytearray()
    while chunk := answer.read(_CHUNK):
        content += chunk
        if len(content) > MAX_SIZE:
            raise URLError(f"it is larger than {MAX_SIZE // 1024 // 1024} MiB")
        if monotonic() > until:
            raise URLError(f"it takes longer than {DURATION:.0f} seconds")
    return bytes(content)
