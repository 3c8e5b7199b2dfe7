"""The graph command draws, lists and explains what the manifests say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refarch_lint.cli import ExitCode, run

ROOT = Path(__file__).parents[2]
ARCHITECTURES = sorted(path.parent.name for path in (ROOT / "fixtures" / "architectures").glob("*/reference"))

SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: registry.example.com/shop/api:1.4.0
          env:
            - {name: DATABASE_HOST, value: database}
            - {name: USERS_URL, value: "http://users"}
          envFrom: [{secretRef: {name: missing}}]
---
apiVersion: v1
kind: Service
metadata: {name: database, namespace: shop}
spec: {selector: {app: database}, ports: [{port: 5432, targetPort: 15432}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: database, namespace: shop}
spec:
  serviceName: database
  selector: {matchLabels: {app: database}}
  template:
    metadata: {labels: {app: database}}
    spec: {containers: [{name: database, image: "registry.example.com/shop/database:16.4"}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: database, namespace: shop}
spec:
  podSelector: {matchLabels: {app: database}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: backup}}}]
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(SHOP)
    return tmp_path


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["graph", *arguments]) == ExitCode.CLEAN
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_mermaid_shows_denied_and_dangling_ends(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, ".")
    assert text.startswith("flowchart LR\n")
    names = {line.strip().partition("[")[2].strip('"]'): line.strip().partition("[")[0] for line in text.splitlines()}
    api, database = names["Deployment api"], names["StatefulSet database"]
    assert f'{api} --x|"15432"| {database}' in text
    assert f"{api} -.->" in text
    assert "shop/users[Service" in text
    assert "shop/missing[Secret" in text


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("form", ["mermaid", "dot", "json"])
def test_every_reference_architecture_is_drawn(
    architecture: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(ROOT / "fixtures" / "architectures" / architecture / "reference")
    text = output(capsys, folder, "--architecture", architecture, "--format", form)
    if form == "json":
        data = json.loads(text)
        assert {node["role"] for node in data["nodes"]} > {"", "backup"}
        assert {edge["verdict"] for edge in data["edges"]} <= {"allowed", "unknown"}
    else:
        assert "--x" not in text
        assert "absent" not in text
        assert "#e5534b" not in text
        assert "#2da44e" in text


def test_json_has_every_object_and_the_evidence(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(output(capsys, ".", "--format", "json"))
    ids = {node["id"]: node for node in data["nodes"]}
    assert ids["shop/database[NetworkPolicy]"]["kind"] == "NetworkPolicy"
    edges = {(edge["source"], edge["relation"], edge["target"]): edge for edge in data["edges"]}
    needed = edges["shop/api[Deployment]", "connects-to", "shop/database[StatefulSet]"]
    assert (needed["verdict"], needed["label"]) == ("denied", "15432")
    assert needed["evidence"][0]["message"] == "DATABASE_HOST of container api"
    assert needed["evidence"][0]["location"]["line"] == 14
    assert needed["evidence"][1]["message"] == "arrives here"
    assert {edge["verdict"] for edge in data["edges"] if len(edge["evidence"]) < 2} == {"dangling"}
    assert edges["shop/database[Service]", "selects", "shop/database[StatefulSet]"]["verdict"] == "allowed"
    assert edges["shop/api[Deployment]", "reads", "shop/missing[Secret]"]["verdict"] == "dangling"
    assert ids["shop/missing[Secret]"] == {
        "id": "shop/missing[Secret]",
        "kind": "Secret",
        "namespace": "shop",
        "name": "missing",
        "role": "",
        "absent": True,
    }
    assert [node["id"] for node in data["nodes"] if node["absent"]] == ["shop/missing[Secret]", "shop/users[Service]"]


def test_json_has_what_the_tree_cannot_tell(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "claim.yaml").write_text(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n"
        "spec: {storageClassName: fast}\n"
    )
    data = json.loads(output(capsys, ".", "--format", "json"))
    (edge,) = (edge for edge in data["edges"] if edge["target"] == "fast[StorageClass]")
    assert (edge["source"], edge["relation"], edge["verdict"]) == (
        "shop/data[PersistentVolumeClaim]",
        "uses",
        "unknown",
    )
    assert edge["evidence"][0]["message"] == "named by PersistentVolumeClaim/data: kept outside the tree"
    assert [node["kind"] for node in data["nodes"] if node["id"] == "fast[StorageClass]"] == ["StorageClass"]


def test_json_has_the_routes_and_selections_of_a_mesh(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "mesh.yaml").write_text(
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: rule, namespace: shop}\n"
        "spec: {host: database}\n---\n"
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: rule, namespace: shop}\n"
        "spec: {selector: {matchLabels: {app: database}}}\n"
    )
    data = json.loads(output(capsys, ".", "--format", "json"))
    edges = {(edge["source"], edge["relation"], edge["target"]): edge["evidence"] for edge in data["edges"]}
    lines = {
        edge: [(item["location"]["file"], item["location"]["line"]) for item in evidence]
        for edge, evidence in edges.items()
        if edge[0].startswith("shop/rule")
    }
    assert lines == {
        ("shop/rule[DestinationRule]", "routes-to", "shop/database[Service]"): [("mesh.yaml", 4), ("shop.yaml", 20)],
        ("shop/rule[AuthorizationPolicy]", "isolates", "shop/database[StatefulSet]"): [
            ("mesh.yaml", 9),
            ("shop.yaml", 30),
        ],
    }


def test_json_has_whom_policies_of_the_whole_cluster_are_about(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "admin.yaml").write_text(
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\n"
        "spec: {subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}}}\n"
    )
    data = json.loads(output(capsys, ".", "--format", "json"))
    (edge,) = (edge for edge in data["edges"] if edge["source"] == "default[BaselineAdminNetworkPolicy]")
    assert (edge["relation"], edge["target"]) == ("isolates", "shop/api[Deployment]")
    assert [item["location"]["line"] for item in edge["evidence"]] == [4, 8]


def test_connections_are_one_line_each_sorted(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, ".", "--format", "connections").splitlines()
    assert lines == sorted(lines)
    assert "shop/database[StatefulSet] => shop/api[Deployment] : All Connections" in lines
    assert not any(line.startswith("shop/api[Deployment] => shop/database") for line in lines)


@pytest.mark.parametrize("source", ["api", "Deployment/api", "shop/api", "shop/api[Deployment]", "shop/Deployment/api"])
def test_explain_names_the_policy_and_the_rule_to_add(
    source: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = output(capsys, ".", "--explain", source, "StatefulSet/database", "15432")
    assert text == (
        "shop/api[Deployment] => shop/database[StatefulSet], TCP 15432: denied\n"
        "  egress, out of shop/api[Deployment]: allowed\n"
        "    no policy isolates it in this direction\n"
        "  ingress, into shop/database[StatefulSet]: denied\n"
        "    NetworkPolicy/database isolates it and has no rule that allows this  shop.yaml:38:3\n"
        "  to allow it: add an ingress rule from pods app=api on TCP 15432\n"
        "  needed: DATABASE_HOST of container api  shop.yaml:14:44\n"
    )


def test_explain_says_which_rule_of_the_whole_cluster_denies(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "admin.yaml").write_text(
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: closed}\n"
        "spec:\n  priority: 1\n  subject: {namespaces: {}}\n  ingress:\n"
        "  - {action: Deny, from: [{namespaces: {}}]}\n"
    )
    text = output(capsys, ".", "--explain", "api", "StatefulSet/database", "15432")
    assert "    AdminNetworkPolicy/closed denies it  admin.yaml:8:6\n" in text


def test_the_port_may_stand_before_the_paths(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--explain", "api", "StatefulSet/database", "15432")
    assert output(capsys, *asked, "shop.yaml") == output(capsys, "shop.yaml", *asked) == output(capsys, *asked)


def test_explain_follows_a_service_to_the_port_of_its_pods(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, ".", "--explain", "api", "Service/database", "5432")
    assert text.startswith("shop/api[Deployment] => shop/database[StatefulSet], TCP 15432: denied\n")


def test_explain_takes_addresses_and_namespaces(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, ".", "--explain", "namespace:monitoring", "api", "UDP/53")
    assert text.startswith("any pod of namespace monitoring => shop/api[Deployment], UDP 53: allowed\n")
    text = output(capsys, ".", "--explain", "10.0.0.0/8", "StatefulSet/database")
    assert text.startswith("10.0.0.0-10.255.255.255 => shop/database[StatefulSet], any port: denied\n")


def test_a_markdown_file_gets_a_fence(shop: Path) -> None:
    assert run(["graph", ".", "--output", "architecture.md"]) == ExitCode.CLEAN
    text = (shop / "architecture.md").read_text()
    assert text.startswith("```mermaid\nflowchart LR\n")
    assert text.endswith("```\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--explain", "apis", "database"], "no workload 'apis' in what was given; there are shop/api[Deployment]"),
        (["--explain", "Service/database", "api"], "'Service/database' is a Service, which opens no connections"),
        (["--explain", "api", "Service/database", "99"], "Service/database has no pods behind port 99"),
        (["--explain", "api", "database", "0"], "no port 0; ports are 1 to 65535"),
        (["--unit", "nowhere"], "no unit 'nowhere'"),
    ],
)
def test_what_cannot_be_answered_is_said(
    arguments: list[str], message: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["graph", ".", *arguments]) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_names_that_mean_several_things_are_listed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "other.yaml").write_text(SHOP.replace("namespace: shop", "namespace: staging"))
    assert run(["graph", ".", "--explain", "api", "database"]) == ExitCode.USAGE
    assert "'api' may be shop/api[Deployment], staging/api[Deployment]" in capsys.readouterr().err


def policy(spec: str, name: str = "database", api: str = "networking.k8s.io/v1", kind: str = "NetworkPolicy") -> str:
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: A}}]}]}", "all"),
            "error: more.yaml:5:60: NetworkPolicy/all: spec.ingress[0].from[0].ipBlock.cidr is not a CIDR block",
        ),
        (
            policy("{podSelector: {}}"),
            "error: shop.yaml:35:18: NetworkPolicy/database: metadata.name is that of another NetworkPolicy",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: [}\n",
            "error: more.yaml:3:19: could not parse document 1",
        ),
    ],
)
def test_a_list_that_is_not_right_says_so(
    shop: Path, capsys: pytest.CaptureFixture[str], more: str, message: str
) -> None:
    (shop / "more.yaml").write_text(more)
    assert run(["graph", ".", "--format", "connections"]) == ExitCode.FINDINGS
    captured = capsys.readouterr()
    assert captured.err.startswith(message)
    assert captured.err.count("\n") == 1
    assert "shop/api[Deployment] => " in captured.out
    assert run(["graph", "."]) == ExitCode.CLEAN
    assert capsys.readouterr().err == captured.err


def test_policies_of_network_plugins_are_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "more.yaml").write_text(policy("{endpointSelector: {}}", "deny", "cilium.io/v2", "CiliumNetworkPolicy"))
    assert run(["graph", ".", "--format", "connections"]) == ExitCode.CLEAN
    assert capsys.readouterr().err == (
        "warning: more.yaml:4:18: CiliumNetworkPolicy deny is not evaluated: "
        "what it denies is shown as if it were allowed\n"
    )


def test_policies_that_tell_pods_apart_are_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    label = "statefulset.kubernetes.io/pod-name"
    (shop / "more.yaml").write_text(policy(f"{{podSelector: {{matchLabels: {{{label}: database-0}}}}}}", "first"))
    assert run(["graph", ".", "--format", "connections"]) == ExitCode.CLEAN
    assert capsys.readouterr().err == (
        f"warning: more.yaml:4:18: NetworkPolicy first selects by {label}, which controllers set on each pod: "
        "connections are shown as if no pod had that label\n"
    )


def test_explain_calls_a_verdict_partial_beside_policies_of_plugins(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "more.yaml").write_text(policy("{endpointSelector: {}}", "extra", "cilium.io/v2", "CiliumNetworkPolicy"))
    assert output(capsys, ".", "--explain", "api", "database", "15432").splitlines()[:2] == [
        "shop/api[Deployment] => shop/database[StatefulSet], TCP 15432: partial (denied by what is evaluated)",
        "  not certain: CiliumNetworkPolicy extra is not evaluated  more.yaml:4:18",
    ]


def test_nothing_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["graph", "."]) == ExitCode.NOTHING_FOUND


def test_nothing_found_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text("apiVersion: [\n")
    assert run(["graph", "."]) == ExitCode.NOTHING_FOUND
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("error: app.yaml:")
    assert last == "error: no Kubernetes object found in what was given"


def test_a_tree_is_drawn_as_its_kustomizations_deploy_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "base/shop.yaml": SHOP.replace(", namespace: shop", ""),
        "base/kustomization.yaml": "resources: [shop.yaml]\nconfigMapGenerator: [{name: a, files: [app.conf]}]\n",
        "base/app.conf": "one: 1\n",
        "dev/kustomization.yaml": "namespace: dev\nresources: [../base]\n",
        "prod/kustomization.yaml": "namespace: prod\nresources: [../base]\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert run(["graph", "--format", "connections", "."]) is ExitCode.CLEAN
    lines = capsys.readouterr().out.splitlines()
    assert {line.partition("[")[0] for line in lines if "Deployment" in line.partition(" ")[0]} == {
        "dev/api",
        "prod/api",
    }
    assert run(["graph", "--format", "json", "--unit", "prod", "."]) is ExitCode.CLEAN
    nodes = json.loads(capsys.readouterr().out)["nodes"]
    assert {node["namespace"] for node in nodes if node["kind"] != "Kustomization"} == {"prod"}
