"""A stand-in for the hosts of published schemas: the layouts of their addresses, filled with what is built in here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

from refarch_lint.model.schema_location import Wanted
from refarch_lint.model.schema_sources import native_schemas, nearest_version
from refarch_lint.model.version import parse_version

_FILE = re.compile(r"/(?P<version>v[0-9]+\.[0-9]+)\.0(?P<form>-standalone)?(?P<strict>-strict)?/(?P<name>[^/]+)\.json")
#: A custom resource as a catalogue has it, without a `$schema`.
_PROXY = {"type": "object", "properties": {"spec": {"type": "object", "required": ["routes"]}}}
_OTHERS = {"/datreeio/CRDs-catalog/main/projectcontour.io/httpproxy_v1.json": _PROXY}


class StandIn(NamedTuple):
    """A running server: its address, without a path, and the paths at which a schema was found."""

    address: str
    served: list[str]


@contextmanager
def serving() -> Iterator[StandIn]:
    """Run the server on the local host."""
    served: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answer(self.path, f"http://{self.headers['Host']}")
            if found is not None:
                served.append(self.path)
            self.send_response(404 if found is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield StandIn(f"http://127.0.0.1:{server.server_address[1]}", served)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(path: str, host: str) -> Any | None:
    """Return the schema at a path, None if there is none: standalone, or referring to a file of all definitions."""
    if path in _OTHERS:
        return _OTHERS[path]
    match = _FILE.search(path)
    if match is None:
        return None
    native = native_schemas(nearest_version(parse_version(match["version"])))
    definitions = native.definitions if match["strict"] else _open(native.definitions)
    if match["name"] == "_definitions":
        return {"definitions": json.loads(json.dumps(definitions).replace("#/$defs/", "#/definitions/"))}
    name = next((native.kinds[key] for key in sorted(native.kinds) if match["name"] in _file_names(key)), None)
    if name is None:
        return None
    if match["form"]:
        return definitions[name] | {"$defs": definitions}
    folder = path.rpartition("/")[0]
    return {"$ref": f"{host}{folder}/_definitions.json#/definitions/{name}"}


def _file_names(key: str) -> tuple[str, ...]:
    """Return the names, without `.json`, under which published schemas have a kind, given as `apps/v1/Deployment`."""
    api_version, _, kind = key.rpartition("/")
    wanted = Wanted.of(api_version, kind)
    return (wanted.flat_name.removesuffix(".json"), kind.lower()) if wanted else ()


def _open(schema: Any) -> Any:
    """Return a schema that ignores fields which it does not know."""
    if isinstance(schema, dict):
        return {key: _open(value) for key, value in schema.items() if (key, value) != ("additionalProperties", False)}
    return [_open(item) for item in schema] if isinstance(schema, list) else schema
