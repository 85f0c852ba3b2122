"""Every detector: what it finds, and what only looks like it."""

from __future__ import annotations

import pytest
from secret_fakes import BASE62, HEX, docker_auth, draw, jwt, openssh, pem
from token_formats import NAMED, TOKENS, drawn

from dfguard.finding import Confidence
from dfguard.secrets import named
from dfguard.secrets.contents import scan
from dfguard.secrets.generate import SOURCE, TARGET, render
from dfguard.secrets.generated import CONTEXTS, DETECTORS

A32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BASE64 = BASE62 + "+/"
ALG = {"alg": "HS256", "typ": "JWT"}
AWS_ID = "AK" + "IA" + draw(16, A32)
HOOK = "https://hooks.slack" + ".com/services/"
PASSWORD = "vR7" + "kq2Lw"
KEY_JSON = '{"type": "service_account", "private_key_id": "1", "private_key": "%s"}'
SEEDS = ("a", "b", "c")

# Formats that are no mere token. Detector: texts it reports (the first at its full confidence), look-alikes.
CASES: dict[str, tuple[list[str], list[str]]] = {
    "gcp-service-account": (
        [KEY_JSON % pem(kind, newline="\\n", seed=s) for s, kind in enumerate(("PRIVATE", "RSA PRIVATE", "PRIVATE"))],
        [KEY_JSON % "", KEY_JSON % "your-key", (KEY_JSON % pem("PUBLIC KEY", newline="\\n"))],
    ),
    "private-key": (
        [
            pem("RSA PRIVATE"),
            openssh("none"),
            pem("PGP PRIVATE KEY BLOCK", headers="Version: GnuPG v2\n"),
            pem("EC PRIVATE", newline="\\n"),
            pem("PRIVATE", newline='\\n" +\n    "'),
        ],
        [
            pem("PUBLIC KEY"),
            pem("CERTIFICATE"),
            'if "-----BEGIN RSA PRIVATE KEY-----" in text: pass',
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n-----END PRIVATE KEY-----",
        ],
    ),
    "putty-key": (
        [
            f"PuTTY-User-Key-File-{version}: {kind}\nEncryption: none\nComment: a\nAA\nPrivate-MAC: 0\n"
            for version, kind in ((2, "ssh-rsa"), (3, "ssh-ed25519"), (3, "ecdsa-sha2-nistp256"))
        ],
        [
            "PuTTY-User-Key-File-3",
            "PuTTY-User-Key-File-9: ssh-rsa\nEncryption: none\n",
            "PuTTY-User-Key-File-2: ssh-rsa\n",
        ],
    ),
    "kubernetes-client-key": (
        ["    client-key-data: LS0tLS1CRUdJTi" + draw(400 + s, BASE64, s) + "\n" for s in range(3)],
        [
            "client-key-data: REDACTED",
            "client-key-data: " + draw(400),
            "client-certificate-data: LS0tLS1CRUdJTi" + draw(400),
        ],
    ),
    "docker-auth": (
        [
            docker_auth(f"bob:{PASSWORD}"),
            docker_auth(f"_json_key:{draw(90)}"),
            docker_auth(f"a:{draw(20)}").replace("\n", ""),
        ],
        [
            docker_auth("nothing"),
            docker_auth("user:"),
            docker_auth("user:changeme"),
            '"auth": "required!"',
            '"auth": "basic"',
        ],
    ),
    "npm-auth": (
        [
            f"//registry.test/:_authToken={draw(36, HEX + '-')}\n",
            f"//r.test/:_password={draw(20)}",
            f'//r.test/:_auth = "{draw(20)}"',
        ],
        [
            "//r.test/:_authToken=${NPM_TOKEN}",
            "//r.test/:_authToken=xxxxxxxxxxxx",
            "//r.test/:_authToken=",
            "//r.test/:always-auth=true",
        ],
    ),
    "netrc-password": (
        [
            f"machine api.test login bob password {PASSWORD}",
            f"machine a.test\n  login b\n  password {draw(20)}\n",
            f"default\nmachine c.test login x password {draw(9)}",
        ],
        [
            "machine a.test login bob password <password>",
            "machine learning login",
            "machine a login b password ${P}",
            "machine a.test\nlogin b\n",
        ],
    ),
    "url-password": (
        [
            f"https://bob:{PASSWORD}@git.test/x",
            f"postgres://app:{PASSWORD}@db:5432/app",
            f"redis://:{PASSWORD}@cache:6379",
        ],
        [
            "https://user:password@host.test/",
            "https://bob:${TOKEN}@git.test",
            "https://bob:$TOKEN@git.test",
            "postgres://app:changeme@db/app",
            f"https://bob:{PASSWORD}@example.com",
            "http://localhost:8080/@scope",
            "https://git.test/a:b@c",
            "git@github.test:org/x.git",
        ],
    ),
    "connection-string-password": (
        [
            f"Server=db;Database=x;User Id=app;Password={PASSWORD};",
            f"jdbc:mysql://db/x?user=app&password={PASSWORD}&ssl=1",
            f"Data Source=a;uid=b;pwd={PASSWORD}",
        ],
        [
            "Server=db;User Id=app;Password=${DB_PASSWORD};",
            "Server=db;User Id=app;Password=<password>;",
            f"page?password={PASSWORD}",
            "Server=db;User Id=app;Integrated Security=true;",
        ],
    ),
    "credential-assignment": (
        [
            f"DB_PASSWORD={PASSWORD}\n",
            f"A=1\nexport API_KEY='{draw(20)}'  # mine\n",
            f"spring.datasource.password={PASSWORD}\r\n",
            f"services:\n  - JWT_SECRET={draw(30)}\n",
            f'APP_TOKEN="{draw(10)} {draw(10)}"',
        ],
        [
            "DB_PASSWORD=\n",
            "DB_PASSWORD=changeme",
            "DB_PASSWORD=${DB_PASSWORD}",
            "API_KEY=$(cat /run/secrets/key)",
            "API_KEY=<your key>",
            "TOKEN_FILE=/run/secrets/token",
            "PASSWORD_FILE=a1b2c3d4e5f6",
            "TOKENIZERS_PARALLELISM=false",
            "token=get_token()",
            "    token=self.token,",
            "SECRET_KEY=os.environ",
            "MAX_TOKENS=4096",
            "API_KEY=my_api_key_1",
            "NEXT_PUBLIC_API_KEY=a1b2c3d4e5f6",
            "GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305",
            "label.password=Mot de passe",
            "password == other",
        ],
    ),
    "yarn-auth": (
        [
            f"npmAuthToken: {draw(36)}\n",
            f'npmScopes:\n  acme:\n    npmAuthToken: "{draw(40)}"\n',
            f"npmAuthIdent: bob:{draw(20)}\n",
        ],
        [
            "npmAuthToken: ${NPM_TOKEN}",
            "npmAuthToken: your-token-here",
            "npmAlwaysAuth: true",
            '["npmAuthIdent","npmAuthToken"]',
        ],
    ),
    "openvpn-static-key": (
        [
            "-----BEGIN OpenVPN Static key V1-----\n" + "\n".join(draw(32, HEX, s) for s in range(16)),
            "-----BEGIN OpenVPN tls-crypt-v2 client key-----\n" + draw(400, BASE64),
            "<tls-auth>\n-----BEGIN OpenVPN Static key V1-----\r\n"
            + draw(32, "0123456789abcdef")
            + "\r\n"
            + draw(32, "0123456789abcdef", 2),
        ],
        [
            "-----BEGIN OpenVPN Static key V1-----\n...\n",
            'if "-----BEGIN OpenVPN Static key V1-----" in text:',
            "-----BEGIN OpenVPN Static key V1-----\n" + "0" * 32 + "\n" + "0" * 32,
        ],
    ),
    "quoted-credential": (
        [
            f'const apiToken = "{draw(24)}";',
            f"client.connect(password='{draw(20)}')",
            f'{{"accessToken": "{draw(32)}"}}',
            f"<secretKey>{draw(30)}</secretKey>",
            f"define('AUTH_KEY', '{draw(64)}');",
        ],
        [
            'const tokenUrl = "https://example.net/oauth2/token";',
            "password = 'correct horse battery staple'",
            'token: "user_profile_v2"',
            'key = "AbCdEfGh12345678"',
            'cacheKey = "a8f5f167f44f4964e6c998dee827110c"',
            "<secretKeyRef>name</secretKeyRef>",
            "super(authToken, 'v1.2.3.4.5.6')",
            'password: "Passwort1"',
        ],
    ),
}

