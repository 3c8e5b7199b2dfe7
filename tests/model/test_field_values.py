from __future__ import annotations

import copy
from typing import Any

import pytest

from refarch_lint.location import Path, format_path
from refarch_lint.model.api_schema import open_schemas
from refarch_lint.model.field_values import value_faults

Data = dict[str, Any]
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
SCHEMAS = open_schemas("1.37")
ANYTHING = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


def thing(api_version: str, kind: str, spec: Data | None = None, **fields: Any) -> Data:
    data: Data = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "thing"}, **fields}
    return data if spec is None else data | {"spec": spec}


def pod_spec(**fields: Any) -> Data:
    return {"containers": [{"name": "app", "image": "app:1"}], **fields}


def pod(**fields: Any) -> Data:
    return thing("v1", "Pod", pod_spec(**fields))


def container(**fields: Any) -> Data:
    return pod(containers=[{"name": "app", "image": "app:1", **fields}])


def probe(**fields: Any) -> Data:
    return container(livenessProbe={"httpGet": {"port": 80}, **fields})


def workload(kind: str, **spec: Any) -> Data:
    base = {"selector": {"matchLabels": {"app": "a"}}, "template": template()}
    return thing("apps/v1", kind, base | spec)


def template(**spec: Any) -> Data:
    return {"metadata": {"labels": {"app": "a"}}, "spec": pod_spec(**spec)}


def job_spec(**spec: Any) -> Data:
    return {"template": template(restartPolicy="Never"), **spec}


def job(**spec: Any) -> Data:
    return thing("batch/v1", "Job", job_spec(**spec))


def cron_job(**spec: Any) -> Data:
    return thing("batch/v1", "CronJob", {"schedule": "0 2 * * *", "jobTemplate": {"spec": job_spec()}, **spec})


def service(**spec: Any) -> Data:
    return thing("v1", "Service", {"ports": [{"port": 80}], **spec})


def ingress(**path: Any) -> Data:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend, **path}]
    return thing("networking.k8s.io/v1", "Ingress", {"rules": [{"host": "a.example.com", "http": {"paths": paths}}]})


def policy(**spec: Any) -> Data:
    return thing("networking.k8s.io/v1", "NetworkPolicy", {"podSelector": {}, **spec})


def peer(**fields: Any) -> Data:
    return policy(ingress=[{"from": [fields]}])


def claim(**spec: Any) -> Data:
    base = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return thing("v1", "PersistentVolumeClaim", base | spec)


def autoscaler(**spec: Any) -> Data:
    return thing(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"}, **spec},
    )


def metric(kind: str, source: str, **target: Any) -> Data:
    named: Data = {"metric": {"name": "m"}} if source in ("pods", "external") else {"name": "cpu"}
    return autoscaler(metrics=[{"type": kind, source: {**named, "target": {"type": "Value", **target}}}])


def rbac(kind: str, **fields: Any) -> Data:
    return thing("rbac.authorization.k8s.io/v1", kind, **fields)


def rule(**fields: Any) -> Data:
    return rbac("Role", rules=[{"verbs": ["get"], **fields}])


def binding(kind: str = "RoleBinding", role: str = "Role", **subject: Any) -> Data:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": "r"}
    return rbac(kind, roleRef=reference, subjects=[{"kind": "ServiceAccount", "name": "s", **subject}])


def named(data: Data, **metadata: Any) -> Data:
    return data | {"metadata": metadata}


