"""Names of secret files, and the many that only look like one."""

from __future__ import annotations

import pytest

from dfguard.secrets.names import classify, with_article

HIGH, MEDIUM, LOW = "high", "medium", "low"

NAMES = [
    (".env", "environment-file", MEDIUM),
    ("app/.env", "environment-file", MEDIUM),
    (".ENV", "environment-file", MEDIUM),
    (".env.local", "environment-file", MEDIUM),
    (".env.production", "environment-file", MEDIUM),
    (".env.production.local", "environment-file", MEDIUM),
    (".env-prod", "environment-file", MEDIUM),
    (".env_staging", "environment-file", MEDIUM),
    ("prod.env", "environment-file", MEDIUM),
    ("config/db.env", "environment-file", MEDIUM),
    ("versions.env", "environment-file", LOW),
    (".env.test", "environment-file", LOW),
    (".envrc", "environment-file", LOW),
    (".env.keys", "environment-file", HIGH),
    (".dev.vars", "environment-file", MEDIUM),
    ("id_rsa", "private-key-file", HIGH),
    (".ssh/id_ed25519", "private-key-file", HIGH),
    (".ssh/work", "private-key-file", MEDIUM),
    ("id_ecdsa", "private-key-file", HIGH),
    ("id_dsa", "private-key-file", HIGH),
    ("certs/server.pem", "pem-file", MEDIUM),
    ("certs/server.key", "pem-file", MEDIUM),
    ("ca-key.pem", "pem-file", MEDIUM),
    ("ca.key", "pem-file", MEDIUM),
    ("nginx_signing.key", "pem-file", LOW),
    ("store.p12", "key-store", MEDIUM),
    ("store.pfx", "key-store", MEDIUM),
    ("release.jks", "key-store", MEDIUM),
    ("debug.keystore", "key-store", LOW),
    ("me.ppk", "private-key-file", HIGH),
    ("team.kdbx", "password-database", HIGH),
    (".npmrc", "npm-config", MEDIUM),
    (".yarnrc.yml", "yarn-config", LOW),
    (".pypirc", "pypi-config", HIGH),
    ("pip.conf", "pip-config", LOW),
    (".netrc", "netrc", HIGH),
    ("_netrc", "netrc", HIGH),
    (".git-credentials", "git-credentials", HIGH),
    (".docker/config.json", "docker-config", MEDIUM),
    ("root/.docker/config.json", "docker-config", MEDIUM),
    (".dockercfg", "docker-config", HIGH),
    ("kubeconfig", "kubeconfig", HIGH),
    (".kube/config", "kubeconfig", HIGH),
    ("prod.kubeconfig", "kubeconfig", HIGH),
    (".aws/credentials", "aws-credentials", HIGH),
    ("application_default_credentials.json", "gcloud-credentials", HIGH),
    ("service-account.json", "gcloud-credentials", MEDIUM),
    ("service-account-prod.json", "gcloud-credentials", MEDIUM),
    ("terraform.tfstate", "terraform-state", MEDIUM),
    ("terraform.tfstate.backup", "terraform-state", MEDIUM),
    ("terraform.tfvars", "terraform-variables", LOW),
    ("prod.auto.tfvars", "terraform-variables", LOW),
    (".pgpass", "pgpass", HIGH),
    (".my.cnf", "mysql-config", MEDIUM),
    (".htpasswd", "htpasswd", MEDIUM),
    (".vault-token", "vault-token-file", HIGH),
    (".cargo/credentials", "cargo-credentials", HIGH),
    (".cargo/credentials.toml", "cargo-credentials", HIGH),
    (".gem/credentials", "gem-credentials", HIGH),
    (".composer/auth.json", "composer-auth", HIGH),
    (".config/gh/hosts.yml", "github-cli", HIGH),
    ("config/secrets.yml", "secrets-file", LOW),
    ("credentials.json", "credentials-file", LOW),
    ("db/password.txt", "password-file", MEDIUM),
    ("db/root_password.txt", "password-file", MEDIUM),
    ("node_modules/x/.npmrc", "npm-config", LOW),
    ("lib/site-packages/x/key.pem", "pem-file", LOW),
    ("tests/fixtures/id_rsa", "private-key-file", LOW),
    ("vendor/x/.env", "environment-file", LOW),
    ("examples/app/.env", "environment-file", LOW),
    ("/root/.ssh/id_rsa", "private-key-file", HIGH),
]

HARMLESS = """
.env.example .env.sample .env.template .env.dist .env.tpl .env.schema .env.defaults .env.local.example example.env
sample.env .env.j2 .env.vault .env.d.ts env.ts environment.ts .environment src/env/config.py envoy.yaml
.env.production.enc id_rsa.pub id_ed25519.pub .ssh/authorized_keys .ssh/known_hosts .ssh/config known_hosts
cacert.pem ca.pem ca-bundle.pem cert.pem server-cert.pem fullchain.pem dhparam.pem public.pem public.key jwt.pub.pem
docker.gpg.key truststore.jks cacerts server.crt ca.crt certs/root.cer
config.json docker/config.json .docker/daemon.json config kube/config.yaml credentials src/credentials/index.ts
credentials.go settings.py secrets.py secrets.go secret.ts token.go password.go passwd.lst auth.py auth.ts
npmrc .npmignore .yarnrc terraform.tf main.tf package.json README.md Dockerfile .dockerignore .gitignore keyboard.keymap
monkey.keys notes.txt user.txt password-reset.html serviceaccount.yaml service-account.yaml
""".split()


@pytest.mark.parametrize(("path", "detector", "confidence"), NAMES)
def test_secret(path: str, detector: str, confidence: str) -> None:
    named = classify(path)
    assert named is not None
    assert (named.detector, named.confidence.value) == (detector, confidence)


@pytest.mark.parametrize("path", HARMLESS)
def test_harmless(path: str) -> None:
    assert classify(path) is None


@pytest.mark.parametrize("path", [".npmrc", "server.pem", "pip.conf", ".docker/config.json", "credentials.json"])
def test_content_decides(path: str) -> None:
    named = classify(path)
    assert named is not None
    assert named.content_decides


def test_the_folder_itself_is_not_the_file() -> None:
    assert classify("tests") is None
    assert classify("a/b/") is None
    assert classify("") is None


def test_hundred_thousand_plain_paths_are_no_secrets() -> None:
    paths = [f"src/module{number}/component-{number}.test.tsx" for number in range(100_000)]
    assert not any(map(classify, paths))


@pytest.mark.parametrize(("noun", "text"), [("environment file", "an environment file"), ("npm token", "an npm token")])
def test_article(noun: str, text: str) -> None:
    assert with_article(noun) == text
    assert with_article("GitHub token") == "a GitHub token"