# What looks like a token, besides the look-alikes that are made of each recipe.
LOOK_ALIKES = {
    "aws-access-key": ["AK" + "IA" + "IOSFODNN7EXAMPLE", f"{AWS_ID}A", AWS_ID.lower()],
    "aws-bedrock-key": ["AB" + "SK" + draw(120)],
    "github-token": ["gh" + "p_" + draw(35), "gh" + "p_" + draw(37), "ghp_token_of_user"],
    "gitlab-token": ["glpat-your-token-goes-right-here", f"gl{'pat'}-{draw(19)}", f"my-gl{'pat'}-{draw(20)}"],
    "slack-token": ["xoxb-your-token", "xoxb-not-a-real-token-at-all"],
    "slack-webhook": [HOOK + "T00000000/B00000000/" + "X" * 24, HOOK + "...", "https://hooks.slack.com/docs"],
    "stripe-live-key": [f"pk_{'live'}_{draw(24)}", f"task_{'live'}_{draw(24)}"],
    "npm-token": ["npm_config_registry", "npm_package_dependencies_something_longer"],
    "google-api-key": [f"AI{'za'}Sy-your-api-key-goes-here-00000000"],
    "vault-token": ["hvs.your-token-goes-right-here", f"self.hv{'s'}.{draw(24)}"],
    "huggingface-token": ["hf_" + "get_the_model_from_the_hub_by_name", "hf_" + draw(34, BASE62[:26])],
    "telegram-bot-token": [f"1234567:A{'A'}{draw(33)}", "key:AAAA"],
    "discord-bot-token": ["M" + "Tc" + draw(21) + ".Abcdef." + draw(27)],
    "grafana-api-key": ["ey" + "JrIjoi" + draw(80)],
    "age-secret-key": ["AGE-SECRET" + "-KEY-1" + "Q" * 58],
    "resend-key": [
        "re_compileRegularExpression_fromTheSourceFile01234",
        "re_" + "escapeAllCharacters_inThisStringNow123",
    ],
    "crates-io-token": ["cio" + "nalOperationalTransformations123"],
    "notion-legacy-token": ["secret_" + "nameOfTheFieldThatHoldsThePasswordOfTheUser"],
    "nuget-key": ["oy2" + "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"],
    "json-web-token": [
        jwt({"alg": "none"}, {"sub": "7"}),
        jwt(ALG, {"sub": "1234567890"}),
        jwt({"typ": "x"}, {"sub": "7"}),
    ],
}