POD_FAULTS = [
    (pod(restartPolicy="Sometimes"), "spec.restartPolicy", "one of Always, OnFailure, Never is required"),
    (pod(dnsPolicy="Cluster"), "spec.dnsPolicy", "one of ClusterFirstWithHostNet"),
    (pod(dnsPolicy="None"), "spec.dnsConfig.nameservers", "is required where dnsPolicy is None"),
    (pod(containers=[]), "spec.containers", "is empty, a value is required"),
    (pod(activeDeadlineSeconds=0), "spec.activeDeadlineSeconds", "is 0, a number from 1 to 2147483647 is required"),
    (pod(hostname="My_Host"), "spec.hostname", "which is not a DNS label"),
    (pod(serviceAccountName="Robot"), "spec.serviceAccountName", "which is not a DNS name"),
    (pod(nodeSelector={"a b": "c"}), "spec.nodeSelector['a b']", 'has the key "a b", which is not a valid key'),
    (pod(nodeSelector={"a": "b c"}), "spec.nodeSelector.a", "which is not a valid label value"),
    (pod(hostAliases=[{"ip": "host"}]), "spec.hostAliases[0].ip", "which is not an IP address"),
    (pod(hostPID=True, shareProcessNamespace=True), "spec.shareProcessNamespace", "not allowed together with hostPID"),
    (pod(os={"name": "plan9"}), "spec.os.name", "one of linux, windows is required"),
    (pod(tolerations=[{"operator": "Equal"}]), "spec.tolerations[0].operator", "must be Exists where no key is given"),
    (pod(tolerations=[{"key": "a", "effect": "Never"}]), "spec.tolerations[0].effect", "one of NoSchedule"),
    (
        pod(tolerations=[{"key": "a", "operator": "Exists", "value": "b"}]),
        "spec.tolerations[0].value",
        "is not allowed with the operator Exists",
    ),
    (
        pod(tolerations=[{"key": "a", "operator": "Exists", "tolerationSeconds": 3}]),
        "spec.tolerations[0].tolerationSeconds",
        "only with the effect NoExecute",
    ),
    (
        pod(topologySpreadConstraints=[{"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]),
        "spec.topologySpreadConstraints[0].maxSkew",
        "is 0, at least 1 is required",
    ),
    (
        pod(topologySpreadConstraints=[{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "Maybe"}]),
        "spec.topologySpreadConstraints[0].whenUnsatisfiable",
        "one of DoNotSchedule, ScheduleAnyway is required",
    ),
    (
        pod(topologySpreadConstraints=[{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"}] * 2),
        "spec.topologySpreadConstraints[1].topologyKey",
        "is used twice with the same whenUnsatisfiable",
    ),
    (
        pod(
            topologySpreadConstraints=[
                {"maxSkew": 1, "minDomains": 2, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway"}
            ]
        ),
        "spec.topologySpreadConstraints[0].minDomains",
        "only where whenUnsatisfiable is DoNotSchedule",
    ),
    (
        pod(
            affinity={
                "podAntiAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 101, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname"}}
                    ]
                }
            }
        ),
        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight",
        "a number from 1 to 100 is required",
    ),
    (
        pod(
            affinity={
                "nodeAffinity": {
                    REQUIRED: {
                        "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Gt", "values": []}]}]
                    }
                }
            }
        ),
        f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms[0].matchExpressions[0].values",
        "has 0 values; the operator Gt requires one",
    ),
    (pod(securityContext={"runAsUser": -1}), "spec.securityContext.runAsUser", "is -1, a number from 0"),
    (
        pod(securityContext={"seccompProfile": {"type": "Localhost"}}),
        "spec.securityContext.seccompProfile.localhostProfile",
        "is required with the type Localhost",
    ),
    (
        pod(securityContext={"fsGroupChangePolicy": "Never"}),
        "spec.securityContext.fsGroupChangePolicy",
        "one of Always, OnRootMismatch is required",
    ),
    (
        pod(initContainers=[{"name": "app", "image": "i"}]),
        "spec.initContainers[0].name",
        "names two containers of this pod",
    ),
    (
        pod(initContainers=[{"name": "i", "image": "i", "livenessProbe": {"exec": {"command": ["a"]}}}]),
        "spec.initContainers[0].livenessProbe",
        "not allowed in an init container unless its restartPolicy is Always",
    ),
    (
        pod(ephemeralContainers=[{"name": "d", "image": "d"}]),
        "spec.ephemeralContainers",
        "is not allowed when a pod is created; use kubectl debug",
    ),
    (
        pod(hostNetwork=True, containers=[{"name": "a", "image": "i", "ports": [{"containerPort": 1, "hostPort": 2}]}]),
        "spec.containers[0].ports[0].hostPort",
        "must equal containerPort",
    ),
    (
        pod(
            containers=[
                {"name": name, "image": "i", "ports": [{"containerPort": 1, "hostPort": 2}]} for name in ("a", "b")
            ]
        ),
        "spec.containers[1].ports[0].hostPort",
        "is taken twice by this pod",
    ),
]

