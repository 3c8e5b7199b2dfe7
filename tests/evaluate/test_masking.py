"""No secret value is left in the lines that reports show, whatever the syntax it is written in."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refarch_lint.config import Settings
from refarch_lint.evaluate.lint import lint
from refarch_lint.evaluate.masking import MASK, masked_lines
from refarch_lint.model.resource import resources_of
from refarch_lint.report import REPORTERS, RenderOptions
from refarch_lint.source.loading import read_bytes

SECRET = "quartz8Jm2lantern"
ENCODED = base64.b64encode(SECRET.encode()).decode()


def masked(text: str, name: str = "manifest.yaml") -> tuple[str, ...]:
    content = read_bytes(name, text.encode())
    resources = [resource for document in content.documents for resource in resources_of(document)]
    return masked_lines(content, resources)


def secret(body: str) -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n{body}"


SECRETS = {
    "block": f"data:\n  password: {ENCODED}\n",
    "clear": f"stringData:\n  password: {SECRET}\n  username: {SECRET}\n",
    "flow": f"stringData: {{ username: {SECRET}, password: '{SECRET}' }}\n",
    "flow over lines": f"stringData: {{\n  username: {SECRET},\n  password: {SECRET} }}\n",
    "flow, two keys a line": f"stringData: {{\n  username: {SECRET}, password: {SECRET}\n}}\n",
    "quoted keys": f"stringData:\n  \"user name\": {SECRET}\n  'password': {SECRET}\n  a:b: {SECRET}\n",
    "double quotes over lines": f'stringData:\n  note: "first\n    {SECRET}\n    last"\n',
    "plain over lines": f"stringData:\n  note: first\n    {SECRET}\n",
    "literal block": f"stringData:\n  note: |\n    first\n\n    {SECRET}\n",
    "folded block": f"stringData:\n  note: >-\n    first\n    {SECRET}\n",
    "block with indentation": f"stringData:\n  note: |2\n      {SECRET}\n",
    "value on the next line": f"stringData:\n  note:\n    {SECRET}\n",
    "comment inside": f"stringData:\n  # was {SECRET}\n  user: x # was {SECRET}\n  # then {SECRET}\ntype: Opaque\n",
    "comment at the key": f"stringData: # {SECRET}\n  user: x\n",
    "anchor elsewhere": f"x-value: &value {SECRET}\nstringData:\n  note: *value\n",
    "merged": f"x-values: &values\n  note: {SECRET}\nstringData:\n  <<: *values\n",
    "explicit key": f"stringData:\n  ? note\n  : {SECRET}\n",
    "tag": f"stringData:\n  note: !!str {SECRET}\n",
    "key twice": f"stringData:\n  note: {SECRET}\n  note: other\n",
    "field twice": f"stringData:\n  note: {SECRET}\nstringData:\n  note: other\n",
    "wrong type": f"stringData: {SECRET}\n",
    "list": f"stringData:\n  - {SECRET}\n",
    "nested": f"stringData:\n  note:\n    deeper: {SECRET}\n",
    "tab before a value": f"stringData:\n  note:\t{SECRET}\n",
}


@pytest.mark.parametrize("body", SECRETS.values(), ids=SECRETS)
def test_values_of_a_secret_are_masked(body: str) -> None:
    lines = masked(secret(body))
    shown = "\n".join(lines)
    assert SECRET not in shown
    assert ENCODED not in shown
    assert "*****" in shown
    assert lines[:4] == ("apiVersion: v1", "kind: Secret", "metadata:", "  name: database")


def test_keys_of_a_secret_are_kept() -> None:
    assert masked(secret(f"data:\n  password: {ENCODED}\n  user: {ENCODED}\ntype: Opaque\n"))[4:] == (
        "data:",
        f"  password: {MASK}",
        f"  user: {MASK}",
        "type: Opaque",
        "",
    )


def test_a_mask_tells_nothing_of_the_length() -> None:
    short, long = (masked(secret(f"stringData:\n  note: {value}\n"))[5] for value in ("ab", "ab" * 40))
    assert short == long == f"  note: {MASK}"


def test_what_is_no_secret_is_left_alone() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  LOG_LEVEL: info\n  # a comment\n"
    assert masked(text) == tuple(text.split("\n"))


@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_masked(indent: int | None) -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"password": ENCODED}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b"}, "stringData": {"x": SECRET, "y": SECRET}},
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "last"}},
        ],
    }
    text = json.dumps(manifest, indent=indent)
    lines = masked(text, "manifest.json")
    assert SECRET not in "\n".join(lines)
    assert ENCODED not in "\n".join(lines)
    assert "ConfigMap" in "\n".join(lines)
    if indent is None:
        assert lines[0].index('"last"') == text.index('"last"')


def test_items_of_lists_are_masked() -> None:
    head = "apiVersion: v1\nkind: List\nitems:\n"
    item = f"- apiVersion: v1\n  kind: Secret\n  metadata: {{ name: a }}\n  data:\n    note: {ENCODED}\n"
    typed = f"apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {{ name: a }}\n  stringData:\n    note: {SECRET}\n"
    assert ENCODED not in "\n".join(masked(head + item + item))
    assert SECRET not in "\n".join(masked(typed))


POD = "kind: Pod\nspec:\n  containers:\n  - name: a\n"
APPLIED = "kind: Service\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration:"

ELSEWHERE = {
    "variable": f"{POD}    env:\n    - name: DB_PASSWORD\n      value: {SECRET}\n",
    "variable, value first": f"{POD}    env:\n    - value: {SECRET}\n      name: DB_PASSWORD\n",
    "variable in flow": f"kind: Pod\nspec: {{containers: [{{env: [{{name: DB_PASSWORD, value: {SECRET}}}]}}]}}\n",
    "two arguments": f"{POD}    args:\n    - --password\n    - {SECRET}\n",
    "argument": f"{POD}    args: [--password={SECRET}, --verbose]\n",
    "URL": f"{POD}    env:\n    - {{ name: DSN, value: 'postgres://u:{SECRET}@db/shop' }}\n",
    "escaped text": f'kind: ConfigMap\ndata:\n  a.yaml: "user: x\\npassword: {SECRET}\\n"\n',
    "list": f"{POD}    env:\n    - name: DB_PASSWORD\n      value: [{SECRET}]\n",
    "misspelt field": f"{POD}    env:\n    - name: DB_PASSWORD\n      valeu: {SECRET}\n",
    "name and value in one": f"{POD}    env:\n    - name: DB_PASSWORD={SECRET}\n",
    "default": f"{POD}    env:\n    - name: DB_PASSWORD\n      value: '{{{{ .Values.x | default \"{SECRET}\" }}}}'\n",
    "no text": f"kind: ConfigMap\ndata:\n  DB_PASSWORD:\n  - {SECRET}\n",
    "folded text": f"kind: ConfigMap\ndata:\n  a.sh: >\n    mysql -uroot\n    --password={SECRET}\n",
    "literal text": f"kind: ConfigMap\ndata:\n  a.ini: |\n    [db]\n    password = {SECRET}\n",
    "embedded Secret": f"kind: ConfigMap\ndata:\n  a: |\n    kind: Secret\n    stringData:\n      note: {SECRET}\n",
    "patch": f"kind: ConfigMap\ndata:\n  p: |\n    kind: Secret\n    data: {{ note: {SECRET} }}\n",
    "last applied": f'{APPLIED} |\n      {{"kind":"Secret","stringData":{{"note":"{SECRET}"}}}}\n',
    "last applied, quoted": f'{APPLIED} "{{\\"kind\\":\\"Secret\\",\\"data\\":{{\\"note\\":\\"{SECRET}\\"}}}}"\n',
}


@pytest.mark.parametrize("body", ELSEWHERE.values(), ids=ELSEWHERE)
def test_credentials_elsewhere_are_masked(body: str) -> None:
    shown = "\n".join(masked(f"apiVersion: v1\n{body}"))
    assert SECRET not in shown
    assert "****" in shown


@pytest.mark.parametrize("body", ELSEWHERE.values(), ids=ELSEWHERE)
def test_messages_do_not_quote_credentials_elsewhere(body: str) -> None:
    named = body.replace("\n", "\nmetadata: {name: a}\n", 1) if "metadata" not in body else body
    report = lint(["-"], Settings(), stdin=lambda: f"apiVersion: v1\n{named}".encode())
    assert report.coverage.resources == 1
    for name, render in REPORTERS.items():
        assert SECRET not in render(report, RenderOptions(verbose=True)), name


def test_generator_literals_are_masked() -> None:
    text = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator:\n"
        f"- name: database\n  literals:\n  - note={SECRET}\n  - 'other={SECRET}'\n"
    )
    assert masked(text)[5:7] == (f"  - note={MASK}", f"  - 'other={MASK}'")


KUSTOMIZED = {
    "literal without a key": "secretGenerator: [{name: a, literals: [HIDDEN]}]",
    "literals of a wrong type": "secretGenerator: [{name: a, literals: [[HIDDEN], {b: HIDDEN}]}]",
    "literals that are no list": "secretGenerator: [{name: a, literals: {b: HIDDEN}}]",
    "operation on a Secret": (
        """patches: [{target: {kind: Secret}, patch: '[{"op": "add", "path": "/data/a", "value": "HIDDEN"}]'}]"""
    ),
    "merge into a Secret": """patches: [{patch: '{"kind": "Secret", "stringData": {"a": "HIDDEN"}}'}]""",
    "old merge into a Secret": "patchesStrategicMerge: ['{kind: Secret, stringData: {a: HIDDEN}}']",
    "variable": (
        """patches: [{target: {kind: Pod}, patch: '[{"value": {"name": "DB_PASSWORD", "value": "HIDDEN"}}]'}]"""
    ),
    "variable of a block": "patches:\n- patch: |\n    spec: {env: [{name: DB_PASSWORD, value: HIDDEN}]}",
}


@pytest.mark.parametrize("body", KUSTOMIZED.values(), ids=KUSTOMIZED)
def test_lines_of_a_kustomization_show_no_value_of_a_secret(body: str) -> None:
    text = f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{body}\n"
    assert SECRET not in "\n".join(masked(text.replace("HIDDEN", SECRET)))


def test_names_beside_ordinary_values_are_left_alone() -> None:
    line = "spec: {env: [{name: DB_HOST, value: database}, {name: DB_PASSWORD, value: $(PASSWORD)}]}"
    text = f"kind: Kustomization\npatches:\n- patch: |\n    {line}\n"
    assert masked(text)[3] == f"    {line}"


def test_private_keys_are_masked_to_their_end() -> None:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n    {SECRET}\n    {SECRET}\n    -----END RSA PRIVATE KEY-----"
    text = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  server.pem: |\n    {key}\n    after\n"
    lines = masked(text)
    assert SECRET not in "\n".join(lines)
    assert "    after" in lines


BROKEN = {
    "secret": secret(f"stringData:\n  note: {SECRET}\n bad indent: [\n"),
    "secret in flow": f"{{kind: Secret, apiVersion: v1, stringData: {{note: {SECRET}}}, [\n",
    "template": secret(f"stringData:\n  note: {SECRET}\n  other: {{{{ .Values.other }}}}\n"),
    "variable": f"kind: Pod\nspec:\n  env:\n  - name: DB_PASSWORD\n    value: {SECRET}\n  bad: [\n",
    "tagged variable": f"kind: Pod\nspec:\n  env:\n  - name: DB_PASSWORD\n    value: !!int {SECRET}\n",
    "other document": f"a: [\n---\n{secret(f'stringData: {{ note: {SECRET} }}')}\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_documents_that_cannot_be_read_are_masked_by_look(text: str) -> None:
    assert SECRET not in "\n".join(masked(text))


UNREADABLE = {
    "tagged as integer": f"!!int {SECRET}",
    "tagged as timestamp": f"!!timestamp {SECRET}",
    "like an alias": f"*{SECRET}",
    "anchored to itself": f"&{SECRET} [*{SECRET}]",
    "no base64": f"!!binary {SECRET}!",
    "open quote": f"'{SECRET}",
    "open bracket": f"[{SECRET}",
    "two colons": f"{SECRET}: {SECRET}",
    "percent sign": f"%{SECRET}",
    "glued marker": f"x\n---password: {SECRET}",
}


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE)
def test_messages_about_what_cannot_be_read_do_not_quote_it(value: str) -> None:
    text = secret(f"stringData:\n  note: {value}\n")
    report = lint(["-"], Settings(), stdin=lambda: text.encode())
    assert "manifest-readable" in {finding.rule for finding in report.findings}
    for name, render in REPORTERS.items():
        assert SECRET not in render(report, RenderOptions(verbose=True)), name


def test_broken_json_is_masked_by_look() -> None:
    text = f'{{"apiVersion":"v1","kind":"Secret","data":{{"note":"{SECRET}"}},'
    assert SECRET not in "\n".join(masked(text, "manifest.json"))


_KEYS = st.sampled_from(["password", "username", "config.yaml", "tls.key", ".dockerconfigjson"])
_TEXTS = st.text(alphabet="abcdefGHIJK0123456789:#{}[]\"' \n\t-_=+/@!&*|>%", max_size=12)


@settings(derandomize=True, deadline=None)
@given(
    entries=st.dictionaries(_KEYS, st.tuples(_TEXTS, _TEXTS), min_size=1),
    style=st.sampled_from(["flow", "json", "indented"]),
    fields=st.lists(st.sampled_from(["data", "stringData"]), min_size=1, max_size=2, unique=True),
)
def test_no_report_holds_a_value(entries: dict[str, tuple[str, str]], style: str, fields: list[str]) -> None:
    values = {key: f"{before}{SECRET}{after}" for key, (before, after) in entries.items()}
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}} | dict.fromkeys(fields, values)
    if style == "flow":
        text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in manifest.items())
    else:
        text = json.dumps(manifest, indent=2 if style == "indented" else None)
    report = lint(["-"], Settings(), stdin=lambda: text.encode())
    for name, render in REPORTERS.items():
        assert SECRET not in render(report, RenderOptions()), name


VALUES = {
    "number": ("data", "918273645"),
    "number in stringData": ("stringData", "918273645"),
    "list": ("stringData", f"[{SECRET}]"),
    "mapping": ("data", f"{{deeper: {SECRET}}}"),
    "no base64": ("data", f"'{SECRET}!'"),
    "decimal": ("stringData", "918273645.5"),
}


@pytest.mark.parametrize(("field", "value"), VALUES.values(), ids=VALUES)
def test_messages_about_wrong_values_do_not_quote_them(field: str, value: str) -> None:
    text = secret(f"{field}:\n  note: {value}\n")
    report = lint(["-"], Settings(), stdin=lambda: text.encode())
    assert report.findings
    for name, render in REPORTERS.items():
        rendered = render(report, RenderOptions(verbose=True))
        assert SECRET not in rendered, name
        assert "918273645" not in rendered, name


def test_a_password_in_a_url_is_masked_alone() -> None:
    text = f"apiVersion: v1\n{ELSEWHERE['URL']}"
    assert masked(text)[-2] == f"    - {{ name: DSN, value: 'postgres://u:{'*' * len(SECRET)}@db/shop' }}"
