"""What the name of a setting says about its value: whether it is meant to hold a credential, and how surely."""

from __future__ import annotations

from enum import Enum

from refarch_lint.regex import regex
from refarch_lint.remembering import remembered


class Promise(Enum):
    """How surely a name promises a credential, and thus how much its value has to prove."""

    PASSWORD = "a password"
    SECRET = "a secret"
    TOKEN = "a token"
    KEY = "a key"
    LIKELY = "a secret or token"
    MAYBE = "a credential"


_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

#: Words after the one that counts which do not change what the value is; any other one does (`PASSWORD_FILE`).
_QUALIFIERS = frozenset(
    [
        "b64",
        "base",
        "base64",
        "content",
        "contents",
        "current",
        "data",
        "default",
        "dev",
        "encoded",
        "new",
        "old",
        "override",
        "plain",
        "plaintext",
        "prod",
        "raw",
        "staging",
        "string",
        "test",
        "text",
        "txt",
        "value",
    ]
)

_PASSWORDS = frozenset(
    {"dbpass", "masterauth", "passphrase", "passwd", "password", "passwort", "pw", "pwd", "requirepass", "rootpass"}
)
_PASSWORD_ENDINGS = ("password", "passwd", "passphrase")

#: Words after `password` that say whose it is, and leave it one.
_OWNERS = frozenset(
    [
        "admin",
        "app",
        "database",
        "db",
        "kafka",
        "ldap",
        "mariadb",
        "mongo",
        "mongodb",
        "mysql",
        "postgres",
        "postgresql",
        "rabbitmq",
        "redis",
        "root",
        "smtp",
    ]
)

#: Words before `secret` that make it a value that signs or authenticates, not the name of an object.
_SIGNING = frozenset(
    [
        "access",
        "api",
        "app",
        "application",
        "auth",
        "client",
        "consumer",
        "cookie",
        "csrf",
        "encryption",
        "hmac",
        "jwt",
        "oauth",
        "oidc",
        "refresh",
        "session",
        "shared",
        "signing",
        "token",
        "webhook",
    ]
)

#: Words before `secret` that make it the name of a Kubernetes object.
_OBJECT = frozenset(
    [
        "ca",
        "cert",
        "certificate",
        "existing",
        "from",
        "image",
        "in",
        "kubernetes",
        "k8s",
        "kube",
        "mount",
        "pull",
        "ssl",
        "target",
        "tls",
        "use",
        "volume",
        "with",
    ]
)

_TOKEN_ISSUERS = frozenset(
    [
        "access",
        "admin",
        "api",
        "auth",
        "bearer",
        "bot",
        "deploy",
        "docker",
        "github",
        "gitlab",
        "grafana",
        "influx",
        "influxdb",
        "jenkins",
        "npm",
        "personal",
        "pypi",
        "refresh",
        "registry",
        "root",
        "runner",
        "service",
        "slack",
        "sonar",
        "telegram",
        "vault",
    ]
)

#: Words before `key` that make it a credential by any value, and those that make it public.
_SECRET_KEYS = frozenset({"api", "encryption", "master", "private", "secret", "signing"})
_PUBLIC = frozenset(
    ["anon", "foreign", "host", "partition", "primary", "pub", "public", "publishable", "site", "sort", "topology"]
)

_ENDINGS = (
    ("apikey", Promise.KEY),
    ("secretkey", Promise.KEY),
    ("privatekey", Promise.KEY),
    ("accesskey", Promise.MAYBE),
    ("clientsecret", Promise.SECRET),
    ("authtoken", Promise.TOKEN),
    ("accesstoken", Promise.TOKEN),
)


@remembered
def promise_of(name: str) -> Promise | None:
    """Return what the name promises, None if nothing secret.

    The last word counts: `DB_PASSWORD` is one, `DB_PASSWORD_FILE` names a file, `SECRETS_DIR` a folder.
    """
    words = _words(name)
    while words and (words[-1] in _QUALIFIERS or words[-1].isdigit()) and len(words) > 1:
        words = words[:-1]
    if not words:
        return None
    if len(words) > 1 and words[-1] in _OWNERS and words[-2] in _PASSWORDS:
        return Promise.PASSWORD
    *before, last = words
    previous = before[-1] if before else ""
    return _of_last_word(last, previous, before)


def _of_last_word(last: str, previous: str, before: list[str]) -> Promise | None:
    if last in _PASSWORDS or last.endswith(_PASSWORD_ENDINGS) or (last == "pass" and before):
        return Promise.PASSWORD
    if last == "secret":
        if previous in _OBJECT:
            return None
        return Promise.SECRET if previous in _SIGNING else Promise.LIKELY
    if last == "token":
        return Promise.TOKEN if previous in _TOKEN_ISSUERS else Promise.LIKELY
    if last == "key":
        return _of_key(previous, before)
    if last == "cookie":
        return Promise.SECRET if previous == "erlang" else None
    if last in ("auth", "authorization", "bearer", "cred", "creds", "credential", "credentials", "salt", "license"):
        return Promise.MAYBE
    return next((promise for ending, promise in _ENDINGS if last.endswith(ending)), None)


def _of_key(previous: str, before: list[str]) -> Promise | None:
    if not before or _PUBLIC.intersection(before):
        return None
    if previous == "access" and "secret" in before:
        return Promise.KEY
    return Promise.KEY if previous in _SECRET_KEYS else Promise.MAYBE


def _words(name: str) -> list[str]:
    """Split `dbPassword`, `DB_PASSWORD` and `spring.datasource.password` into lower-case words."""
    return [word.lower() for word in _WORD.findall(name[-128:])]