CONTAINER_FAULTS = [
    ({"name": "App"}, "name", "which is not a DNS label"),
    ({"name": "a" * 64}, "name", "which is 64 characters long; at most 63 are allowed"),
    ({"image": None}, "image", "is required but missing"),
    ({"image": " app:1"}, "image", "begins or ends with a space"),
    ({"imagePullPolicy": "Sometimes"}, "imagePullPolicy", 'is "Sometimes", one of Always, IfNotPresent, Never'),
    ({"terminationMessagePolicy": "Log"}, "terminationMessagePolicy", "one of File, FallbackToLogsOnError"),
    ({"ports": [{"containerPort": 99999}]}, "ports[0].containerPort", "a number from 1 to 65535 is required"),
    ({"ports": [{"containerPort": 0}]}, "ports[0].containerPort", "is 0"),
    ({"ports": [{"containerPort": 1, "protocol": "tcp"}]}, "ports[0].protocol", "one of TCP, UDP, SCTP is required"),
    ({"ports": [{"containerPort": 1, "name": "a-name-of-16-ch-"}]}, "ports[0].name", "at most 15"),
    ({"ports": [{"containerPort": 1, "name": "8080"}]}, "ports[0].name", "with at least one letter"),
    (
        {"ports": [{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}]},
        "ports[1].name",
        "names two ports of this container",
    ),
    ({"env": [{"name": "A=B", "value": ""}]}, "env[0].name", "printable ASCII characters without ="),
    (
        {"env": [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
        "env[0].valueFrom",
        "is not allowed together with value",
    ),
    ({"env": [{"name": "A", "valueFrom": {}}]}, "env[0].valueFrom", "sets none of configMapKeyRef"),
    (
        {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "a b"}}}]},
        "env[0].valueFrom.secretKeyRef.key",
        "",
    ),
    ({"envFrom": [{"prefix": "A"}]}, "envFrom[0]", "sets none of configMapRef, secretRef"),
    ({"envFrom": [{"secretRef": {}}]}, "envFrom[0].secretRef.name", "is required but missing"),
    ({"volumeMounts": [{"name": "gone", "mountPath": "/a"}]}, "volumeMounts[0].name", "which is no volume of this pod"),
    ({"resources": {"limits": {"memory": "12 potatoes"}}}, "resources.limits.memory", "is no quantity"),
    ({"resources": {"requests": {"cpu": "-1"}}}, "resources.requests.cpu", "is negative"),
    ({"securityContext": {"procMount": "All"}}, "securityContext.procMount", "one of Default, Unmasked"),
    (
        {"securityContext": {"allowPrivilegeEscalation": False, "privileged": True}},
        "securityContext.allowPrivilegeEscalation",
        "cannot be false while privileged is true",
    ),
    ({"livenessProbe": {"httpGet": {"port": 0}}}, "livenessProbe.httpGet.port", "a number from 1 to 65535"),
    ({"livenessProbe": {"httpGet": {"port": "8080"}}}, "livenessProbe.httpGet.port", "which is not a port name"),
    ({"livenessProbe": {"httpGet": {"port": 1, "scheme": "http"}}}, "livenessProbe.httpGet.scheme", "HTTP, HTTPS"),
    ({"livenessProbe": {"periodSeconds": 3}}, "livenessProbe", "sets none of exec, httpGet, tcpSocket, grpc"),
    (
        {"readinessProbe": {"exec": {"command": ["a"]}, "tcpSocket": {"port": 1}}},
        "readinessProbe.tcpSocket",
        "is not allowed together with exec",
    ),
    ({"livenessProbe": {"exec": {}}}, "livenessProbe.exec.command", "is required but missing"),
    (
        {"livenessProbe": {"tcpSocket": {"port": 1}, "successThreshold": 2}},
        "livenessProbe.successThreshold",
        "1 is required for this probe",
    ),
    (
        {"readinessProbe": {"tcpSocket": {"port": 1}, "failureThreshold": -1}},
        "readinessProbe.failureThreshold",
        "is -1, at least 0 is required",
    ),
    (
        {"readinessProbe": {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 5}},
        "readinessProbe.terminationGracePeriodSeconds",
        "is not allowed for a readiness probe",
    ),
    ({"lifecycle": {"preStop": {}}}, "lifecycle.preStop", "sets none of exec, httpGet, tcpSocket, sleep"),
]

