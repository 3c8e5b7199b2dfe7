"""What a cluster consists of and what its own parts write: nodes, bindings, certificates, attached volumes."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    exactly_one,
    fields,
    formatted,
    not_empty,
    one_of,
    whole_number,
)
from refarch_lint.model.field_values.common import BLOCK, domain_finalizer, quantity
from refarch_lint.model.field_values.formats import block_in, dns_subdomain, driver_name, label_key, label_value
from refarch_lint.model.field_values.lists import at_most, no_repetition, unique, unique_field

_FAMILIES_MAX = 2
_CERTIFICATE_SECONDS = 600

_TAINTS: Check = each(
    fields(
        {
            "effect": all_of(one_of("NoSchedule", "PreferNoSchedule", "NoExecute"), not_empty),
            "key": all_of(formatted(label_key), not_empty),
            "value": formatted(label_value),
        }
    ),
    unique(lambda taint: (taint.get("key"), taint.get("effect")), "key", "stands here twice with the same effect"),
)


def _own_blocks(node: Node, faults: Faults) -> None:
    """The first of the blocks is the one that older clients read, and there is one of each family."""
    blocks = list(node["podCIDRs"].items())
    first, versions = node["podCIDR"].text, [found.version for item in blocks if (found := block_in(item.text or ""))]
    if blocks and first is not None and blocks[0].text not in (None, first):
        faults.append(blocks[0].fault(f"is {blocks[0].text}, podCIDR ({first}) is required"))
    if len(versions) > 1 and versions[0] == versions[1]:
        faults.append(blocks[1].fault(f"is a second IPv{versions[1]} block, one of each family is allowed"))


#: The spec of a Node.
NODE: Check = fields(
    {"podCIDR": BLOCK, "podCIDRs": all_of(each(BLOCK), at_most(_FAMILIES_MAX)), "taints": _TAINTS}, _own_blocks
)

#: The spec of a Namespace.
NAMESPACE: Check = fields({"finalizers": each(formatted(domain_finalizer))})

#: A Binding.
BINDING: dict[str, Check] = {"target": fields({"kind": one_of("Node"), "name": not_empty})}


def _signer(text: str) -> str | None:
    domain, slash, path = text.partition("/")
    if not slash or "." not in domain or dns_subdomain(domain) or dns_subdomain(path):
        return "which is not a domain and a name, such as example.com/signer"
    return None


_USAGES = (
    *("any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment"),
    *("decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel"),
    *("ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime"),
    *("server auth", "signing", "timestamping"),
)

#: The spec of a CertificateSigningRequest.
SIGNING_REQUEST: Check = fields(
    {
        "expirationSeconds": whole_number(_CERTIFICATE_SECONDS),
        "request": not_empty,
        "signerName": all_of(formatted(_signer), not_empty),
        "usages": all_of(each(one_of(*_USAGES)), no_repetition, not_empty),
    }
)

#: The spec of a VolumeAttachment, that of a CSINode, and a CSIStorageCapacity.
ATTACHMENT: Check = fields(
    {
        "attacher": all_of(formatted(driver_name), not_empty),
        "nodeName": not_empty,
        "source": exactly_one("inlineVolumeSpec", "persistentVolumeName"),
    }
)
DRIVERS_OF_NODE: Check = fields(
    {
        "drivers": each(
            fields({"name": all_of(formatted(driver_name), not_empty), "nodeID": not_empty}), unique_field("name")
        )
    }
)
STORAGE_CAPACITY: dict[str, Check] = {
    "capacity": quantity,
    "maximumVolumeSize": quantity,
    "storageClassName": all_of(formatted(dns_subdomain), not_empty),
}
