"""A base with one Deployment, and what an overlay makes of it."""

from __future__ import annotations

from refarch_lint.graph.units import deployed, partition
from refarch_lint.model.resource import Resource
from tests.graph.trees import contents, resources_in

HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
IDENTITY = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\n"
BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels: {tier: web}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: main
          image: registry.example.com/api:1
          args: [one, two]
          env:
            - {name: A, value: "1"}
            - {name: B, value: "2"}
          ports: [{containerPort: 80}]
          resources: {limits: {cpu: "1", memory: 1Gi}}
        - name: proxy
          image: registry.example.com/proxy:1
      tolerations: [{key: a, operator: Exists}]
      nodeSelector: {disk: ssd, zone: a}
"""


def built(overlay: str, **files: str) -> Resource:
    """Return the Deployment of `BASE` as an overlay in the folder `prod` deploys it."""
    read = contents(
        base__kustomization=f"{HEAD}resources: [api.yaml]\n",
        base__api=BASE,
        prod__kustomization=f"{HEAD}resources: [../base]\n{overlay}",
        **files,
    )
    found = resources_in(read)
    unit = next(unit for unit in partition(read, found).units if unit.name == "prod")
    return next(item for item in deployed(unit, found, {}) if item.kind == "Deployment")