VOLUME_FAULTS = [
    ({"name": "V"}, "name", "which is not a DNS label"),
    ({"emptyDir": {}, "hostPath": {"path": "/a"}}, "hostPath", "is not allowed together with emptyDir"),
    ({"emptyDir": {"sizeLimit": "1 GB"}}, "emptyDir.sizeLimit", "is no quantity"),
    ({"hostPath": {"path": "/a", "type": "Folder"}}, "hostPath.type", "one of DirectoryOrCreate"),
    ({"hostPath": {"path": "/a/../b"}}, "hostPath.path", "which leads upwards"),
    ({"configMap": {}}, "configMap.name", "is required but missing"),
    ({"secret": {"secretName": "s", "defaultMode": 777}}, "secret.defaultMode", "a number from 0 to 511 is required"),
    (
        {"configMap": {"name": "c", "items": [{"key": "k", "path": "/abs"}]}},
        "configMap.items[0].path",
        "a relative path is required",
    ),
    ({"nfs": {"server": "s", "path": "rel"}}, "nfs.path", "an absolute path is required"),
    (
        {"projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 60}}]}},
        "projected.sources[0].serviceAccountToken.expirationSeconds",
        "a number from 600",
    ),
]

WORKLOAD_FAULTS = [
    (workload("Deployment", replicas=-1), "spec.replicas", "is -1, at least 0 is required"),
    (workload("Deployment", selector={}), "spec.selector", "is empty; a workload's selector requires labels"),
    (
        workload("Deployment", selector={"matchExpressions": [{"key": "a", "operator": "In"}]}),
        "spec.selector.matchExpressions[0].values",
        "is empty; the operator In requires values",
    ),
    (
        workload("Deployment", selector={"matchExpressions": [{"key": "a", "operator": "Is", "values": ["b"]}]}),
        "spec.selector.matchExpressions[0].operator",
        "one of In, NotIn, Exists, DoesNotExist is required",
    ),
    (
        workload("Deployment", template=template(restartPolicy="OnFailure")),
        "spec.template.spec.restartPolicy",
        "is OnFailure, Always is required for this kind",
    ),
    (workload("Deployment", strategy={"type": "Rolling"}), "spec.strategy.type", "one of Recreate, RollingUpdate"),
    (
        workload("Deployment", strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
        "spec.strategy.rollingUpdate",
        "is not allowed with the type Recreate",
    ),
    (
        workload("Deployment", strategy={"rollingUpdate": {"maxSurge": "0%", "maxUnavailable": 0}}),
        "spec.strategy.rollingUpdate.maxUnavailable",
        "no pod could ever be replaced",
    ),
    (
        workload("Deployment", strategy={"rollingUpdate": {"maxUnavailable": "25"}}),
        "spec.strategy.rollingUpdate.maxUnavailable",
        "a whole number or a percentage such as 25% is required",
    ),
    (
        workload("Deployment", strategy={"rollingUpdate": {"maxUnavailable": "101%"}}),
        "spec.strategy.rollingUpdate.maxUnavailable",
        "at most 100% is allowed",
    ),
    (
        workload("Deployment", minReadySeconds=60, progressDeadlineSeconds=60),
        "spec.progressDeadlineSeconds",
        "more than minReadySeconds (60) is required",
    ),
    (workload("Deployment", minReadySeconds=600), "spec.minReadySeconds", "less than progressDeadlineSeconds (600)"),
    (
        workload("Deployment", template={"metadata": {"labels": {"app": "a!"}}, "spec": pod_spec()}),
        "spec.template.metadata.labels.app",
        "which is not a valid label value",
    ),
    (
        workload("DaemonSet", updateStrategy={"rollingUpdate": {"maxSurge": 1}}),
        "spec.updateStrategy.rollingUpdate.maxSurge",
        "is allowed only where maxUnavailable is 0",
    ),
    (workload("StatefulSet", podManagementPolicy="Ordered"), "spec.podManagementPolicy", "OrderedReady, Parallel"),
    (
        workload("StatefulSet", updateStrategy={"type": "OnDelete", "rollingUpdate": {"partition": 1}}),
        "spec.updateStrategy.rollingUpdate",
        "is not allowed with the type OnDelete",
    ),
    (
        workload(
            "StatefulSet",
            volumeClaimTemplates=[
                {"metadata": {"name": "d"}, "spec": {"accessModes": ["RWO"], "resources": {"requests": {"storage": 1}}}}
            ],
        ),
        "spec.volumeClaimTemplates[0].spec.accessModes[0]",
        "one of ReadWriteOnce",
    ),
    (named(workload("StatefulSet"), name="a.b"), "metadata.name", "which is not a DNS label"),
    (
        thing("batch/v1", "Job", {"template": template()}),
        "spec.template.spec.restartPolicy",
        "is missing; it must be Never or OnFailure in a Job",
    ),
    (
        thing("batch/v1", "Job", {"template": template(restartPolicy="Always")}),
        "spec.template.spec.restartPolicy",
        "is Always, Never or OnFailure is required",
    ),
    (job(backoffLimit=-1), "spec.backoffLimit", "at least 0 is required"),
    (job(completionMode="Indexed"), "spec.completions", "is required where completionMode is Indexed"),
    (job(backoffLimitPerIndex=1), "spec.backoffLimitPerIndex", "only where completionMode is Indexed"),
    (cron_job(schedule="61 * * * *"), "spec.schedule", "which is no cron schedule"),
    (cron_job(schedule="@dayly"), "spec.schedule", "which is no cron schedule"),
    (cron_job(concurrencyPolicy="Never"), "spec.concurrencyPolicy", "one of Allow, Forbid, Replace"),
    (cron_job(timeZone="Local"), "spec.timeZone", "which is not the name of a time zone"),
    (
        cron_job(jobTemplate={"spec": {"template": template()}}),
        "spec.jobTemplate.spec.template.spec.restartPolicy",
        "must be Never or OnFailure",
    ),
    (named(cron_job(), name="a" * 53), "metadata.name", "is 53 characters long, at most 52 are allowed"),
]

NETWORK_FAULTS = [
    (named(service(), name="First"), "metadata.name", "a DNS label: lower-case letters"),
    (service(type="External"), "spec.type", "one of ClusterIP, NodePort, LoadBalancer, ExternalName"),
    (service(ports=None), "spec.ports", "is required but missing"),
    (service(ports=[{"port": 0}]), "spec.ports[0].port", "a number from 1 to 65535"),
    (service(ports=[{"port": 1}, {"port": 2, "name": "b"}]), "spec.ports[0].name", "where a Service has several ports"),
    (
        service(ports=[{"port": 1, "name": "a"}, {"port": 1, "name": "b"}]),
        "spec.ports[1].port",
        "is declared twice with the same protocol",
    ),
    (service(ports=[{"port": 1, "targetPort": "A"}]), "spec.ports[0].targetPort", "which is not a port name"),
    (service(ports=[{"port": 1, "nodePort": 30000}]), "spec.ports[0].nodePort", "not allowed where type is ClusterIP"),
    (service(type="ExternalName"), "spec.externalName", "is required where type is ExternalName"),
    (
        service(type="ExternalName", externalName="a.b", clusterIP="None"),
        "spec.clusterIP",
        "is not allowed where type is ExternalName",
    ),
    (service(type="LoadBalancer", clusterIP="None"), "spec.clusterIP", "not allowed where type is LoadBalancer"),
    (service(externalTrafficPolicy="Local"), "spec.externalTrafficPolicy", "only where type is NodePort or Load"),
    (service(sessionAffinity="Client"), "spec.sessionAffinity", "one of ClientIP, None"),
    (service(ipFamilyPolicy="Dual"), "spec.ipFamilyPolicy", "one of SingleStack"),
    (
        service(type="LoadBalancer", loadBalancerSourceRanges=["1.2.3.4"]),
        "spec.loadBalancerSourceRanges[0]",
        "not an address block",
    ),
    (ingress(pathType="Regex"), "spec.rules[0].http.paths[0].pathType", "one of Exact, Prefix, Implementation"),
    (ingress(path="api"), "spec.rules[0].http.paths[0].path", "an absolute path is required"),
    (ingress(path=None), "spec.rules[0].http.paths[0].path", "the pathType Prefix requires an absolute path"),
    (ingress(path="/a//b"), "spec.rules[0].http.paths[0].path", "which holds //"),
    (ingress(backend={}), "spec.rules[0].http.paths[0].backend", "sets none of service, resource"),
    (
        ingress(backend={"service": {"name": "web"}}),
        "spec.rules[0].http.paths[0].backend.service.port",
        "it needs a name or a number",
    ),
    (
        ingress(backend={"service": {"name": "web", "port": {"name": "a", "number": 1}}}),
        "spec.rules[0].http.paths[0].backend.service.port.number",
        "is not allowed together with name",
    ),
    (thing("networking.k8s.io/v1", "Ingress", {}), "spec", "sets neither rules nor defaultBackend"),
    (
        thing("networking.k8s.io/v1", "Ingress", {"rules": [{"host": "10.0.0.1"}]}),
        "spec.rules[0].host",
        "which is an IP address; a DNS name is required",
    ),
    (
        thing("networking.k8s.io/v1", "Ingress", {"rules": [{"host": "a.*.b"}]}),
        "spec.rules[0].host",
        "which is not a DNS name",
    ),
    (
        named(ingress(), name="a", annotations={"kubernetes.io/ingress.class": "a"})
        | {"spec": ingress()["spec"] | {"ingressClassName": "b"}},
        "metadata.annotations['kubernetes.io/ingress.class']",
        'but spec.ingressClassName is "b"',
    ),
    (policy(policyTypes=["ingress"]), "spec.policyTypes[0]", "one of Ingress, Egress is required"),
    (policy(podSelector={"matchLabels": {"a": "b c"}}), "spec.podSelector.matchLabels.a", "not a valid label value"),
    (peer(), "spec.ingress[0].from[0]", "names no peer"),
    (peer(ipBlock={"cidr": "10.0.0.0"}), "spec.ingress[0].from[0].ipBlock.cidr", "is not an address block"),
    (
        peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}),
        "spec.ingress[0].from[0].ipBlock.except[0]",
        "a smaller block within 10.0.0.0/8 is required",
    ),
    (
        peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}),
        "spec.ingress[0].from[0].ipBlock.except[0]",
        "a smaller block",
    ),
    (
        peer(ipBlock={"cidr": "10.0.0.0/8"}, podSelector={}),
        "spec.ingress[0].from[0].podSelector",
        "is not allowed together with ipBlock",
    ),
    (policy(ingress=[{"ports": [{"endPort": 90}]}]), "spec.ingress[0].ports[0].endPort", "with a port that is a num"),
    (policy(egress=[{"ports": [{"port": "a", "endPort": 9}]}]), "spec.egress[0].ports[0].endPort", "that is a number"),
    (policy(egress=[{"ports": [{"port": 9, "endPort": 8}]}]), "spec.egress[0].ports[0].endPort", "at least the port"),
    (policy(egress=[{"ports": [{"port": 9, "protocol": "udp"}]}]), "spec.egress[0].ports[0].protocol", "TCP, UDP"),
]

