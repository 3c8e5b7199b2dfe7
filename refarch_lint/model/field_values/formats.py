"""The formats of Kubernetes texts: each function tells why a text is not in the format, or returns None.

The rules are those of k8s.io/apimachinery/pkg/util/validation and of the API types' own validation.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from refarch_lint.model.field_values.time_zones import TIME_ZONES
from refarch_lint.regex import regex
from refarch_lint.remembering import remembered

#: Returns why a text is not in some format, as the end of a sentence, or None if it is.
Format = Callable[[str], str | None]

_LABEL = regex(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = regex(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = regex(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_PART = regex(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PLAIN_VARIABLE = regex(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_LEADING_ZEROS = regex(r"(?<![0-9a-fA-F:])0+(?=[0-9])")
_CONFIG_KEY = regex(r"[-._a-zA-Z0-9]+")
_HTTP_HEADER = regex(r"[-A-Za-z0-9]+")
_PERCENT = regex(r"[0-9]+%")
_PORT_NAME = regex(r"[-a-z0-9]+")
_SYSCTL = regex(r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?")
_URL_PATH = regex(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")


_LABEL_MAX = 63
_SUBDOMAIN_MAX = 253
_PORT_NAME_MAX = 15


def dns_label(text: str) -> str | None:
    """RFC 1123 label: what names a namespace, a container or a volume."""
    if len(text) > _LABEL_MAX:
        return f"which is {len(text)} characters long; at most {_LABEL_MAX} are allowed"
    if not _LABEL.fullmatch(text):
        return "which is not a DNS label: lower-case letters, digits and hyphens, a letter or digit at both ends"
    return None


def dns_label_1035(text: str) -> str | None:
    """RFC 1035 label: what names a Service, and so begins with a letter."""
    if len(text) > _LABEL_MAX:
        return f"which is {len(text)} characters long; at most {_LABEL_MAX} are allowed"
    if not _LABEL_1035.fullmatch(text):
        return "which is not a DNS label that begins with a letter: lower-case letters, digits and hyphens"
    return None


@remembered
def dns_subdomain(text: str) -> str | None:
    """RFC 1123 subdomain: what names most objects."""
    if len(text) > _SUBDOMAIN_MAX:
        return f"which is {len(text)} characters long; at most {_SUBDOMAIN_MAX} are allowed"
    if not _SUBDOMAIN.fullmatch(text):
        return "which is not a DNS name: lower-case letters, digits, hyphens and dots, a letter or digit at both ends"
    return None


def path_segment(text: str) -> str | None:
    """What can be one part of a URL: the names of RBAC objects."""
    if text in (".", "..") or "/" in text or "%" in text:
        return "which is no part of a URL: it may not be . or .. nor hold / or %"
    return None


@remembered
def label_key(text: str) -> str | None:
    """Qualified name: the key of a label or annotation, with an optional DNS prefix."""
    prefix, slash, name = text.rpartition("/")
    if slash and (not prefix or dns_subdomain(prefix)):
        return "whose prefix is not a DNS name"
    if not name or len(name) > _LABEL_MAX or not _NAME_PART.fullmatch(name):
        return "which is not a valid key: letters, digits, '-', '_' and '.', at most 63 characters after the prefix"
    return None


def annotation_key(text: str) -> str | None:
    """Qualified name, in any case."""
    return label_key(text.lower())


@remembered
def label_value(text: str) -> str | None:
    """The value of a label; an empty one is fine."""
    if len(text) > _LABEL_MAX:
        return f"which is {len(text)} characters long; a label value has at most {_LABEL_MAX}"
    if text and not _NAME_PART.fullmatch(text):
        return "which is not a valid label value: letters, digits, '-', '_' and '.', a letter or digit at both ends"
    return None


def port_name(text: str) -> str | None:
    """IANA service name: the name of a container's port."""
    if len(text) > _PORT_NAME_MAX:
        return f"which is {len(text)} characters long; a port name has at most {_PORT_NAME_MAX}"
    if (
        not _PORT_NAME.fullmatch(text)
        or text.startswith("-")
        or text.endswith("-")
        or "--" in text
        or not any(letter.isalpha() for letter in text)
    ):
        return "which is not a port name: lower-case letters, digits and single hyphens, with at least one letter"
    return None


def plain_environment_name(text: str) -> str | None:
    """The name of an environment variable as shells write it, with dots and hyphens: up to Kubernetes 1.31."""
    if text in (".", "..") or text.startswith("..") or not _PLAIN_VARIABLE.fullmatch(text):
        return "which is not a variable name before Kubernetes 1.32: letters, digits, '-', '_' and '.', no digit first"
    return None


def environment_name(text: str) -> str | None:
    """The name of an environment variable: any printable ASCII character but the equals sign."""
    if "=" in text or not all(" " <= letter <= "~" for letter in text):
        return "which is not a variable name: printable ASCII characters without ="
    return None


