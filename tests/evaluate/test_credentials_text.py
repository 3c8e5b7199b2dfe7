from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.evaluate.credentials import (
    argument_credentials,
    is_placeholder,
    text_credentials,
    text_placeholders,
)

LOWER = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"
MIXED = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5z"
GITHUB = "gh" + "p_" + MIXED[:36]


def blamed(text: str) -> list[tuple[int, str]]:
    """Line and text of every credential found."""
    lines = text.split("\n")
    return [(found.line, lines[found.line][found.start : found.end]) for found in text_credentials(text)]


def test_alertmanager_configuration() -> None:
    text = (
        "global:\n"
        "  smtp_auth_username: alerts\n"
        "  smtp_auth_password: 'hunter2'\n"
        "  smtp_auth_password_file: /etc/alertmanager/smtp\n"
        f"  slack_api_url: https://hooks.slack.{'com'}/services/T0AB12CD3/B0AB12CD3/{MIXED[:24]}\n"
        "receivers:\n"
        "  - name: pager\n"
        "    pagerduty_configs:\n"
        f"      - service_key: {LOWER}\n"
        f'      - routing_key: "{LOWER}"\n'
        "        routing_key_file: /etc/pager\n"
        "  - name: opsgenie\n"
        "    opsgenie_configs: [{api_key: abc123def456}]\n"
    )
    assert [(line, value[:7]) for line, value in blamed(text)] == [
        (2, "hunter2"),
        (4, "https:/"),
        (8, LOWER[:7]),
        (9, LOWER[:7]),
        (12, "abc123d"),
    ]