OTHER_FAULTS = [
    (named(pod()), "metadata.name", "is required but missing"),
    ({key: value for key, value in pod().items() if key != "metadata"}, "metadata.name", "is required but missing"),
    (named(pod(), name="Bad_Name!!"), "metadata.name", 'is "Bad_Name!!", which is not a DNS name'),
    (named(pod(), generateName="Bad_"), "metadata.generateName", "which is not a DNS name"),
    (named(pod(), name="a", namespace="a.b"), "metadata.namespace", "which is not a DNS label"),
    (named(pod(), name="a", labels={"a/b/c": "d"}), "metadata.labels['a/b/c']", "whose prefix is not a DNS name"),
    (named(pod(), name="a", labels={"a": "x" * 64}), "metadata.labels.a", "a label value has at most 63"),
    (named(pod(), name="a", annotations={"a b": "c"}), "metadata.annotations['a b']", "which is not a valid key"),
    (named(thing("v1", "Namespace"), name="a.b"), "metadata.name", "which is not a DNS label"),
    (named(rbac("Role"), name="a/b"), "metadata.name", "which is no part of a URL"),
    (thing("v1", "ConfigMap", data={"a b": "c"}), "data['a b']", "which is not a valid key"),
    (thing("v1", "ConfigMap", data={"a": "b"}, binaryData={"a": "Yg=="}), "binaryData.a", "is in data too"),
    (thing("v1", "ConfigMap", binaryData={"a": "?"}), "binaryData.a", "is not base64"),
    (thing("v1", "ConfigMap", data={"a": "b" * 1_100_000}), "data", "at most 1048576 are allowed"),
    (thing("v1", "Secret", data={"a": "not base64!"}), "data.a", "is not base64"),
    (
        thing("v1", "Secret", type="kubernetes.io/tls", data={"tls.crt": "YQ=="}),
        "data['tls.key']",
        "is required in a Secret of type kubernetes.io/tls",
    ),
    (
        thing("v1", "Secret", type="kubernetes.io/service-account-token"),
        "metadata.annotations['kubernetes.io/service-account.name']",
        "is required in a Secret of type",
    ),
    (claim(accessModes=["ReadWriteSome"]), "spec.accessModes[0]", "one of ReadWriteOnce"),
    (claim(accessModes=[]), "spec.accessModes", "is required but missing"),
    (claim(accessModes=["ReadWriteOncePod", "ReadOnlyMany"]), "spec.accessModes", "not allowed with other modes"),
    (claim(resources={}), "spec.resources.requests.storage", "is required but missing"),
    (claim(resources={"requests": {"storage": 0}}), "spec.resources.requests.storage", "more than 0 is required"),
    (claim(volumeMode="Disk"), "spec.volumeMode", "one of Block, Filesystem"),
    (
        thing("v1", "PersistentVolume", {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}),
        "spec",
        "sets none of",
    ),
    (
        thing("storage.k8s.io/v1", "StorageClass", provisioner="a", reclaimPolicy="Keep"),
        "reclaimPolicy",
        "one of Delete, Retain",
    ),
    (
        thing("policy/v1", "PodDisruptionBudget", {"minAvailable": 1, "maxUnavailable": 1}),
        "spec.maxUnavailable",
        "is not allowed together with minAvailable",
    ),
    (thing("policy/v1", "PodDisruptionBudget", {"minAvailable": "2"}), "spec.minAvailable", "or a percentage"),
    (autoscaler(maxReplicas=0), "spec.maxReplicas", "at least 1 is required"),
    (autoscaler(metrics=[{"type": "Pods"}]), "spec.metrics[0].pods", "is required where type is Pods"),
    (metric("Resource", "resource", value="1"), "spec.metrics[0].resource.target", "averageUtilization or averageV"),
    (metric("Pods", "pods", value="1"), "spec.metrics[0].pods.target", "averageValue is required"),
    (
        autoscaler(behavior={"scaleUp": {"stabilizationWindowSeconds": 3601}}),
        "spec.behavior.scaleUp.stabilizationWindowSeconds",
        "a number from 0 to 3600",
    ),
    (rule(apiGroups=[""]), "rules[0].resources", "is required but missing"),
    (rule(resources=["pods"]), "rules[0].apiGroups", "is required but missing"),
    (rule(nonResourceURLs=["/healthz"]), "rules[0].nonResourceURLs", "it needs a ClusterRole"),
    (rbac("ClusterRole", rules=[{"verbs": [], "apiGroups": [""], "resources": ["a"]}]), "rules[0].verbs", "is empty"),
    (binding(kind="ClusterRoleBinding", role="Role", namespace="a"), "roleRef.kind", "ClusterRole is required"),
    (binding(kind="ClusterRoleBinding", role="ClusterRole"), "subjects[0].namespace", "required for a ServiceAccount"),
    (binding(apiGroup="v1"), "subjects[0].apiGroup", "is not allowed for a ServiceAccount"),
    (
        thing("v1", "LimitRange", {"limits": [{"type": "Container", "default": {"cpu": "a"}}]}),
        "spec.limits[0].default.cpu",
        "is no quantity",
    ),
    (thing("v1", "ResourceQuota", {"hard": {"pods": "many"}}), "spec.hard.pods", "is no quantity"),
    (thing("v1", "ResourceQuota", {"scopes": ["All"]}), "spec.scopes[0]", "one of BestEffort"),
    (
        thing(
            "admissionregistration.k8s.io/v1",
            "ValidatingWebhookConfiguration",
            webhooks=[
                {
                    "name": "a.example.com",
                    "admissionReviewVersions": ["v1"],
                    "clientConfig": {"url": "https://a"},
                    "sideEffects": "Some",
                }
            ],
        ),
        "webhooks[0].sideEffects",
        "one of None, NoneOnDryRun",
    ),
    (
        thing(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            {
                "group": "example.com",
                "scope": "Namespaced",
                "names": {"kind": "A", "plural": "as"},
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": ANYTHING}],
            },
        ),
        "metadata.name",
        "as.example.com is required",
    ),
]

