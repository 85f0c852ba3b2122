"""Names of variables that promise a credential, and values that can't be one."""

from __future__ import annotations

import pytest

from dfguard.finding import Confidence
from dfguard.secrets.values import assess, credential_name, declared_fake

CREDENTIALS = """
DB_PASSWORD API_KEY APIKEY NPM_TOKEN GITHUB_TOKEN AWS_SECRET_ACCESS_KEY SECRET_KEY SECRET_KEY_BASE client_secret
ssh_prv_key BUNDLE_GITHUB__COM BUNDLE_GEMS__CONTRIBSYS__COM
dbPassword spring.datasource.password DB_PASS NPM_AUTH DB_PWD ACCESSTOKEN InternalAccessToken PRIVATE_KEY
ROOTPASSWORD MYSQL_PASSWORD_PROD JWT_SECRET SSH_PRIVATE_KEY SSH_KEY STRIPE_SECRET_KEY CREDENTIALS OAUTH_TOKEN TOKEN1
MYSQL_PSW apiKey _authToken SENTRY_AUTH_TOKEN DJANGO_SECRET_KEY APP_KEY PGPASSWORD PASSPHRASE api-key TOKEN
""".split()

OTHERS = """
TOKENIZERS_PARALLELISM GOPRIVATE SSH_AUTH_SOCK GPG_KEY GPG_KEYS MINIO_ACCESS_KEY_FILE PYTHON_PIP_SHA256
DOCKER_HARDENED_IMAGES_KEYRING_VERSION KEY PUBLIC_KEY API_KEY_ID AWS_ACCESS_KEY_ID PASSWORD_FILE
MYSQL_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD OAUTH2_PROXY_VERSION KEEPASSXC_VERSION DOCKER_AUTH_VERSION
USERNAME DB_USERNAME PWD OLDPWD MAX_TOKENS TOKEN_URL AUTH_TYPE AUTH SECRET_NAME SECRETS_DIR MONKEY KEYBOARD TURKEY
PASSENGER_VERSION COMPASS_HOST TOKEN_TTL NEXT_PUBLIC_API_KEY PRIMARY_KEY SORT_KEY ROOT_SIGNING_VERSION
PYTHONDONTWRITEBYTECODE PASSWORD_LENGTH SECRETSMANAGER AUTHOR KEYCLOAK_USER ENABLE_AUTH SSH_KEYSCAN CACHE_KEY
KEYRING PATH HOME LANG 1 _ BUNDLE_LOCAL__RACK BUNDLE_BUILD__PG BUNDLE_PATH SECRET_KEY_BASE_DUMMY
TOKEN_THROTTLE_RATE auth_verbose_passwords password_hint TOKEN_STATUS
LoadCredential ImportCredential
""".split()


@pytest.mark.parametrize("name", CREDENTIALS)
def test_credential_name(name: str) -> None:
    assert credential_name(name)


@pytest.mark.parametrize("name", [*OTHERS, ""])
def test_other_name(name: str) -> None:
    assert not credential_name(name)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "true",
        "None",
        "0",
        "changeme",
        "change-me",
        "test-key-do-not-use-in-production",
        "NotForProduction1x",
        "your-token",
        "<token>",
        "${X}",
        "$X",
        "$(cat /x)",
        "%TOKEN%",
        "{{ x }}",
        "{% x %}",
        "@TOKEN@",
        "/run/secrets/x",
        "./key",
        "~/key",
        "C:\\key",
        "https://x.test/y",
        "xxxxxxxx",
        "a...z",
        "AK" + "IA" + "IOSFODNN7EXAMPLE",
        "op://vault/x",
        "A035C8C19219BA821ECEA86B64E628F8D684696D",
        "put-it-here",
        "********",
    ],
)
def test_no_secret(value: str) -> None:
    assert assess(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "postgres",
        "hunter2",
        "1234",
        "admin123",
        "mysecretpassword",
        "abc",
        "Secret1",
        "Wachtwoordwijziging",
        "パスワード",
        "Contraseña nueva",
        "Zugangs-Token",
        "SMTP-Authentifizierung",
        "NextPageToken",
        "root:",
        "ExclusiveStartShardId",
        "pass:insta",  # of the openssl.cnf that Debian and others ship
    ],
)
def test_weak(value: str) -> None:
    assert assess(value) is Confidence.LOW


@pytest.mark.parametrize(
    "value",
    [
        "9f8a7c6d5e4b3a21",
        "p@$$w0rd-x",
        "aB3$kd9#",
        "correct horse battery staple",
        "S3cr3t!pa55-word9",
        "pass:9f8a7c6d5e4b",
        "NextPageToken7",
        "kXvbQpwZtoken",
    ],
)
def test_likely(value: str) -> None:
    assert assess(value) is Confidence.MEDIUM


def test_placeholders_of_tokens() -> None:
    assert declared_fake("gh" + "p_" + "x" * 36)
    assert declared_fake("1234567890abcdef")
    assert not declared_fake("q8Zr2LmT0vXb5NcYw7Jd")