def test_prometheus_configuration() -> None:
    text = (
        "scrape_configs:\n"
        "  - job_name: api\n"
        "    bearer_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token\n"
        "    basic_auth: {username: prometheus, password: hunter2}\n"
        "    authorization:\n"
        f"      credentials: {MIXED}\n"
        "    relabel_configs:\n"
        "      - source_labels: [__meta_kubernetes_secret]\n"
        "        action: replace\n"
        "        regex: (.+)\n"
    )
    assert blamed(text) == [(3, "hunter2"), (5, MIXED)]
    assert text_placeholders(text) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password: hunter2", "hunter2"),
        ("- password: hunter2 # of the admin", "hunter2"),
        ('"password": "hunter2",', "hunter2"),
        ('{"user": "app", "password": "hunter2"}', "hunter2"),
        ("password = hunter2", "hunter2"),
        ("admin_password=hunter2", "hunter2"),
        ("spring.datasource.password=hunter2", "hunter2"),
        ("ssl.keystore.password = hunter2 ; default", "hunter2"),
        ("export DB_PASSWORD=hunter2", "hunter2"),
        ('PGPASSWORD="hunter2" pg_dump -h db', "hunter2"),
        ("PGPASSWORD=hunter2 pg_dump -h db", "hunter2"),
        ("db = connect(host='db', password='hunter2')", "hunter2"),
        ("<password>hunter2</password>", "hunter2"),
        ('<Resource username="app" password="hunter2"/>', "hunter2"),
        ("Server=db;User Id=sa;Password=hunter2;Encrypt=no", "hunter2"),
        ("redis:6379,password=hunter2,ssl=True", "hunter2"),
        ('sasl.jaas.config=Login required username="a" password="hunter2";', "hunter2"),
        ("url: jdbc:mysql://db/app?user=app&password=hunter2&ssl=true", "hunter2"),
        ("dsn: postgres://app:hunter2@db/app", "hunter2"),
        ("requirepass hunter2", "hunter2"),
        ("redis-cli CONFIG SET requirepass hunter2", "hunter2"),
        ("CREATE USER app WITH LOGIN PASSWORD 'hunter2';", "hunter2"),
        ("create user 'app'@'%' identified by 'hunter2'", "hunter2"),
        ("masterauth hunter2", "hunter2"),
        ("redis-server --requirepass hunter2 --appendonly yes", "hunter2"),
        ("redis-cli -h redis -a hunter2 ping", "hunter2"),
        ("mysqldump -uroot -phunter2 app > /backup/app.sql", "hunter2"),
        ("sshpass -p hunter2 ssh host", "hunter2"),
        ("docker login -u robot -p hunter2x registry.example", "hunter2x"),
        ("helm registry login -u robot -p 'hunter2x' registry.example", "hunter2x"),
        ("curl -sf -u admin:hunter2 http://elasticsearch:9200", "hunter2"),
        ("etcdctl --endpoints=x:2379 --user=root:hunter2 get /", "hunter2"),
        ("mongosh -u root -p hunter2 --quiet", "hunter2"),
        ("mongodump --host db -u root -p 'hunter2'", "hunter2"),
        ("sqlcmd -S db -U sa -P hunter2 -Q 'select 1'", "hunter2"),
        ("sqlplus app/hunter2@db", "hunter2"),
        ("ldapsearch -x -D cn=admin -w hunter2 -b dc=example", "hunter2"),
        ("rabbitmqctl add_user app hunter2", "hunter2"),
        ("mc admin user add store app hunter2", "hunter2"),
        ("htpasswd -bc /etc/nginx/users admin hunter2", "hunter2"),
        ("keytool -import -storepass hunter2 -noprompt", "hunter2"),
        ("openssl rsa -in key.pem -passin pass:hunter2", "hunter2"),
        ("echo 'admin:hunter2' | chpasswd", "hunter2"),
        ("aws configure set aws_secret_access_key hunter2", "hunter2"),
        ("machine git.example.com login app password hunter2", "hunter2"),
        ("db.shop:5432:*:app:hunter2", "hunter2"),
        ('"app" "hunter2"', "hunter2"),
        ("user default on >hunter2 ~* +@all", "hunter2"),
        ("redis-cli ACL SETUSER app on ~* +@all >hunter2", "hunter2"),
        ("stats auth admin:hunter2", "hunter2"),
        ("  user app insecure-password hunter2", "hunter2"),
        ("//npm.example.com/:_authToken=" + LOWER, LOWER),
        ("admin:$2y$05$" + "a1" * 26 + "b", "$2y$05$" + "a1" * 26 + "b"),
        ("admin:$apr1$abcdefgh$" + "a1" * 11, "$apr1$abcdefgh$" + "a1" * 11),
        (f'curl -H "Authorization: Bearer {MIXED}" http://api', MIXED),
        ("mongodump --username root --password hunter2", "hunter2"),
        ("tool --password=hunter2", "hunter2"),
        ("kubectl create secret generic db --from-literal=password=hunter2", "hunter2"),
        (f"# remove {GITHUB} before release", GITHUB),
        (f"      token: {GITHUB}", GITHUB),
        ("-----BEGIN RSA PRIVATE " + "KEY-----", "-----BEGIN RSA PRIVATE " + "KEY-----"),
    ],
)
def test_finds_the_value_in_any_syntax(text: str, value: str) -> None:
    assert blamed(f"first: line\n{text}\n") == [(1, value)]
    assert blamed(text.replace("\n", "\r\n") + "\r\n") == [(0, value)]


