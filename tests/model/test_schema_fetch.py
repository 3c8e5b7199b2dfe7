from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from refarch_lint.errors import UsageError
from refarch_lint.model import schema_engine, schema_fetch
from refarch_lint.model.api_schema import open_schemas
from refarch_lint.model.schema_fetch import kept_name
from refarch_lint.model.schema_location import DEFAULT_LOCATION, SchemaLocation, Wanted, parse_location
from refarch_lint.model.version import KubernetesVersion

#: A location that begins with `@` is of the server.
CATALOGUE = "@/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
SIZED = {"type": "object", "properties": {"spec": {"properties": {"size": {"type": "integer"}}}}}


class Server:
    """A web server on the local host: what it has, by path, and what it was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.redirections: dict[str, str] = {}
        self.broken: set[str] = set()
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                server.asked.append(path)
                if path in server.redirections:
                    self.send_response(302)
                    self.send_header("Location", server.redirections[path])
                elif path in server.broken:
                    self.send_response(500)
                elif path in server.pages:
                    self.send_response(200)
                else:
                    self.send_response(404)
                self.end_headers()
                self.wfile.write(server.pages.get(path, b"{}"))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def has(self, path: str, schema: Any) -> None:
        self.pages[path] = json.dumps(schema).encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    started = Server()
    thread = Thread(target=started.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield started
    started.http.shutdown()
    started.http.server_close()
    thread.join()


def queue(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Queue", "metadata": {"name": "q"}, "spec": spec}


def messages(server: Server, data: dict[str, Any], *texts: str, **options: Any) -> list[str]:
    locations = [parse_location(text.replace("@", server.url)) for text in texts]
    return [fault.message for fault in open_schemas("1.37", locations, **options).faults(data)]


def test_placeholders_mean_what_they_mean_to_kubeconform() -> None:
    text = "{{.Group}}|{{ .ResourceKind }}|{{.ResourceAPIVersion}}|{{.KindSuffix}}|{{.NormalizedKubernetesVersion}}"
    location = SchemaLocation(text + "|{{.StrictSuffix}}")
    version = KubernetesVersion(1, 30)
    wanted = Wanted.of("networking.k8s.io/v1", "NetworkPolicy")
    assert wanted is not None
    filled = location.filled(wanted, version, strict=True)
    assert filled == "networking.k8s.io|networkpolicy|v1|-networking-v1|v1.30.0|-strict"
    core = Wanted.of("v1", "Pod")
    assert core is not None
    assert location.filled(core, version, strict=False) == "v1|pod|v1|-v1|v1.30.0|"


def test_braces_of_the_folder_of_a_configuration_are_no_placeholders(tmp_path: Path) -> None:
    folder = tmp_path / "{{cookiecutter.name}}"
    (folder / "schemas").mkdir(parents=True)
    (folder / "schemas" / "queue_v1.json").write_text(json.dumps(SIZED))
    for text in ("schemas", "schemas/{{.ResourceKind}}_v1.json", "./{{.ResourceKind}}s/../schemas/queue_v1.json"):
        (folder / "queues").mkdir(exist_ok=True)
        store = open_schemas("1.37", [parse_location(text, folder)])
        assert [fault.path for fault in store.faults(queue(size="1"))] == [("spec", "size")]


def test_the_schema_of_a_kind_is_fetched_once(server: Server) -> None:
    server.has("/example.com/queue_v1.json", SIZED)
    store = open_schemas("1.37", [DEFAULT_LOCATION, parse_location(CATALOGUE.replace("@", server.url))])
    assert server.asked == []
    for _ in range(2):
        assert [fault.message for fault in store.faults(queue(size="1"))] == [
            "spec.size is a string, an integer is required"
        ]
    assert store.knows("v1", "Pod")
    assert server.asked == ["/example.com/queue_v1.json"]


def test_a_template_may_lack_a_kind(server: Server) -> None:
    assert messages(server, queue(size="1"), CATALOGUE) == []
    assert server.asked == ["/example.com/queue_v1.json"]
    assert messages(server, {"apiVersion": "v1", "kind": "Pod", "spec": 1}, CATALOGUE) == [
        "spec is an integer, a mapping is required"
    ]
    assert server.asked[-1] == "/v1/pod_v1.json"


def test_names_that_are_no_names_are_not_asked_for(server: Server) -> None:
    for api_version, kind in (("example.com/v1", "../Queue"), ("a b/v1", "Queue"), ("example.com/?/v1", "Queue")):
        assert messages(server, {"apiVersion": api_version, "kind": kind}, CATALOGUE) == []
    assert server.asked == []


def test_locations_are_asked_in_their_order(server: Server, tmp_path: Path) -> None:
    server.has("/v1/configmap_v1.json", {"type": "object", "required": ["owner"]})
    settings = {"apiVersion": "v1", "kind": "ConfigMap"}
    assert messages(server, settings, CATALOGUE) == ["owner is required but missing"]
    assert messages(server, settings, CATALOGUE, "default") == ["owner is required but missing"]
    assert messages(server, settings, "default", CATALOGUE) == []
    (tmp_path / "configmap_v1.json").write_text("{}")
    assert messages(server, settings, str(tmp_path), CATALOGUE) == []
    local = f"{tmp_path}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json"
    assert messages(server, settings, local, CATALOGUE) == []


def test_what_is_built_in_for_operators_comes_last(server: Server) -> None:
    server.has("/argoproj.io/application_v1alpha1.json", {"type": "object", "required": ["owner"]})
    application = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": 1}
    assert messages(server, application, "default", CATALOGUE) == ["owner is required but missing"]


def test_a_single_schema_is_for_the_kind_in_its_name(server: Server) -> None:
    server.has("/some/queue_v1.json", SIZED)
    assert messages(server, queue(size="1"), "@/some/queue_v1.json") != []
    assert messages(server, queue(size="1") | {"kind": "Topic"}, "@/some/queue_v1.json") == []
    server.has("/some/schema.json", SIZED)
    with pytest.raises(UsageError, match="the name of a single file says the kind and version"):
        messages(server, queue(), "@/some/schema.json")
    with pytest.raises(UsageError, match=r"/missing_v1\.json: the server answers 404; only a template may lack kinds"):
        messages(server, queue(), "@/missing_v1.json")


@pytest.mark.parametrize("engine", ["fast", "portable"])
def test_references_are_read_from_the_same_host(server: Server, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "portable":
        monkeypatch.setattr(schema_engine, "_compile_fast", _not_installed)
    draft = {"$schema": "http://json-schema.org/schema#"}
    server.has("/example.com/queue_v1.json", draft | {"properties": {"spec": {"$ref": "parts.json#/definitions/spec"}}})
    whole = f"{server.url}/shared/size.json"
    server.has("/example.com/parts.json", draft | {"definitions": {"spec": {"properties": {"size": {"$ref": whole}}}}})
    server.has("/shared/size.json", {"type": "integer"})
    assert messages(server, queue(size="1"), CATALOGUE) == ["spec.size is a string, an integer is required"]
    assert server.asked == ["/example.com/queue_v1.json", "/example.com/parts.json", "/shared/size.json"]


@pytest.mark.parametrize(
    ("reference", "cause"),
    [
        ("http://localhost:1/other.json", "which is on another host"),
        ("file:///etc/hostname", "which is on another host"),
        ("missing.json", "which the server does not have"),
        ("http://[::1/other.json", ""),
        ("broken.json", "the server answers 500"),
    ],
)
def test_references_that_are_not_followed(server: Server, reference: str, cause: str) -> None:
    server.broken.add("/example.com/broken.json")
    server.has("/example.com/queue_v1.json", {"properties": {"spec": {"$ref": reference}}})
    with pytest.raises(UsageError, match=rf"could not use schema {server.url}/example\.com/queue_v1\.json: .*{cause}"):
        messages(server, queue(), CATALOGUE)


def test_redirections_lead_to_http_only(server: Server) -> None:
    server.redirections["/example.com/queue_v1.json"] = "/moved.json"
    server.has("/moved.json", SIZED)
    assert messages(server, queue(size="1"), CATALOGUE) != []
    for target in ("file:///etc/hostname", "ftp://127.0.0.1/queue_v1.json", "data:application/json,{}"):
        server.redirections["/example.com/queue_v1.json"] = target
        with pytest.raises(UsageError, match=r"could not fetch schema .* not followed"):
            messages(server, queue(), CATALOGUE)
    server.redirections["/example.com/queue_v1.json"] = "/example.com/queue_v1.json"
    with pytest.raises(UsageError, match="the server answers 302"):
        messages(server, queue(), CATALOGUE)


def test_no_redirection_gives_up_encryption() -> None:
    from urllib.request import Request

    (redirections,) = (item for item in schema_fetch._opener().handlers if type(item).__name__ == "Redirections")
    request = Request("https://example.com/a.json")
    closed: list[bool] = []
    body = type("Body", (), {"close": lambda self: closed.append(True)})()
    assert redirections.redirect_request(request, body, 302, "", {}, "https://example.org/b").host == "example.org"
    with pytest.raises(OSError, match=r"the server leads to http://example\.org/b, which is not followed"):
        redirections.redirect_request(request, body, 302, "", {}, "http://example.org/b?token=quartz")
    assert closed


def test_answers_that_are_no_schema(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.broken.add("/example.com/queue_v1.json")
    with pytest.raises(UsageError, match=r"could not fetch schema .*: the server answers 500"):
        messages(server, queue(), CATALOGUE)
    server.broken.clear()
    for text, cause in ((b"<html>", "it is not JSON"), (b"\xff\xfe", "it is not JSON"), (b"[]", "not a JSON object")):
        server.pages["/example.com/queue_v1.json"] = text
        with pytest.raises(UsageError, match=f"could not read schema .*{cause}"):
            messages(server, queue(), CATALOGUE)
    server.pages["/example.com/queue_v1.json"] = b"[" * 200_000
    with pytest.raises(UsageError, match="it is not JSON"):
        messages(server, queue(), CATALOGUE)
    monkeypatch.setattr(schema_fetch, "MAX_SIZE", 1024 * 1024)
    server.pages["/example.com/queue_v1.json"] = b" " * (1024 * 1024 + 1)
    with pytest.raises(UsageError, match="it is larger than 1 MiB"):
        messages(server, queue(), CATALOGUE)


def test_a_host_that_does_not_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"could not fetch schema http://127\.0\.0\.1:1/queue_v1\.json: .*refused$"):
        messages(server, queue(), "http://127.0.0.1:1/{{.ResourceKind}}_v1.json?token=quartz")
    monkeypatch.setenv("http_proxy", "127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(UsageError, match=r"refused \(through the proxy that HTTP_PROXY names\)"):
        messages(server, queue(), "http://schemas.example.com/{{.ResourceKind}}_v1.json")
    assert server.asked == []


def test_an_address_that_cannot_be_asked_for(server: Server) -> None:
    with pytest.raises(UsageError, match="no address or no answer that HTTP knows") as caught:
        messages(server, queue(), "@/{{.ResourceKind}} v1.json?token=quartz")
    assert "quartz" not in str(caught.value)


def test_what_was_fetched_is_kept(server: Server, tmp_path: Path) -> None:
    server.has("/example.com/queue_v1.json", {"properties": {"spec": {"$ref": "spec.json"}}})
    server.has("/example.com/spec.json", {"properties": {"size": {"type": "integer"}}})
    topic = queue() | {"kind": "Topic"}
    assert messages(server, topic, CATALOGUE, cache=tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    first = messages(server, queue(size="1"), CATALOGUE, cache=tmp_path)
    names = [kept_name(f"{server.url}/example.com/{name}.json") for name in ("queue_v1", "spec")]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names)
    assert all(re.fullmatch(r"[0-9a-f]{64}\.json", name) for name in names)
    server.asked.clear()
    assert messages(server, queue(size="1"), CATALOGUE, cache=tmp_path) == first != []
    assert server.asked == []
    assert messages(server, topic, CATALOGUE, cache=tmp_path) == []
    assert server.asked == ["/example.com/topic_v1.json"]


def test_what_cannot_be_kept_or_read_again(server: Server, tmp_path: Path) -> None:
    server.has("/example.com/queue_v1.json", SIZED)
    (tmp_path / kept_name(f"{server.url}/example.com/queue_v1.json")).write_text("torn")
    with pytest.raises(UsageError, match=r"could not read schema .*it is not JSON"):
        messages(server, queue(), CATALOGUE, cache=tmp_path)
    with pytest.raises(UsageError, match=r"could not keep schemas in .*gone"):
        messages(server, queue(), CATALOGUE, cache=tmp_path / "gone")


def test_what_a_local_schema_refers_to_is_not_fetched(server: Server, tmp_path: Path) -> None:
    server.has("/spec.json", SIZED)
    (tmp_path / "queue_v1.json").write_text(json.dumps({"properties": {"spec": {"$ref": f"{server.url}/spec.json"}}}))
    with pytest.raises(UsageError, match="which is not beside it"):
        messages(server, queue(), str(tmp_path), CATALOGUE)
    assert server.asked == []


def test_a_draft_that_nobody_published_is_not_asked_for(server: Server, tmp_path: Path) -> None:
    draft = {"$schema": f"{server.url}/draft.json"}
    (tmp_path / "queue_v1.json").write_text(json.dumps(SIZED | draft))
    assert messages(server, queue(size="1"), str(tmp_path)) == ["spec.size is a string, an integer is required"]
    assert server.asked == []


def _not_installed(*_: Any) -> Any:
    raise ImportError
