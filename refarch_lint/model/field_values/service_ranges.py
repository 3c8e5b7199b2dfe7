"""The addresses that Services get: ServiceCIDRs and IPAddresses (kubernetes/pkg/apis/networking/validation)."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    fields,
    formatted,
    not_empty,
    required,
)
from refarch_lint.model.field_values.formats import address_in, block_in, cidr
from refarch_lint.model.field_values.lists import at_most

_FAMILIES_MAX = 2


def canonical_address(text: str) -> str | None:
    """The name of an IPAddress: the address as it is written shortest."""
    found = address_in(text)
    if found is None:
        return "which is not an IP address"
    return None if str(found) == text else f"which is not the shortest form: {found} is required"


def _canonical_block(text: str) -> str | None:
    found = block_in(text)
    return None if found is None or str(found) == text else f"which is not the shortest form: {found} is required"


def _one_of_each_family(node: Node, faults: Faults) -> None:
    versions = [block.version for item in node.items() if (block := block_in(item.text or "")) is not None]
    if len(versions) > 1 and versions[0] == versions[1]:
        faults.append(node.fault(f"holds two blocks of IPv{versions[0]}, one of each family is allowed"))


#: The spec of a ServiceCIDR.
SERVICE_CIDR: Check = fields(
    {"cidrs": all_of(each(formatted(cidr, _canonical_block)), at_most(_FAMILIES_MAX), _one_of_each_family, not_empty)},
    required("cidrs"),
)