FAKE = {"hex": "0", "HEX": "0", "dig": "0", "nul": "1", "b32": "X", "upp": "X", "bec": "Q"}
MONOTONE = {"hex": "ab", "HEX": "AB", "dig": "12", "nul": "12", "b32": "AB", "upp": "AB", "bec": "QP"}
LETTERS = ("b62", "u64", "b64", "low", "abc", "l32")


def made_up(recipe: str) -> list[str]:
    """Look-alikes of a recipe: a placeholder, two characters in turn, a blank inside, part of a longer word."""
    fake = {**FAKE, **dict.fromkeys(LETTERS, "x")}
    monotone = {**MONOTONE, **dict.fromkeys(LETTERS, "ab")}
    token = drawn(recipe, 1).strip()
    cut = token.find("://") + len(token) // 2 if "://" in token else 12
    out = {drawn(recipe, 1, fake), drawn(recipe, 1, monotone), f"{token[:cut]} {token[cut:]}"} - {drawn(recipe, 1)}
    if token[0].isalnum() and "://" not in token and ":APA" not in token:
        out.add(f"x{token}")
    return sorted(out)


def assigned(name: str, value: str) -> list[str]:
    """Forms in which a value is given to a name."""
    return [
        f"{name}={value}\n",
        f'  {name.lower()}: "{value}"\n',
        f'{{"a": 1, "{name}": "{value}"}}',
        f"os.environ['{name}'] = '{value}'",
        f'<add key="{name}" value="{value}"/>',
    ]


def unassigned(name: str, recipe: str) -> list[str]:
    """What is no secret by this name: a placeholder, a value too short, the same value by another name, a reference."""
    value = drawn(recipe, 1)
    return [
        f"{name}={drawn(recipe, 1, {**FAKE, **dict.fromkeys(LETTERS, 'x')})}\n",
        f"{name}={value[: len(value) // 2 - 1]}\n",
        f"CHECKSUM={value}\n",
        f"{name}=${{{name}}}\n",
    ]


REPORTED = [(name, text) for name, (found, _) in CASES.items() for text in found]
REPORTED += [(name, drawn(recipe, seed)) for name, recipes in TOKENS.items() for recipe in recipes for seed in SEEDS]
REPORTED += [(name, text) for name, (key, recipe) in NAMED.items() for text in assigned(key, drawn(recipe, 1))]
QUIET = [(name, text) for name, (_, quiet) in CASES.items() for text in quiet]
QUIET += [(name, text) for name, texts in LOOK_ALIKES.items() for text in texts]
QUIET += [(name, text) for name, recipes in TOKENS.items() for recipe in recipes for text in made_up(recipe)]
QUIET += [(name, text) for name, (key, recipe) in NAMED.items() for text in unassigned(key, recipe)]


def hits(text: str) -> dict[str, Confidence]:
    return {hit.detector: hit.confidence for hit in scan(text.encode())}