FAULTS = [
    *POD_FAULTS,
    *((container(**fields), f"spec.containers[0].{path}", says) for fields, path, says in CONTAINER_FAULTS),
    *(
        (pod(volumes=[{"name": "v", **fields}]), f"spec.volumes[0].{path}", says)
        for fields, path, says in VOLUME_FAULTS
    ),
    *WORKLOAD_FAULTS,
    *NETWORK_FAULTS,
    *OTHER_FAULTS,
]


@pytest.mark.parametrize(("data", "path", "says"), FAULTS, ids=[f"{data['kind']} {path}" for data, path, _ in FAULTS])
def test_a_refused_value_is_told_once_at_its_path(data: Data, path: str, says: str) -> None:
    before = copy.deepcopy(data)
    faults = value_faults(data)
    assert [format_path(fault.path) for fault in faults] == [path]
    assert says in faults[0].message
    assert data == before
    told_by_the_schema = {fault.path for fault in SCHEMAS.faults(data)}
    assert not told_by_the_schema & {fault.path for fault in faults}


VALID = [
    pod(),
    pod(
        restartPolicy="",
        dnsPolicy="None",
        dnsConfig={"nameservers": ["10.0.0.10"]},
        nodeSelector={"kubernetes.io/os": "linux", "empty": ""},
        tolerations=[{"operator": "Exists"}, {"key": "a", "effect": "NoExecute", "tolerationSeconds": 1}],
        volumes=[{"name": "empty"}, {"name": "c", "configMap": {"name": "c", "defaultMode": 0o644}}],
        initContainers=[
            {"name": "side", "image": "s", "restartPolicy": "Always", "livenessProbe": {"exec": {"command": ["a"]}}},
            {"name": "init", "image": "i", "volumeMounts": [{"name": "empty", "mountPath": "/a"}]},
        ],
    ),
    container(
        ports=[
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP", "hostPort": 0},
        ],
        env=[
            {"name": "my.var-1"},
            {"name": "B", "value": "", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        ],
        livenessProbe={"tcpSocket": {"port": "dns"}, "successThreshold": 1, "timeoutSeconds": 0},
        readinessProbe={"grpc": {"port": 50051}, "successThreshold": 3},
        lifecycle={"preStop": {"sleep": {"seconds": 5}}},
        resources={"limits": {"cpu": 1, "memory": "1e3", "nvidia.com/gpu": 0}, "requests": {"cpu": "100m"}},
        securityContext={"allowPrivilegeEscalation": False, "seccompProfile": {"type": "RuntimeDefault"}},
    ),
    named(pod(), generateName="job-"),
    workload("Deployment", replicas=0, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}),
    workload("Deployment", strategy={"rollingUpdate": {"maxSurge": "150%", "maxUnavailable": "0%"}}),
    workload("DaemonSet", updateStrategy={"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}),
    workload("ReplicaSet", replicas=1),
    workload(
        "StatefulSet",
        serviceName="db",
        template=template(
            containers=[{"name": "db", "image": "db", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]
        ),
        volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": claim()["spec"]}],
    ),
    job(completionMode="Indexed", completions=3, backoffLimitPerIndex=1),
    cron_job(timeZone="Europe/Paris", concurrencyPolicy="Forbid", startingDeadlineSeconds=0),
    cron_job(schedule="@every 6h"),
    service(),
    service(clusterIP="None", ports=None),
    service(type="ExternalName", externalName="db.example.com.", ports=None),
    service(type="LoadBalancer", externalTrafficPolicy="Local", ports=[{"port": 80, "nodePort": 30080}]),
    ingress(),
    ingress(path=None, pathType="ImplementationSpecific"),
    ingress(backend={"resource": {"kind": "Bucket", "name": "b"}}),
    thing("networking.k8s.io/v1", "Ingress", {"rules": [{"host": "*.example.com"}], "tls": [{"hosts": ["*.a.b"]}]}),
    policy(policyTypes=["Ingress", "Egress"], ingress=[{}], egress=[]),
    peer(podSelector={}, namespaceSelector={"matchExpressions": [{"key": "a", "operator": "Exists"}]}),
    peer(ipBlock={"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "192.168.1.1/32"]}),
    peer(ipBlock={"cidr": "fd00::/8"}),
    policy(egress=[{"ports": [{"port": 1, "endPort": 65535}, {"protocol": "UDP", "port": "dns"}]}]),
    claim(accessModes=["ReadWriteOnce", "ReadOnlyMany"], storageClassName=""),
    thing("policy/v1", "PodDisruptionBudget", {"maxUnavailable": "50%", "selector": {}}),
    metric("Resource", "resource", type="Utilization", averageUtilization=80),
    metric("External", "external", averageValue="10"),
    named(rbac("ClusterRole", rules=[{"verbs": ["get"], "nonResourceURLs": ["/metrics"]}]), name="system:Metrics"),
    rule(apiGroups=[""], resources=["pods"]),
    binding(),
    binding(kind="ClusterRoleBinding", role="ClusterRole", namespace="a"),
    thing("v1", "ConfigMap", data={"app.conf": "a", "_x-1": ""}, binaryData={"b": "AAEC\nAwQ="}),
    thing("v1", "Secret", type="kubernetes.io/tls", data={"tls.crt": "YQ=="}, stringData={"tls.key": "b"}),
    thing("v1", "Secret", type="kubernetes.io/tls", data={"tls.crt": "ENC[AES256]"}, sops={"version": "3"}),
    thing("v1", "Secret", type="example.com/custom", data=None),
    thing("v1", "LimitRange", {"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]}),
    thing("scheduling.k8s.io/v1", "PriorityClass", value=1000),
    thing("networking.k8s.io/v1beta1", "Ingress", {"rules": [{"http": {"paths": [{"backend": {}}]}}]}),
    thing("example.com/v1", "Service", {"type": "Anything"}),
    {"apiVersion": "v1", "kind": "Config", "clusters": []},
]  # fmt: skip


@pytest.mark.parametrize("data", VALID, ids=[f"{number} {data['kind']}" for number, data in enumerate(VALID)])
def test_what_the_api_accepts_has_no_faults(data: Data) -> None:
    assert value_faults(data) == ()


@pytest.mark.parametrize("placeholder", ["${NAME}", "{{ .Values.name }}", "$(NAME)", "<%= name %>"])
def test_placeholders_of_other_tools_are_passed_over(placeholder: str) -> None:
    data = named(service(type=placeholder, ports=[{"port": 1, "name": placeholder}]), name=placeholder)
    assert value_faults(data) == ()
    assert value_faults(container(resources={"limits": {"cpu": placeholder}})) == ()


def test_values_of_secrets_are_never_shown() -> None:
    secret = thing("v1", "Secret", data={"password": "hunter2 in clear"}, stringData={"a b": "hunter2"})
    faults = value_faults(secret)
    assert len(faults) == 2
    assert "hunter2" not in " ".join(fault.message for fault in faults)


def test_every_container_is_told() -> None:
    data = pod(containers=[{"name": name, "image": "i", "imagePullPolicy": "No"} for name in ("a", "b")])
    data["spec"]["initContainers"] = [{"name": "c", "image": "i", "imagePullPolicy": "No"}]
    assert [fault.path for fault in value_faults(data)] == [
        ("spec", "containers", 0, "imagePullPolicy"),
        ("spec", "containers", 1, "imagePullPolicy"),
        ("spec", "initContainers", 0, "imagePullPolicy"),
    ]


HOSTILE: list[Any] = [None, [], {}, "text", 1, 1.5, True, [None], [[]], [1], {"a": None}, {"a": [1]}, float("nan")]


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
@pytest.mark.parametrize("data", [*VALID, pod(volumes=[{"name": "a"}])], ids=lambda data: data["kind"])
def test_any_type_anywhere_is_no_crash(data: Data, hostile: Any) -> None:
    for path in paths(data):
        changed = copy.deepcopy(data)
        node: Any = changed
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = hostile
        assert all(fault.message for fault in value_faults(changed))


def paths(value: Any, prefix: Path = ()) -> list[Path]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in entries for path in ((*prefix, key), *paths(item, (*prefix, key)))]
