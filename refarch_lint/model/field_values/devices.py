"""Claims of devices (kubernetes/pkg/apis/resource), in the form that they have since v1beta2."""

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
    required,
    shown,
    whole_number,
)
from refarch_lint.model.field_values.common import LABELLED
from refarch_lint.model.field_values.formats import dns_label, dns_subdomain
from refarch_lint.model.field_values.lists import at_most, unique_field

_REQUESTS_MAX = 32
_ALTERNATIVES_MAX = 8


def _counted(node: Node, faults: Faults) -> None:
    if node["allocationMode"].text == "All" and (node["count"].number or 0) != 0:
        faults.append(node["count"].fault("is not allowed where allocationMode is All"))


_SELECTORS: Check = each(required("cel"))
_WANTED: dict[str, Check] = {
    "selectors": _SELECTORS,
    "allocationMode": one_of("All", "ExactCount"),
    "count": whole_number(0),
    "deviceClassName": all_of(formatted(dns_subdomain), not_empty),
}
_NAME: Check = all_of(formatted(dns_label), not_empty)
_REQUEST: Check = fields(
    {
        "name": _NAME,
        "exactly": fields(_WANTED, _counted),
        "firstAvailable": all_of(
            each(fields(_WANTED | {"name": _NAME}, _counted)),
            unique_field("name", "names two alternatives of this request"),
            at_most(_ALTERNATIVES_MAX),
            not_empty,
        ),
    },
    exactly_one("exactly", "firstAvailable"),
)


def _requests_named(node: Node, faults: Faults) -> None:
    """What constraints and configuration speak of are requests of the claim, or `REQUEST/ALTERNATIVE` of one."""
    names = {request["name"].text for request in node["requests"].items()}
    for field in ("constraints", "config"):
        for item in node[field].items():
            for name in item["requests"].items():
                if name.text is not None and name.text.partition("/")[0] not in names:
                    faults.append(name.fault(f"is {shown(name.text)}, which is no request of this claim"))


#: The spec of a ResourceClaim, and that of a ResourceClaimTemplate.
DEVICE_CLAIM: Check = fields(
    {
        "devices": fields(
            {
                "requests": all_of(
                    each(_REQUEST), unique_field("name", "names two requests of this claim"), at_most(_REQUESTS_MAX)
                )
            },
            _requests_named,
        )
    }
)
DEVICE_CLAIM_TEMPLATE: Check = fields({"metadata": LABELLED, "spec": DEVICE_CLAIM})

#: The spec of a DeviceClass.
DEVICE_CLASS: Check = fields({"selectors": _SELECTORS})
