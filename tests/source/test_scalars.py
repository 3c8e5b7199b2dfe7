"""Unquoted words mean what they mean to kubectl (`kubectl label --local -o json` gave the expected values)."""

from __future__ import annotations

import pytest

from refarch_lint.source.scalars import STANDARD_TAG, ScalarError, key_text, plain_value, resolve, tagged_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")),
        *((word, False) for word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *(
            (word, word)
            for word in ("yEs", "nULL", "=", "<<", "a", "-", ".", "...", "1.2.3", "0b12", "0x", "0xg", "_1")
        ),
        ("0777", 511),
        ("0o777", 511),
        ("0O17", 15),
        ("-0777", -511),
        ("08", 8),
        ("-08", -8),
        ("+08", 8),
        ("00", 0),
        ("0_8", 8),
        ("0x1F", 31),
        ("-0x1F", -31),
        ("0x1_F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("1__0", 10),
        ("1_", 1),
        ("+1", 1),
        ("-0", 0),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("1.0", 1),
        ("-0.0", 0),
        ("1.", 1),
        ("1.5", 1.5),
        ("1.5_0", 1.5),
        (".5", 0.5),
        ("+.5", 0.5),
        (".1_0", 0.1),
        ("._5", "._5"),
        (".5e400", ".5e400"),
        ("1e400", "1e400"),
        ("1e-400", 0),
        ("1e21", 1e21),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", 9223372036854775808.0),
        ("-9223372036854775808", -9223372036854775808),
        ("18446744073709551616", 18446744073709551616.0),
        ("0xFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFF"),
        ("1234567890123456789e0", 1234567890123456800),
        ("12:30:45", "12:30:45"),
        ("2001-12-14", "2001-12-14"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("٣", "٣"),
    ],
)
def test_plain_words(text: str, value: object) -> None:
    actual = plain_value(text)
    assert actual == value
    assert type(actual) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", "+.Inf", ".nan"])
def test_what_json_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(ScalarError, match="cannot be written as JSON"):
        plain_value(text)


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "12", "12"),
        ("str", "", ""),
        ("int", "5", 5),
        ("float", "1", 1),
        ("float", "0x10", 16),
        ("bool", "y", True),
        ("null", "~", None),
        ("timestamp", "2001-01-01", "2001-01-01"),
        ("binary", "aGVs\nbG8=", "hello"),
        ("binary", "gIGC", "\ufffd\ufffd\ufffd"),
    ],
)
def test_words_under_standard_tags(tag: str, text: str, value: object) -> None:
    assert tagged_value(STANDARD_TAG + tag, text) == value


@pytest.mark.parametrize(
    ("tag", "text"),
    [("int", "abc"), ("int", "1.0"), ("int", ""), ("float", "abc"), ("bool", "1"), ("null", "x"), ("timestamp", "x")],
)
def test_words_that_do_not_fit_their_tag(tag: str, text: str) -> None:
    with pytest.raises(ScalarError, match=f"!!{tag}"):
        tagged_value(STANDARD_TAG + tag, text)


def test_invalid_base64_is_refused() -> None:
    with pytest.raises(ScalarError, match="base64"):
        tagged_value(STANDARD_TAG + "binary", "%%")


@pytest.mark.parametrize("tag", ["!Ref", "!", "tag:example.com,2000:x"])
def test_other_tags_are_ignored(tag: str) -> None:
    assert tagged_value(tag, "12") == "12"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1", "1"),
        ("0x10", "16"),
        ("true", "true"),
        ("y", "true"),
        ("off", "false"),
        ("1.5", "1.5"),
        ("1e9", "1e+09"),
        ("1000000.0", "1e+06"),
        ("100000.0", "100000"),
        ("0.00001", "1e-05"),
        ("123456789012.5", "1.2345679e+11"),
        ("0.0", "0"),
        ("-0.0", "-0"),
        (".inf", ".inf"),
        ("-.inf", "-.inf"),
        ("9e99", ".inf"),
        (".nan", ".nan"),
        ("2001-01-01", "2001-01-01"),
    ],
)
def test_keys_become_text(text: str, key: str) -> None:
    assert key_text(resolve(text)) == key


@pytest.mark.parametrize("text", ["", "~", "null", "18446744073709551615"])
def test_keys_that_kubectl_refuses(text: str) -> None:
    with pytest.raises(ScalarError):
        key_text(resolve(text))
