from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.evaluate.credentials import credential_reason, url_password

LOWER = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"
MIXED = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5z"
PEM = "-----BEGIN {}PRIVATE " + "KEY-----\nMIIEvQ\n-----END PRIVATE " + "KEY-----\n"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0NTYifQ" + ".dozjgNryP4J3jVmNHl0w5N"

#: Joined here, so that no scanner takes this file for a leak.
TOKENS = {
    "an AWS access key": "AKI" + "AIOSFODNN7EXAMPLE",
    "a GitHub token": "gh" + "p_" + MIXED[:36],
    "a GitLab token": "gl" + "pat-" + MIXED[:20],
    "a Slack token": "xo" + "xb-123456789012-" + MIXED[:24],
    "a Slack webhook": "https://hooks.slack." + "com/services/T0AB12CD3/B0AB12CD3/" + MIXED[:24],
    "a Discord webhook": "https://discord." + "com/api/webhooks/123456789012345678/" + MIXED + MIXED,
    "a Stripe key": "sk_" + "live_" + MIXED[:24],
    "a Google API key": "AI" + "za" + MIXED[:35],
    "a Google client secret": "GOC" + "SPX-" + MIXED[:28],
    "a JSON Web Token": JWT,
    "an npm token": "np" + "m_" + MIXED[:36],
    "a Docker Hub token": "dckr" + "_pat_" + MIXED[:27],
    "a SendGrid key": "S" + "G." + MIXED[:22] + "." + (MIXED + MIXED)[:43],
    "a Twilio key": "S" + "K" + LOWER,
    "a Mailgun key": "ke" + "y-" + LOWER,
    "a Mailchimp key": LOWER + "-u" + "s12",
    "an Anthropic key": "sk-" + "ant-api03-" + MIXED,
    "an OpenAI key": "sk-" + "proj-" + MIXED,
    "a Hugging Face token": "h" + "f_" + MIXED[:34],
    "a DigitalOcean token": "do" + "p_v1_" + LOWER + LOWER,
    "a Vault token": "hv" + "s." + MIXED[:24],
    "a Databricks token": "da" + "pi" + LOWER,
    "a Grafana token": "gl" + "sa_" + MIXED[:32] + "_" + LOWER[:8],
    "a Telegram bot token": "123456789:A" + "A" + MIXED[:33],
    "a private key": PEM.format("RSA "),
}


@pytest.mark.parametrize(("kind", "value"), list(TOKENS.items()))
def test_tokens_are_known_by_their_form_whatever_they_are_called(kind: str, value: str) -> None:
    assert credential_reason("SETTING", value) == f"it has the form of {kind}"
    assert credential_reason("GREETING", f"prefix={value}") is not None


@pytest.mark.parametrize("kind", ["a GitHub token", "a private key", "an AWS access key"])
def test_tokens_are_known_in_base64(kind: str) -> None:
    value = base64.b64encode(TOKENS[kind].encode()).decode()
    assert credential_reason("SETTING", value) == f"it has the form of {kind} in base64"


