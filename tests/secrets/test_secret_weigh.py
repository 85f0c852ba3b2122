"""Name and content together."""

from __future__ import annotations

import subprocess
import sys

import pytest
from secret_fakes import checksummed, docker_auth, draw, openssh, pem

from dfguard.secrets.weigh import weigh

TOKEN = checksummed("gh" + "p_")


@pytest.mark.parametrize(
    ("path", "content", "confidence"),
    [
        (".env", None, "medium"),
        (".env", f"DB_PASSWORD={draw(16)}\n", "high"),
        (".env", "PORT=3000\nDEBUG=true\n", "low"),
        (".env", "DB_PASSWORD=postgres\n", "low"),
        (".env", "", None),
        (".env.example", f"DB_PASSWORD={draw(16)}\n", "medium"),
        (".env.example", "DB_PASSWORD=changeme\n", None),
        ("data/examples-1.json", f"ACTION_TOKEN={draw(36)}\n", "low"),
        ("data/exampled.json", f"ACTION_TOKEN={draw(36)}\n", "medium"),
        ("usr/share/man/man5/a.5", f"API_TOKEN={draw(36)}\n", "low"),
        ("usr/share/go-1.19/a", f"API_TOKEN={draw(36)}\n", "low"),
        ("usr/share/shop/a", f"API_TOKEN={draw(36)}\n", "medium"),
        ("usr/share", f"API_TOKEN={draw(36)}\n", "medium"),
        ("go/share/netrc_test.go", "machine m login l password gopher7-late", "low"),
        ("etc/nsswitch.conf", "passwd:         files\n", None),
        (".npmrc", None, "medium"),
        (".npmrc", "registry=https://registry.test/\n", None),
        (".npmrc", f"//registry.test/:_authToken={draw(36)}\n", "high"),
        (".npmrc", "//registry.test/:_authToken=${NPM_TOKEN}\n", None),
        ("server.pem", None, "medium"),
        ("server.pem", pem("CERTIFICATE"), None),
        ("server.pem", pem("PRIVATE"), "high"),
        ("server.key", "-----BEGIN PUBLIC KEY-----\n", None),
        ("server.key", "\0\1\2", "low"),
        ("tests/server.pem", pem("PRIVATE"), "low"),
        ("id_rsa", openssh("none"), "high"),
        ("id_rsa", openssh("aes256-ctr"), "medium"),
        ("id_rsa", "ssh-rsa AAAAB3Nza me@here", None),
        (".docker/config.json", '{"credsStore": "desktop"}', None),
        (".docker/config.json", docker_auth(f"bob:{draw(12)}"), "high"),
        (".pgpass", "db:5432:*:app:tiger-lily-9\n", "high"),
        (".pgpass", "db:5432:*:app:secret\n", "low"),
        ("src/app.py", "print('hello')\n", None),
        ("compose.yml", "services:\n  db:\n    POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}\n", None),
        ("setup.sh", 'HIDE_PASSWORD="######"\n', None),
        ("login.py", "F = u'machine {hostname} login token password {auth_token}'\n", None),
        (".vault_pass", "w7Kq93mzTTb2\n", "high"),
        (".vault_pass", "#!/bin/sh\npass show vault\n", None),
        ("config/master.key", "0f3a" * 8, "medium"),
        ("config/master.key", "<your key>\n", None),
        (".env", "$ANSIBLE_VAULT;1.1;AES256\n6232\n", None),
        ("secrets/.env", "\0GITCRYPT\0\1\2", None),
        ("id_rsa", "age-encryption.org/v1\n-> X25519 abc\n", None),
        (".env", "DB_PASSWORD=ENC[AES256_GCM,data:Zm9v,iv:YQ==,tag:Yg==,type:str]\nsops_version=3.9.0\n", None),
        ("terraform.tfstate", "ENC[AES256_GCM,data:Zm9v,type:str]", None),
        ("src/app.py", f"T = '{TOKEN}'\n", "high"),
        ("node_modules/a/b.js", f"T = '{TOKEN}'\n", "medium"),
        ("src/app.spec.ts", pem("PRIVATE"), "low"),
        ("README.md", f"export API_KEY={draw(20)}\n", "low"),
        ("node_modules/a/test.pem.js", pem("PRIVATE"), "low"),
    ],
)
def test_weigh(path: str, content: str | None, confidence: str | None) -> None:
    named = weigh(path, None if content is None else content.encode())
    assert (named.confidence.value if named else None) == confidence


def test_a_file_is_named_for_its_content() -> None:
    named = weigh("src/app.py", TOKEN.encode())
    assert named is not None
    assert (named.kind, named.detector) == ("file with a GitHub token", "github-token")


def test_import_loads_nothing_heavy() -> None:
    heavy = "{'dataclasses', 'inspect', 'json', 'pathlib', 'tomli', 'logging', 'base64', 'random'}"
    code = (
        "import sys; old = set(sys.modules); import dfguard.secrets.weigh, dfguard.secrets.redact;"
        f"print({heavy} & set(sys.modules) - old)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
