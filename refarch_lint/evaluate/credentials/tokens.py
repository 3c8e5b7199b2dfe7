"""Credentials that betray themselves by their form, whatever they are called."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from refarch_lint.evaluate.credentials.values import is_placeholder, is_reference
from refarch_lint.regex import regex

#: The kind of a password that stands in a URL.
URL_PASSWORD = "a password in a URL"


class Token(NamedTuple):
    """A credential found in a text: where it starts and ends, and what it is."""

    start: int
    end: int
    kind: str


#: What the issuers prefix their tokens with, so that they are found where they leak.
_SHAPES: tuple[tuple[str, str], ...] = (
    ("an AWS access key", r"(?:AKIA|ASIA)[A-Z0-9]{16}"),
    ("a GitHub token", r"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}"),
    ("a GitLab token", r"gl(?:pat|dt|rt|cbt|ptt|ft|agent|soat|imt)-[A-Za-z0-9_.-]{20,255}"),
    ("a Slack token", r"xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[0-9]-[A-Za-z0-9-]{10,255}"),
    ("a Slack webhook", r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{20,255}"),
    ("a Discord webhook", r"https://(?:\w{1,10}\.)?discord(?:app)?\.com/api/webhooks/[0-9]{6,32}/[\w-]{20,255}"),
    ("a Microsoft Teams webhook", r"https://[\w.-]{1,100}\.webhook\.office\.com/webhookb2/[\w@/-]{30,255}"),
    ("a Stripe key", r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/]{24,255}"),
    ("a Google API key", r"AIza[0-9A-Za-z_-]{35}"),
    ("a Google client secret", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    ("a JSON Web Token", r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,2000}"),
    ("an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("a PyPI token", r"pypi-AgEIcHlwaS5vcmc[\w-]{50,500}"),
    ("a Docker Hub token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{24,64}"),
    ("a SendGrid key", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"),
    ("a Twilio key", r"SK[0-9a-f]{32}"),
    ("a Mailgun key", r"key-[0-9a-f]{32}"),
    ("a Mailchimp key", r"[0-9a-f]{32}-us[0-9]{1,2}"),
    ("an Anthropic key", r"sk-ant-[A-Za-z0-9_-]{20,255}"),
    ("an OpenAI key", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,255}|sk-[A-Za-z0-9]{48}"),
    ("a Hugging Face token", r"hf_[A-Za-z0-9]{30,64}"),
    ("a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}"),
    ("a Vault token", r"hv[sbr]\.[A-Za-z0-9_-]{24,255}"),
    ("a Databricks token", r"dapi[0-9a-f]{32}"),
    ("a New Relic key", r"NRAK-[A-Z0-9]{27}"),
    ("a Shopify token", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("a Telegram bot token", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
    ("a Grafana token", r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/]{32,400}"),
    ("a Terraform Cloud token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,80}"),
    ("an age private key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    (
        "a password hash",
        (
            r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}|\$apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}"
            r"|\$[56]\$(?:rounds=[0-9]{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43,86}"
            r"|\$argon2(?:id|i|d)\$[\w$=,+/]{40,255}|SCRAM-SHA-(?:1|256|512)\$[0-9]{1,7}:[\w+/=:$]{40,255}"
        ),
    ),
    ("a private key", r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
)

_TOKEN = regex(
    "|".join(
        rf"(?P<t{index}>(?<![A-Za-z0-9_/+-])(?:{shape})(?![A-Za-z0-9]))" for index, (_, shape) in enumerate(_SHAPES)
    )
)
_TOKEN_HINT = regex(
    r"A(?:KIA|SIA|Iza|GE-SECRET)|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|ft|agent|soat|imt)-|gl(?:sa|c)_|xox|xapp-"
    r"|webhook|hooks\.slack|[sr]k_(?:live|test)|sk-(?:ant-|proj-|svcacct-|admin-|[A-Za-z0-9]{48})|whsec_|GOCSPX|eyJ"
    r"|npm_|pypi-|dckr_|SG\.|SK[0-9a-f]{32}|key-[0-9a-f]{32}|-us[0-9]|hf_|do[opr]_v1_|hv[sbr]\.|dapi[0-9a-f]{32}|NRAK-"
    r"|shp(?:at|ca|pa|ss)_|:AA|atlasv1|PRIVATE KEY|\$(?:2[abxy]|apr1|[56]|argon2(?:id|i|d))\$|SCRAM-SHA-[0-9]+\$"
)

_URL_PASSWORD = regex(
    r"""(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://
        (?P<user>[^\s/?\#:@"'<>`]{0,256}):(?P<password>[^\s/?\#@"'<>`]{1,256})@(?=[\w\[$({%])""",
    re.VERBOSE,
)

#: `user:password@tcp(host:3306)/name`, as Go's MySQL driver writes it.
_DRIVER_PASSWORD = regex(r"(?<![\w.-])[A-Za-z_][\w.-]{0,63}:(?P<password>[^\s:/?#@\"'<>`]{1,256})@(?:tcp6?|unix)\(")

#: No token is shorter: of the shapes, a Slack token can be the shortest.
_SHORTEST = 15
_BASE64 = regex(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,}={0,2}")
_SHORTEST_BASE64 = 24
_MAX_DECODED = 16384


def tokens(text: str) -> Iterator[Token]:
    """Yield the credentials in `text` that are known by their form, private keys and URL passwords included."""
    if len(text) >= _SHORTEST and _TOKEN_HINT.search(text):
        for match in _TOKEN.finditer(text):
            if not is_placeholder(match.group()):
                yield Token(match.start(), match.end(), _SHAPES[int((match.lastgroup or "t0")[1:])][0])
    for match in _url_passwords(text):
        yield Token(match.start("password"), match.end("password"), URL_PASSWORD)
    yield from _encoded_tokens(text)


def url_password(text: str) -> tuple[int, int] | None:
    """Return where the password of the first URL with one stands in `text`; None for variables and placeholders."""
    return next(((match.start("password"), match.end("password")) for match in _url_passwords(text)), None)


def _url_passwords(text: str) -> Iterator[re.Match[str]]:
    found = list(_URL_PASSWORD.finditer(text)) if "://" in text else []
    found += _DRIVER_PASSWORD.finditer(text) if "@tcp" in text or "@unix(" in text else ()
    for match in found:
        password = match["password"]
        if not (is_reference(password) or is_placeholder(password) or set(password) <= {"*", "."}):
            yield match


def _encoded_tokens(text: str) -> Iterator[Token]:
    """Yield base64 strings that decode to a credential known by its form, or to `user:password` of a registry."""
    for match in _BASE64.finditer(text) if len(text) >= _SHORTEST_BASE64 else ():
        decoded = decode_base64(match.group())
        if decoded is None:
            continue
        inner = _TOKEN.search(decoded) if _TOKEN_HINT.search(decoded) else None
        if inner and not is_placeholder(inner.group()):
            kind = _SHAPES[int((inner.lastgroup or "t0")[1:])][0]
            yield Token(match.start(), match.end(), f"{kind} in base64")


def decode_base64(text: str) -> str | None:
    """Return the ASCII text that `text` encodes, None if it encodes none."""
    padded = text[:_MAX_DECODED].rstrip("=")
    padded += "=" * (-len(padded) % 4)
    try:
        return base64.b64decode(padded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
