"""What the API refuses although the schema allows it: enumerations, ranges, formats and combinations of fields.

The checks follow the API server's own validation (kubernetes/pkg/apis/*/validation). They look at values only: a wrong
type, an unknown field or a field that the schema requires is told by the schema.
"""

from __future__ import annotations

from typing import Any

from refarch_lint.location import Path
from refarch_lint.model.field_values.check import Check, Faults, Node, ValueFault
from refarch_lint.model.field_values.common import metadata, metadata_present
from refarch_lint.model.field_values.formats import dns_subdomain, label_key
from refarch_lint.model.field_values.kinds import check_for
from refarch_lint.model.field_values.pods import POD_TEMPLATE
from refarch_lint.model.version import LATEST_VERSION, KubernetesVersion

__all__ = ["ValueFault", "metadata_faults", "template_faults", "value_faults"]

_CUSTOM_METADATA: Check = metadata_present(metadata(dns_subdomain, finalizer=label_key))


def value_faults(data: dict[str, Any], version: KubernetesVersion = LATEST_VERSION) -> tuple[ValueFault, ...]:
    """Return every value of a native object that the API server of a version would refuse, each at its exact path.

    Empty for kinds that are not Kubernetes' own. Texts with placeholders of templating tools (`${…}`, `{{…}}`) are
    passed over. Values of Secrets and of variables are never part of a message.
    """
    api_version, kind = data.get("apiVersion"), data.get("kind")
    if not (isinstance(api_version, str) and isinstance(kind, str)):
        return ()
    check = check_for(api_version, kind)
    if check is None:
        return ()
    faults = Faults(version)
    check(Node(data), faults)
    return tuple(faults)


def template_faults(
    data: dict[str, Any], path: Path, version: KubernetesVersion = LATEST_VERSION
) -> tuple[ValueFault, ...]:
    """Return every value of the pod template at `path` that the API server would refuse in a pod made from it."""
    faults = Faults(version)
    POD_TEMPLATE(Node(data).down(*map(str, path)), faults)
    return tuple(faults)


def metadata_faults(data: dict[str, Any]) -> tuple[ValueFault, ...]:
    """Return every value in the metadata of a custom resource that the API server would refuse."""
    faults = Faults()
    _CUSTOM_METADATA(Node(data)["metadata"], faults)
    return tuple(faults)
