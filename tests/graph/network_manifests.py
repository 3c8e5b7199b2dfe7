"""Short manifests for tests of the network, and a model built from them whose parts are found by name."""

from __future__ import annotations

from ruamel.yaml import YAML

from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.model.resource import Resource, resource_of
from refarch_lint.model.workload import Workload, workload_of
from refarch_lint.source.document import Document

NETWORK = "networking.k8s.io/v1"
ADMIN = "policy.networking.k8s.io/v1alpha1"


class Net:
    """A model with its workloads and policies by name."""

    def __init__(self, *texts: str) -> None:
        reader = YAML(typ="safe")
        data = [item for text in texts for item in reader.load_all(text) if item]
        documents = [Document("net.yaml", index, "", 1, item) for index, item in enumerate(data)]
        found = [resource_of(document, document.data, ()) for document in documents]
        self.resources: list[Resource] = [item for item in found if item]
        workloads = [workload for item in self.resources if (workload := workload_of(item))]
        self.model = NetworkModel.build(workloads, self.resources)
        self.by_name = {f"{w.namespace}/{w.resource.name}": w for w in workloads}

    def __getitem__(self, name: str) -> Workload:
        return self.by_name[name]

    def policy(self, name: str) -> Resource:
        return next(item for item in self.resources if item.name == name)

    def ports(self, source: str, destination: str) -> str:
        return str(self.model.allowed_connections(self[source], self[destination]))


def pod(name: str, *, namespace: str = "shop", spec: str = "", labels: str = "") -> str:
    return f"""
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}{labels}}}}}
spec:
  containers:
  - name: main
    ports: [{{name: http, containerPort: 8080}}, {{name: dns, containerPort: 53, protocol: UDP}}]
{spec}
"""


def policy(name: str, spec: str, *, kind: str = "NetworkPolicy", version: str = NETWORK) -> str:
    namespace = ", namespace: shop" if kind.endswith("NetworkPolicy") and version == NETWORK else ""
    indented = "\n".join(f"  {line}" for line in spec.strip("\n").splitlines())
    return f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\nspec:\n{indented}\n"


#: Three pods of one namespace and one of another.
PODS = pod("web") + pod("api") + pod("db") + pod("probe", namespace="ops")