@pytest.mark.parametrize("algorithm", ["", "EC ", "OPENSSH ", "ENCRYPTED ", "DSA "])
def test_private_keys_of_any_algorithm(algorithm: str) -> None:
    assert credential_reason("tls.key", PEM.format(algorithm)) == "it has the form of a private key"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("db_password", "abc123"),
        ("dbPassword", "hunter2"),
        ("db-password", "hunter2"),
        ("spring.datasource.password", "password"),
        ("POSTGRES_PASSWORD", "postgres"),
        ("MYSQL_ROOT_PASSWORD", "fake_password"),
        ("PGPASSWORD", "s3cret"),
        ("MYSQL_PWD", "s3cret"),
        ("RABBITMQ_DEFAULT_PASS", "guest"),
        ("SMTP_PASS", "s3cret"),
        ("KEY_PASSPHRASE", "correct-horse"),
        ("ADMIN_PASSWORD_1", "s3cret"),
        ("PASSWORD_VALUE", "s3cret"),
        ("REDIS_PASSWORD_DEFAULT", "s3cret"),
        ("PASSWORD", "12345"),
        ("JWT_SECRET", "mysecret"),
        ("CLIENT_SECRET", "s3cr3t-value"),
        ("SESSION_SECRET", "keyboard.cat"),
        ("oauth2.clientSecret", "topsecret"),
        ("SECRET", "abcd1234"),
        ("secret", MIXED),
        ("VAULT_TOKEN", "root"),
        ("API_TOKEN", "abcdefgh"),
        ("token", MIXED),
        ("API_KEY", "abc123"),
        ("STRIPE_API_KEY", "hello-there"),
        ("apikey", "abc123"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzz"),
        ("SECRET_KEY", "minio123"),
        ("SECRET_KEY_BASE", LOWER),
        ("ENCRYPTION_KEY", "0123456789abcdef"),
        ("AZURE_BATCH_KEY", MIXED),
        ("OCI_CLI_KEY_CONTENT", MIXED),
        ("APP_KEY", "base64:" + MIXED),
        ("service_key", LOWER),
        ("RABBITMQ_ERLANG_COOKIE", "swordfish"),
        ("REDIS_AUTH", "0f84aec9-24e9-492f-a7df-ae4883bf17c3"),
        ("AUTHORIZATION", "Bearer " + MIXED),
        ("AUTHORIZATION", "Basic " + base64.b64encode(b"admin:hunter2").decode()),
        ("auth", base64.b64encode(b"robot:hunter2").decode()),
        ("AUTH_HEADER", "Basic " + base64.b64encode(b"robot:hunter2").decode()),
        ("UPSTREAM", "Bearer abcdefgh-12345678"),
        ("BASIC_AUTH", "admin:hunter2"),
        ("REGISTRY_CREDENTIALS", "robot:hunter2"),
        ("NEO4J_AUTH", "neo4j/graphs"),
        ("PASSWORD_DB", "hunter2"),
        ("DSN", "app:hunter2@tcp(db:3306)/app"),
        ("DATABASE_URL", "postgres://app:hunter2@db:5432/app"),
        ("ACCOUNTS_DB_URI", "postgresql://accounts-admin:accounts-pwd@accounts-db:5432/accounts-db"),
        ("BROKER", "amqp://guest:guest@rabbitmq:5672"),
        ("REDIS_URL", "redis://:hunter2@redis:6379/0"),
        ("HOSTS", "https://a.example.com,https://user:hunter2@b.example.com"),
        ("CONNECTION_STRING", "Server=db;Database=app;User Id=sa;Password=Hunter2!;"),
        ("JDBC_URL", "jdbc:mysql://db:3306/app?user=app&password=hunter2"),
        ("JAVA_OPTS", "-Xmx1g -Djavax.net.ssl.keyStorePassword=hunter2"),
        ("AZURE_STORAGE", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + MIXED + MIXED + "=="),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=" + LOWER),
        ("config", "REDIS_PASSWORD=abcd1234"),
    ],
)  # fmt: skip
def test_is_a_credential(name: str, value: str) -> None:
    assert credential_reason(name, value) is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # the name is of something about a credential
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("DB_PASSWORD_FILE", "db-password"),
        ("SECRETS_DIR", "secrets"),
        ("TOKEN_PATH", "token"),
        ("SECRET_NAME", "app-secret"),
        ("secretName", "app-tls"),
        ("existingSecret", "app-credentials-a1b2c3d4e5f6"),
        ("imagePullSecret", "registry-a1b2c3d4e5f6"),
        ("TOKEN_URL", "https://auth.example.com/token"),
        ("TOKEN_TTL", "3600"),
        ("TOKEN_EXPIRY_SECONDS", "3600"),
        ("PASSWORD_ENABLED", "true"),
        ("PASSWORD_POLICY", "strong"),
        ("login.password", "Password"),
        ("NEO4J_AUTH", "none"),
        ("BASIC_AUTH", "$(BASIC_AUTH)"),
        ("AUTH", "keycloak:8080"),
        ("CREDENTIALS", "vault:app-credentials"),
        ("UPSTREAM", "Bearer token"),
        ("DSN", "app:${DB_PASSWORD}@tcp(db:3306)/app"),
        ("AUTH_TOKEN_HEADER", "X-Auth-Token"),
        ("API_KEY_HEADER", "X-Api-Key"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("MAX_TOKENS", "4096"),
        ("server-tokens", "off"),
        ("TOKEN_LENGTH", "32"),
        ("PASSWORD_POLICY", "strong1234"),
        ("passwordKey", "postgres-password"),
        ("SECRET_PROVIDER", "vault"),
        ("KEYCLOAK", "keycloak1234abcd"),
        ("KEYCLOAK_URL", "http://keycloak:8080"),
        ("MONKEY", MIXED),
        ("PRIMARY_KEY", MIXED),
        ("PUBLIC_KEY", MIXED),
        ("JWT_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"),
        ("SSH_KEY", "ssh-ed25519 " + MIXED),
        ("TLS_CERT", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_live_" + MIXED[:24]),
        ("DB_USER", "postgres"),
        ("BYPASS", "a1b2c3d4"),
        ("COMMIT", LOWER + LOWER[:8]),
        ("IMAGE", "app@sha256:" + LOWER + LOWER),
        ("ARMADA_CLUSTER_ID", LOWER),
        # the value is kept elsewhere
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "  "),
        ("DB_PASSWORD", "$(SHARED_PASSWORD)"),
        ("DB_PASSWORD", "${SHARED_PASSWORD}"),
        ("DB_PASSWORD", "$SHARED_PASSWORD"),
        ("DB_PASSWORD", "{{ .Values.password }}"),
        ("DB_PASSWORD", "%DB_PASSWORD%"),
        ("DB_PASSWORD", "$__file{/etc/secrets/password}"),
        ("DB_PASSWORD", "/var/run/secrets/password"),
        ("DB_PASSWORD", "./password.txt"),
        ("DB_PASSWORD", "password.txt"),
        ("DB_PASSWORD", "file:/etc/password"),
        ("DB_PASSWORD", "vault:secret/data/app#password"),
        ("DB_PASSWORD", "secret/data/app"),
        ("DB_PASSWORD", "ENC[AES256_GCM,data:a1b2c3d4,type:str]"),
        ("DB_PASSWORD", "{cipher}a1b2c3d4e5f6"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-a1b2c3"),
        ("DB_PASSWORD", "projects/shop/secrets/db/versions/latest"),
        ("clientSecret", "$dex.github.clientSecret"),
        ("DATABASE_URL", "postgres://app:$(DB_PASSWORD)@db/app"),
        ("DATABASE_URL", "postgres://app:${DB_PASSWORD}@db/app"),
        ("DATABASE_URL", "postgres://app:{{ password }}@db/app"),
        ("DATABASE_URL", "postgres://app@db/app"),
        ("DATABASE_URL", "postgres://db:5432/app"),
        ("FORMAT", "postgres://%s:%s@%s/app"),
        ("REPOSITORY", "ssh://git@git.example.com:7999/app.git"),
        # the value is a setting
        ("ALLOW_EMPTY_PASSWORD", "yes"),
        ("MYSQL_RANDOM_ROOT_PASSWORD", "1"),
        ("automountServiceAccountToken", "false"),
        ("USE_TOKEN", "true"),
        ("AUTH", "oauth2"),
        ("AUTH", "kubernetes"),
        ("proxy.auth", "scram-sha-256"),
        ("ACCESS_TOKEN", "30d"),
        ("PRIVATE_KEY", "tls.key"),
        ("PRIVATE_KEY", "/etc/tls/tls.key"),
        ("API_KEY", "https://vault.example.com/key"),
        ("secretKey", "password"),
        ("CACHE_KEY", "user:profile"),
        ("SORT_KEY", "created_at"),
        ("SECRET", "app-credentials"),
        ("JWT_SECRET", "app-jwt-secret"),
        ("token", "kubernetes"),
        ("PAD_TOKEN", "<pad>"),
        ("DIGEST_TOKEN", "sha256:" + LOWER + LOWER),
        ("CONTACT_TOKEN", "ops@example.com"),
        ("description_password", "the password of the user"),
        # the value is a placeholder, which is another rule's business
        ("DB_PASSWORD", "changeme"),
        ("DB_PASSWORD", "CHANGE_ME"),
        ("DB_PASSWORD", "<password>"),
        ("DB_PASSWORD", "your-password"),
        ("DB_PASSWORD", "yourpassword"),
        ("API_KEY", "YOUR_API_KEY"),
        ("GOOGLE_API_KEY", "GOOGLE_API_KEY_VAL"),
        ("API_KEY", "api_key"),
        ("API_KEY", "xxxxxxxx"),
        ("TOKEN", "REPLACE_ME"),
        ("TOKEN", "todo"),
        ("SECRET_KEY", "example"),
        ("SLACK_TOKEN", "xo" + "xb-xxxxxxxxxxxx-xxxxxxxxxxxx"),
        ("SLACK_URL", "https://hooks.slack." + "com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"),
        ("DATABASE_URL", "postgres://app:CHANGEME@db/app"),
        # nothing secret at all
        ("GREETING", "hello"),
        ("message", "This is a test"),
        ("JAVA_OPTS", "-Xms64m -Xmx128m -XX:+UseG1GC -Djava.security.egd=file:/dev/urandom"),
        ("SPRING_DATASOURCE_URL", "jdbc:postgresql://ledger-db:5432/postgresdb"),
        ("PLUGIN_IMAGE", "registry.example.com/storage/plugin:320"),
        ("VERSION", "v1.2.3-a1b2c3d"),
    ],
)  # fmt: skip
def test_is_no_credential(name: str, value: str) -> None:
    assert credential_reason(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DB_PASSWORD", "hunter2", "its name promises a password"),
        ("JWT_SECRET", "mysecret", "its name promises a secret"),
        ("VAULT_TOKEN", "root", "its name promises a token"),
        ("API_KEY", "abc123", "its name promises a key"),
        ("REDIS_AUTH", LOWER, "its name promises a credential and its value is random"),
        ("DB_URL", "postgres://a:hunter2@db/x", "its URL carries a password"),
        ("config", "REDIS_PASSWORD=abcd1234", "it contains REDIS_PASSWORD: its name promises a password"),
        ("auth", base64.b64encode(b"robot:hunter2").decode(), "it encodes a user name and a password"),
    ],
)
def test_says_why(name: str, value: str, reason: str) -> None:
    assert credential_reason(name, value) == reason


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("postgres://app:hunter2@db:5432/app", "hunter2"),
        ("see redis://:hunter2@redis first", "hunter2"),
        ("amqp://a:p%40ss@[::1]:5672", "p%40ss"),
        ("https://x-token:abc@git.example.com/a.git https://b:second@c", "abc"),
    ],
)
def test_finds_the_password_of_a_url(text: str, password: str) -> None:
    place = url_password(text)
    assert place is not None
    assert text[slice(*place)] == password


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com:8080/a@b",
        "https://user@example.com",
        "http://user:@example.com",
        "http://user:$(PASSWORD)@example.com",
        "http://user:***@example.com",
        "http://user:YOUR_PASSWORD@example.com",
        "user:password@example.com",
        "10:30@noon",
    ],
)
def test_finds_no_password_in_other_urls(text: str) -> None:
    assert url_password(text) is None


@given(name=st.sampled_from(["PASSWORD", "TOKEN", "key", "API_KEY", "x"]), value=st.text(min_size=8, max_size=80))
def test_the_reason_never_contains_the_value(name: str, value: str) -> None:
    assert value not in (credential_reason(name, value) or "")