@pytest.mark.parametrize(
    "text",
    [
        "password:",
        "password: ''",
        "password: |",
        "password: *shared",
        "password: ${DB_PASSWORD}",
        "password: ${DB_PASSWORD:postgres}",
        "password: {{ .Values.password }}",
        "password: $DB_PASSWORD",
        "password = %(DB_PASSWORD)s",
        "password: the password of the administrator",
        "# password: hunter2",
        "; admin_password = hunter2",
        "// password = hunter2",
        "# for example http://user:pass@host/",
        "password_file: /etc/secrets/password",
        "password_encryption = scram-sha-256",
        'export PGPASSWORD="$(cat /run/secrets/password)"',
        "PASSWORD=$1",
        "PASSWORD=`cat /run/secrets/password`",
        'if [ "$PASSWORD" = "hunter2" ]; then',
        'if [ -z "${DB_PASSWORD:-}" ]; then',
        "password == 'hunter2'",
        'password != "hunter2"',
        "password = getpass()",
        "password = os.environ['PASSWORD']",
        "self.password = password",
        "passwd = pwd",
        "client_secret: process.env.CLIENT_SECRET,",
        "apiKey: config.api.apiKey",
        "client_secret: str",
        "local token = ngx.req.get_headers()",
        "token := r.Header.Get(x)",
        'kube_secret_info{secret="app-tls"}',
        'rate(http_requests_total{token=~".*"}[5m])',
        "proxy_pass http://backend:8080;",
        "server_tokens off;",
        "secretName: app-tls",
        "secret: app-credentials",
        "serviceAccountToken: {path: token, expirationSeconds: 3600}",
        "ssl_certificate_key /etc/nginx/tls.key;",
        "private_key = $dir/private/cakey.pem",
        "mysql -h db -P 3306 -p app",
        'mysql -p"$MYSQL_PASSWORD" app',
        "mysql -p$MYSQL_PASSWORD app",
        "mkdir -p /backup/keys",
        "docker run --name mongo -p 27017:27017 mongo",
        "docker run --name mysql -p3306:3306 mysql",
        "mongosh -u root -p $PASSWORD",
        'htpasswd -nb admin "$PASSWORD"',
        "// npm.example.com/:_authToken is taken from the environment",
        "//npm.example.com/:_authToken=${NPM_TOKEN}",
        "user deploy > /var/log/users",
        "user default on nopass ~* +@all",
        '"Content-Type" "application/json"',
        "fe80:5432:ab",
        "tool --password-file /run/secrets/password",
        "tool --password --verbose",
        "curl -u admin:$PASSWORD http://api",
        "key: value",
        "tokenizer: standard",
        '"legendFormat": "{{token}}",',
        "auth: none",
        "log_statement = 'all'",
        "checksum/config: " + LOWER + LOWER,
        "image: app@sha256:" + LOWER + LOWER,
        "Pod/cache: requirepass in command line of container redis",
        "ALTER USER app WITH PASSWORD '${APP_PASSWORD}';",
    ],
)
def test_leaves_alone_what_is_no_literal_credential(text: str) -> None:
    assert text_credentials(text) == ()


def test_gives_name_columns_and_reason() -> None:
    (found,) = text_credentials("a: 1\n  db_password: 'hunter2'\n")
    assert found == (1, 16, 23, "db_password", "its name promises a password")


def test_one_place_is_reported_once() -> None:
    assert blamed(f"github_token: {GITHUB}") == [(0, GITHUB)]
    assert blamed("redis-server --requirepass=hunter2") == [(0, "hunter2")]


def test_several_on_one_line_are_in_order() -> None:
    assert blamed('{"password": "hunter2", "api_key": "abc123"} https://a:b1c2@d') == [
        (0, "hunter2"),
        (0, "abc123"),
        (0, "b1c2"),
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--password=hunter2"], [(0, "hunter2")]),
        (["server", "--password", "hunter2"], [(2, "hunter2")]),
        (["--db-password", "$(DB_PASSWORD)"], []),
        (["--password-file", "hunter2"], []),
        (["--password", "--verbose"], []),
        (["--password", 5, "hunter2"], []),
        (["sh", "-c", "set -e\nPGPASSWORD=hunter2 pg_dump"], [(2, "hunter2")]),
        (["--url=amqp://guest:hunter2@queue"], [(0, "hunter2")]),
        (["--token", GITHUB], [(1, GITHUB)]),
        (["redis-cli", "-a", "hunter2", "ping"], [(2, "hunter2")]),
        (["/usr/bin/mysqladmin", "ping", "-uroot", "-phunter2"], [(3, "hunter2")]),
        (["timeout", "5", "mongosh", "-u", "root", "-p", "hunter2"], [(6, "hunter2")]),
        (["curl", "-u", "admin:hunter2", "http://api"], [(2, "hunter2")]),
        (["mysql", "-e", "select 1", "-phun'ter2"], [(3, "hun'ter2")]),
        (["redis-cli", "-a", "$(PASSWORD)"], []),
        (["mysql", 5, "-p", "shop"], []),
        (["exporter", "--type", "mysql", "-port=3306"], []),
        (["timeout", "5"], []),
        ([None, {"a": 1}, ["--password=hunter2"]], []),
        ([], []),
    ],
)
def test_reads_command_lines(arguments: list[object], expected: list[tuple[int, str]]) -> None:
    found = []
    for position, credential in argument_credentials(arguments):
        argument = arguments[position]
        assert isinstance(argument, str)
        found.append((position, argument.split("\n")[credential.line][credential.start : credential.end]))
    assert found == expected


