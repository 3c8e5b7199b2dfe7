"""Credentials in clear text: which literals, command lines and embedded files hold one, and which are placeholders."""

from refarch_lint.evaluate.credentials.text import (
    ArgumentCredential,
    TextCredential,
    TextPlaceholder,
    argument_credentials,
    credential_reason,
    text_credentials,
    text_placeholders,
)
from refarch_lint.evaluate.credentials.tokens import url_password
from refarch_lint.evaluate.credentials.values import is_placeholder

__all__ = [
    "ArgumentCredential",
    "TextCredential",
    "TextPlaceholder",
    "argument_credentials",
    "credential_reason",
    "is_placeholder",
    "text_credentials",
    "text_placeholders",
    "url_password",
]