def test_every_detector_has_cases() -> None:
    names = [row[0] for row in (*DETECTORS, *CONTEXTS)]
    assert {*names, *named.TITLES} == {*CASES, *TOKENS, *NAMED}
    assert len(set(names)) >= 120
    for name in names:
        assert sum(each == name for each, _ in REPORTED) >= 3
        assert sum(each == name for each, _ in QUIET) >= 3


@pytest.mark.parametrize("around", ["%s", "a\n%s\nb", '{"a": "x\\n%s"}', "https://a.test/?t%%3D%s", "é\n%s"])
def test_tokens_are_found(around: str) -> None:
    edged = {row[0] for row in DETECTORS if row[5].startswith(b"(?:(?<!")}
    texts = [(name, text) for name, text in REPORTED if name in TOKENS and name in edged and "\n" not in text]
    assert len(texts) > 400
    assert [(name, text) for name, text in texts if name not in hits(around % text)] == []


@pytest.mark.parametrize("around", ["%s", "a\n%s\nb", "\n%s", "é\n%s"])
def test_found(around: str) -> None:
    missed = [(name, text) for name, text in REPORTED if name not in hits(around % text)]
    assert missed == []


@pytest.mark.parametrize("row", [*DETECTORS, *CONTEXTS], ids=lambda row: row[0])
def test_full_confidence(row: tuple[str, ...]) -> None:
    text = next(text for name, text in REPORTED if name == row[0])
    assert hits(text)[row[0]] is Confidence(row[2])


def test_look_alikes() -> None:
    wrong = [(name, text, hits(text)[name]) for name, text in QUIET if name in hits(text)]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        f"id: {AWS_ID}",
        "gh" + "p_" + draw(36, seed=9),
        "np" + "m_" + draw(36, seed=9),
        "gl" + "pat-" + draw(27) + ".01.14" + draw(7, "0123456789abcdef"),
        "gl" + "sa_" + draw(32) + "_01234567",
        pem("RSA PRIVATE", headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n"),
        pem("ENCRYPTED PRIVATE"),
        openssh("aes256-ctr"),
        "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: aes256-cbc\nComment: a\n",
        "POSTGRES_PASSWORD=postgres",
        "DB_PASSWORD=admin123",
        f"postgres://app:{PASSWORD}@localhost:5432/app",
        "postgres://app:app@db/app",
    ],
)
def test_doubtful_hits_have_low_confidence(text: str) -> None:
    assert set(hits(text).values()) == {Confidence.LOW}


def test_generated_module_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(SOURCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "github-token"', 'id = "npm-token"', "appears twice"),
        ('check = "crc_base62"', 'check = "crc_base26"', "crc_base26"),
        ('literals = ["npm_"]', 'literals = ["np"]', "shorter than"),
        ('title = "GitHub token"', 'titel = "GitHub token"', "unknown keys"),
        ('words = ["twilio"]', 'words = ["Twilio"]', "lower case"),
        ("value = '''[a-f0-9]{32}'''", "value = '''[a-f0-9]{8}'''", "expected `gate`"),
    ],
)
def test_mistakes_in_the_table_are_refused(old: str, new: str, message: str) -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ValueError, match=message):
        render(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("start", "end", "confidence"),
    [
        ("2023-12-20T14:54:52Z", "2023-12-20T22:54:52Z", Confidence.LOW),
        ("2023-12-20T14:54:52Z", "2023-12-21T02:54:52Z", Confidence.LOW),
        ("2023-12-20T14:54:52Z", "2033-12-20T14:54:52Z", Confidence.HIGH),
        ("2023-12-20T14:54:52Z", "2024-12-20T14:54:52Z", Confidence.HIGH),
    ],
)
def test_a_signature_that_was_good_for_a_day_opens_nothing_any_more(
    start: str, end: str, confidence: Confidence
) -> None:
    signed = f"https://a.blob.core.test/b?sp=r&st={start}&se={end}&sv=2021-06-08&sr=c&si" + f"g={draw(43, BASE62)}%3D"
    assert [hit.confidence for hit in scan(signed.encode())] == [confidence]


@pytest.mark.parametrize(
    ("given", "confidence"),
    [
        ("NEXT_PUBLIC_FIREBASE_API_KEY=%s", "low"),
        ('"VITE_MAPS_KEY": "%s"', "low"),
        ("ENV REACT_APP_KEY %s", "low"),
        ("FIREBASE_API_KEY=%s", "medium"),
        ("INVITE_KEY=%s", "medium"),
        ("VITE_A=1 KEY=%s", "medium"),
    ],
)
def test_a_key_that_a_framework_builds_into_pages_is_public(given: str, confidence: str) -> None:
    key = "AI" + "zaSy" + draw(33, seed="google")
    assert [hit.confidence.value for hit in scan((given % key).encode())] == [confidence]