def config_key(text: str) -> str | None:
    """The key of a ConfigMap or Secret entry."""
    if len(text) > _SUBDOMAIN_MAX or text == "." or text == ".." or text.startswith(".."):
        return "which is no file name"
    if not _CONFIG_KEY.fullmatch(text):
        return "which is not a valid key: letters, digits, '-', '_' and '.'"
    return None


def percentage(text: str) -> str | None:
    """A share such as `25%`, where a whole number could also stand."""
    return None if _PERCENT.fullmatch(text) else "a whole number or a percentage such as 25% is required"


def address_in(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text states, whose numbers may begin with zeros: `010.0.0.1` is `10.0.0.1`."""
    try:
        return ipaddress.ip_address(_LEADING_ZEROS.sub("", text) if "." in text else text)
    except ValueError:
        return None


def block_in(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the block that a text states, whose numbers may begin with zeros and whose host bits may be set."""
    address, slash, length = text.partition("/")
    found = address_in(address)
    if found is None or "%" in text or not slash or not (length.isascii() and length.isdigit()):
        return None
    try:
        return ipaddress.ip_network((found, int(length)), strict=False)
    except ValueError:
        return None


def ip_address(text: str) -> str | None:
    """An IPv4 or IPv6 address, without a zone."""
    if address_in(text) is None:
        return "which is not an IP address"
    return "which is not an IP address: it names a zone" if "%" in text else None


def unambiguous_address(text: str) -> str | None:
    """An address that everybody reads alike (KEP-4858); what is no address is for another format to tell."""
    found = address_in(text)
    if found is None:
        return None
    if found.version == 4 and str(found) != text:
        return f"whose numbers begin with zeros: {found} is required"
    mapped = found.ipv4_mapped if found.version == 6 else None
    return None if mapped is None else f"which is an IPv4 address in IPv6: {mapped} is required"


def cidr(text: str) -> str | None:
    """An address block such as `10.0.0.0/8`; whether host bits may be set depends on the version."""
    return None if block_in(text) is not None else "which is not an address block such as 10.0.0.0/8"


def unambiguous_cidr(text: str) -> str | None:
    """A block that everybody reads alike (KEP-4858): no host bits; what is no block is for another format to tell."""
    found = block_in(text)
    if found is None:
        return None
    address, _, length = text.partition("/")
    if why := unambiguous_address(address):
        return why
    if str(int(length)) != length:
        return f"whose length begins with a zero: {found} is required"
    outside = address_in(address) != found.network_address
    return f"which has bits set beyond its length: {found} is required" if outside else None


def host_name(text: str) -> str | None:
    """The host of an Ingress: a DNS name, optionally with `*` as its first label."""
    return "which is an IP address; a DNS name is required" if ip_address(text) is None else certified_host(text)


def certified_host(text: str) -> str | None:
    """A host that a certificate is for: a DNS name, optionally with `*` as its first label, or an IPv4 address."""
    bare = text.removeprefix("*.")
    if "*" in bare or dns_subdomain(bare):
        return "which is not a DNS name, with or without a first label *"
    return None


def header_name(text: str) -> str | None:
    """The name of an HTTP header."""
    return None if _HTTP_HEADER.fullmatch(text) else "which is not a header name"


def relative_path(text: str) -> str | None:
    """A path below a volume: not absolute, never upwards."""
    if text.startswith("/"):
        return "a relative path is required"
    return no_parent(text)


def local_path(text: str) -> str | None:
    """A file that a volume holds: a relative path that does not begin with `..`, the mark of Kubernetes' own files."""
    if why := relative_path(text):
        return why
    return "which begins with .." if text.startswith("..") else None


def no_parent(text: str) -> str | None:
    """A path without `..`."""
    return "which leads upwards through .." if ".." in text.replace("\\", "/").split("/") else None


def absolute_path(text: str) -> str | None:
    """A path from the root."""
    return None if text.startswith("/") else "an absolute path is required"


def driver_name(text: str) -> str | None:
    """The name of a CSI driver: a DNS name in any case, as short as a label."""
    if len(text) > _LABEL_MAX:
        return f"which is {len(text)} characters long; at most {_LABEL_MAX} are allowed"
    return dns_subdomain(text.lower())


def sysctl_name(text: str) -> str | None:
    """The name of a kernel parameter."""
    valid = len(text) <= _SUBDOMAIN_MAX and _SYSCTL.fullmatch(text)
    return None if valid else "which is not the name of a kernel parameter"


def time_zone(text: str) -> str | None:
    """The name of a time zone as the time zone database writes it."""
    return None if text in TIME_ZONES else "which is not the name of a time zone such as Europe/Paris"


def domain_path(longest: int) -> Format:
    """Return the format of names that begin with their owner's domain, such as `example.com/controller`."""

    def check(text: str) -> str | None:
        if len(text) > longest:
            return f"which is {len(text)} characters long; at most {longest} are allowed"
        domain, _, path = text.partition("/")
        if not path or dns_subdomain(domain) or not _URL_PATH.fullmatch(path):
            return "which is not a path that begins with a domain, such as example.com/controller"
        return None

    return check