@pytest.mark.parametrize(
    "value",
    [
        "YOUR_SLACK_WEBHOOK_URL",
        "YOUR_PAGERDUTY_KEY",
        "your-api-key",
        "https://hooks.slack.com/services/YOUR/SLACK/WEBHOOK",
        "https://your-domain.com",
        "Bearer YOUR_API_TOKEN",
        "changeme",
        "ChangeMe",
        "CHANGE_ME",
        "change-me-please",
        "change this",
        "changeit",
        "REPLACE_ME",
        "replaceme",
        "replace-with-token-here",
        "INSERT_TOKEN_HERE",
        "PUT_YOUR_KEY_HERE",
        "<your-domain>",
        "<API KEY>",
        "<TOKEN>",
        "'<CLUSTER_NAME>'",
        "TODO",
        "TODO: choose a region",
        "TBD",
        "FIXME",
        "xxx",
        "XXXXXXXX",
        "xo" + "xb-xxxx-xxxx",
        "***",
        "PROJECT_ID_VAL",
        "placeholder",
        "token-placeholder",
        "to be replaced",
    ],
)
def test_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "hello",
        "replace",
        "insert",
        "example",
        "sample",
        "todo",
        "todo-service",
        "example.com",
        "https://api.example.com",
        "READ_COMMITTED",
        "bring-your-own-key",
        "Enter your name",
        "yourself",
        "<unk>",
        "<b>bold</b>",
        "a < b > c",
        "/tmp/build.XXXXXX",
        "/tmp/build-XXXXX",
        "$(mktemp -d out.XXXXXX)",
        "exchange-metrics",
        "changelog",
        "replacement",
        "* * * * *",
        "*/5 * * * *",
        "**/*.yaml",
        "maxxx1",
        "INTERVAL",
        "where-it-is-here",
        "several\nlines with YOUR_KEY",
    ],
)
def test_is_no_placeholder(value: str) -> None:
    assert not is_placeholder(value)


@pytest.mark.parametrize("value", ["example", "dummy", "sample", "todo", "<token>", "yourtoken"])
def test_some_words_are_placeholders_only_for_credentials(value: str) -> None:
    assert is_placeholder(value, "API_TOKEN")
    assert not is_placeholder(value, "DESCRIPTION")


def test_placeholders_of_a_configuration_file() -> None:
    text = (
        "global:\n"
        "  slack_api_url: 'YOUR_SLACK_WEBHOOK_URL'\n"
        "  # service_key: YOUR_KEY\n"
        "  resolve_timeout: 5m\n"
        "password = <password>\n"
        "usage: tool --output=<file-name>\n"
        '{"token": "example"}\n'
    )
    assert text_placeholders(text) == (
        (1, 18, 40, "slack_api_url"),
        (4, 11, 21, "password"),
        (6, 11, 18, "token"),
    )
    assert text_credentials(text) == ()


@given(st.text(alphabet="pasword=:'\"<>{}$()/@tokenkeyABC123 -\n#\\", max_size=200))
def test_any_text_gives_places_that_exist(text: str) -> None:
    lines = text.split("\n")
    for found in (*text_credentials(text), *text_placeholders(text)):
        assert 0 <= found.start < found.end <= len(lines[found.line])
        assert lines[found.line][found.start : found.end].strip()


@pytest.mark.parametrize(
    "unit", ["a", "password", "a=", "key: ", "-p ", "mysql ", "x://", "eyJ", "AAAA", "<a>", '"a":', "curl -u ", "x-"]
)
def test_long_lines_do_not_hide_the_next(unit: str) -> None:
    text = "password " + unit * (60000 // len(unit)) + "\npassword: hunter2"
    assert blamed(text)[-1] == (1, "hunter2")
