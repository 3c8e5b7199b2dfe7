"""Credentials in clear text: which literals, command lines and embedded files hold one, and which are placeholders."""

from refarch_lint.evaluate.credentials.names import promise_of
from refarch_lint.evaluate.credentials.text import (
    MASK,
    ArgumentCredential,
    TextCredential,
    TextPlaceholder,
    argument_credentials,
    credential_reason,
    credentials_in,
    text_credentials,
    text_placeholders,
    without_credentials,
)
from refarch_lint.evaluate.credentials.tokens import url_password
from refarch_lint.evaluate.credentials.values import is_placeholder

__all__ = [
    "MASK",
    "ArgumentCredential",
    "TextCredential",
    "TextPlaceholder",
    "argument_credentials",
    "credential_reason",
    "credentials_in",
    "is_placeholder",
    "promise_of",
    "text_credentials",
    "text_placeholders",
    "url_password",
    "without_credentials",
]
