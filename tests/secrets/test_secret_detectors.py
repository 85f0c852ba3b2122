"""Every detector: what it finds, and what only looks like it."""

from __future__ import annotations

import pytest
from secret_fakes import BASE62, HEX, URL64, checksummed, docker_auth, draw, jwt, openssh, pem

from dfguard.finding import Confidence
from dfguard.secrets.contents import scan
from dfguard.secrets.generate import SOURCE, TARGET, render
from dfguard.secrets.generated import DETECTORS

A32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BASE64 = BASE62 + "+/"
ALG = {"alg": "HS256", "typ": "JWT"}
AWS_ID = "AK" + "IA" + draw(16, A32)
AWS_SECRET = draw(40, BASE64)
HOOK = "https://hooks.slack" + ".com/services/"
PASSWORD = "vR7" + "kq2Lw"
KEY_JSON = '{"type": "service_account", "private_key_id": "1", "private_key": "%s"}'
X = "x" * 40

# detector: texts it reports (the first at the detector's full confidence), look-alikes it is quiet about
CASES: dict[str, tuple[list[str], list[str]]] = {
    "aws-access-key": (
        [f"id={AWS_ID}\nsecret={AWS_SECRET}\n", f"key: '{AWS_ID}'", f'{{"a": "AS{"IA"}{draw(16, A32, 2)}"}}'],
        ["AK" + "IA" + "IOSFODNN7EXAMPLE", f"x{AWS_ID}", f"{AWS_ID}A", "AK" + "IA" + "X" * 16, AWS_ID.lower()],
    ),
    "aws-secret-key": (
        [
            f"aws_secret_access_key = {AWS_SECRET}",
            f'"SecretAccessKey": "{AWS_SECRET}"',
            f"AWS_SECRET_ACCESS_KEY={AWS_SECRET}",
        ],
        [
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
            "aws_secret_access_key = ${AWS_SECRET}",
            f"aws_secret_access_key = {AWS_SECRET}{AWS_SECRET}",
            "secret_access_key: " + "a" * 40,
        ],
    ),
    "github-token": (
        [
            checksummed("gh" + "p_"),
            f'token: "{checksummed("gh" + "s_")}"',
            f"https://{checksummed('gh' + 'o_')}@github.com",
        ],
        [
            "gh" + "p_" + "x" * 36,
            "gh" + "p_" + draw(35),
            "gh" + "p_" + draw(37),
            "a" + checksummed("gh" + "p_"),
            "ghp_token_of_user",
        ],
    ),
    "github-fine-grained-token": (
        [f"github_{'pat'}_{draw(22, seed=s)}_{draw(59, seed=s)}" for s in range(3)],
        [
            f"github_{'pat'}_{draw(22)}",
            f"github_{'pat'}_{'x' * 22}_{'x' * 59}",
            f"github_{'pat'}_{draw(22)}_{draw(60)}",
        ],
    ),
    "gitlab-token": (
        [f"gl{'pat'}-{draw(20)}", f"gl{'ptt'}-{draw(40, HEX)}", f"gl{'pat'}-{draw(27)}.01.{draw(9, HEX)}"],
        [
            f"gl{'pat'}-{'x' * 20}",
            f"gl{'pat'}-{draw(19)}",
            "glpat-your-token-goes-right-here",
            f"my-gl{'pat'}-{draw(20)}",
        ],
    ),
    "slack-token": (
        [
            f"xo{'xb'}-{draw(12, '123456789')}-{draw(13, '123456789')}-{draw(24)}",
            f"xo{'xp'}-{draw(11, '123456789')}-{draw(24)}",
            f"xa{'pp'}-1-A{draw(10, A32)}-{draw(13, '123456789')}-{draw(64, HEX)}",
        ],
        ["xoxb-your-token", f"xo{'xb'}-{'0' * 12}-{'0' * 12}-{X[:24]}", "xoxb-not-a-real-token-at-all", "xapp-1-2"],
    ),
    "slack-webhook": (
        [HOOK + f"T{draw(9, A32, s)}/B{draw(9, A32, s)}/{draw(24, seed=s)}" for s in range(3)],
        [
            HOOK + "T00000000/B00000000/" + "X" * 24,
            HOOK + "...",
            HOOK + "T123/B456/abc",
            "https://hooks.slack.com/docs",
        ],
    ),
    "stripe-live-key": (
        [f"sk_{'live'}_{draw(24)}", f"rk_{'live'}_{draw(99)}", f"KEY: sk_{'live'}_{draw(24, seed=3)}"],
        [f"sk_{'live'}_{'x' * 24}", f"pk_{'live'}_{draw(24)}", f"sk_{'live'}_short", f"task_{'live'}_{draw(24)}"],
    ),
    "stripe-test-key": (
        [f"sk_{'test'}_{draw(24)}", f"rk_{'test'}_{draw(99)}", f'"sk_{"test"}_{draw(30)}"'],
        [f"sk_{'test'}_{'x' * 24}", f"pk_{'test'}_{draw(24)}", "sk_test_your_key", "task_test_something_that_is_long"],
    ),
    "npm-token": (
        [checksummed("np" + "m_", s) for s in range(3)],
        [
            "np" + "m_" + "x" * 36,
            "npm_config_registry",
            "npm_package_dependencies_something_longer",
            "np" + "m_" + draw(35),
        ],
    ),
    "pypi-token": (
        ["py" + "pi-AgEIcHlwaS5vcmc" + draw(150, URL64, s) for s in range(2)]
        + ["py" + "pi-AgENdGVzdC5weXBpLm9yZw" + draw(160, URL64)],
        [
            "py" + "pi-AgEIcHlwaS5vcmc" + "x" * 60,
            "pypi-AgEIcHlwaS5vcmc",
            "pypi-AgE" + draw(150, URL64),
            "pypi-AgEIcHlwaS5vcmc...",
        ],
    ),
    "google-api-key": (
        [f"AI{'za'}{draw(35, URL64, s)}" for s in range(3)],
        [
            f"AI{'za'}{draw(34, URL64)}",
            f"AI{'za'}{'x' * 35}",
            f"AI{'za'}{draw(36, URL64)}",
            f"AI{'za'}Sy-your-api-key-goes-here-00000000",
        ],
    ),
    "gcp-service-account": (
        [KEY_JSON % pem(kind, newline="\\n", seed=s) for s, kind in enumerate(("PRIVATE", "RSA PRIVATE", "PRIVATE"))],
        [KEY_JSON % "", KEY_JSON % "your-key", (KEY_JSON % pem("PUBLIC KEY", newline="\\n"))],
    ),
    "azure-storage-key": (
        [
            f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={draw(86, BASE64)}==;",
            f"AccountKey={draw(86, BASE64, 2)}==",
            f'"AccountKey={draw(86, BASE64, 3)}=="',
        ],
        [
            "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
            "AccountKey=<your key>",
            f"AccountKey={draw(80, BASE64)}==",
            f"AccountKey={'A' * 86}==",
        ],
    ),
    "azure-shared-access-key": (
        [f"Endpoint=sb://a/;SharedAccessKeyName=b;SharedAccessKey={draw(43, BASE64, s)}=" for s in range(3)],
        ["SharedAccessKey=xxxx", f"SharedAccessKey={'A' * 43}=", "SharedAccessKeyName=RootManageSharedAccessKey"],
    ),
    "openai-key": (
        [f"s{'k'}-{draw(20, seed=s)}T3Blbk{'FJ'}{draw(20, seed=s)}" for s in range(2)]
        + [f"s{'k'}-proj-{draw(74, URL64)}T3Blbk{'FJ'}{draw(74, URL64)}"],
        [
            f"s{'k'}-{'x' * 20}T3Blbk{'FJ'}{'x' * 20}",
            f"T3Blbk{'FJ'}",
            f"task-{draw(20)}T3Blbk{'FJ'}{draw(20)}",
            f"sk-{draw(20)}",
        ],
    ),
    "anthropic-key": (
        [f"sk-{'ant'}-{kind}-{draw(93, URL64)}AA" for kind in ("api03", "admin01", "oat01")],
        [f"sk-{'ant'}-api03-{'x' * 95}", "sk-ant-your-key", f"sk-{'ant'}-api03-{draw(20)}", "risk-ant-colony"],
    ),
    "twilio-key": (
        [
            f"TWILIO_AUTH_TOKEN={draw(32, HEX)}",
            f"twilio.token: '{draw(32, HEX, 2)}'",
            f'"twilioApiKey": "SK{draw(32, HEX)}"',
        ],
        [
            f"TWILIO_ACCOUNT_SID=AC{draw(32, HEX)}",
            "TWILIO_AUTH_TOKEN=" + "0" * 32,
            "twilio==9.0.0",
            "TWILIO_AUTH_TOKEN=xxxx",
        ],
    ),
    "sendgrid-key": (
        ["S" + f"G.{draw(22, URL64, s)}.{draw(43, URL64, s)}" for s in range(3)],
        [
            "S" + f"G.{'x' * 22}.{'x' * 43}",
            f"MS{'G'}.{draw(22)}.{draw(43)}",
            "SG.key.id",
            "S" + f"G.{draw(21)}.{draw(43)}",
        ],
    ),
    "docker-hub-token": (
        [f"dckr_{'pat'}_{draw(27, URL64)}", f"dckr_{'pat'}_{draw(27, URL64, 2)}", f"dckr_{'oat'}_{draw(32, URL64)}"],
        [f"dckr_{'pat'}_{'x' * 27}", "dckr_pat_", f"dckr_{'pat'}_{draw(20)}", f"my_dckr_{'pat'}_{draw(27)}"],
    ),
    "vault-token": (
        [f"hv{'s'}.{draw(24)}", f"hv{'b'}.{draw(140, URL64)}", f"VAULT: hv{'r'}.{draw(90)}"],
        [f"hv{'s'}.{'x' * 24}", "hvs.your-token-goes-right-here", f"hv{'s'}.{draw(20)}", f"self.hv{'s'}.{draw(24)}"],
    ),
    "digitalocean-token": (
        [f"do{kind}_v1_{draw(64, HEX)}" for kind in "opr"],
        [f"do{'p'}_v1_{'0' * 64}", f"do{'p'}_v1_{draw(63, HEX)}", f"foo{'p'}_v1_{draw(64, HEX)}", "api_v1_something"],
    ),
    "huggingface-token": (
        [f"h{'f'}_{draw(34, BASE62[:52], s)}" for s in range(3)],
        [
            f"h{'f'}_{'x' * 34}",
            "hf_" + "get_the_model_from_the_hub_by_name",
            "hf_" + draw(34, BASE62[:26]),
            "hf_transfer",
        ],
    ),
    "telegram-bot-token": (
        [f"{draw(10, '123456789', s)}:A{'A'}{draw(33, URL64, s)}" for s in range(3)],
        [
            f"1234567:A{'A'}{draw(33, URL64)}",
            f"123456789:A{'A'}{'x' * 33}",
            f"123456789:A{'A'}{draw(34, URL64)}",
            "key:AAAA",
        ],
    ),
    "json-web-token": (
        [jwt(ALG, {"sub": "7"}), "Bearer " + jwt(ALG, {"name": "a"}), f'"{jwt({"alg": "RS256"}, {"sub": "b"})}"'],
        [
            jwt({"alg": "none"}, {"sub": "7"}),
            jwt(ALG, {"sub": "1234567890"}),
            jwt({"typ": "x"}, {"sub": "7"}),
            "eyJ.eyJ.x",
        ],
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
}

REPORTED = [(name, text) for name, (found, _) in CASES.items() for text in found]
QUIET = [(name, text) for name, (_, quiet) in CASES.items() for text in quiet]


def hits(text: str) -> dict[str, Confidence]:
    return {hit.detector: hit.confidence for hit in scan(text.encode())}


def test_every_detector_has_cases() -> None:
    assert CASES.keys() == {row[0] for row in DETECTORS}
    assert all(len(found) >= 3 and len(quiet) >= 3 for found, quiet in CASES.values())


@pytest.mark.parametrize(("detector", "text"), REPORTED)
@pytest.mark.parametrize("around", ["%s", "a\n%s\nb", "\n%s"])
def test_found(detector: str, text: str, around: str) -> None:
    assert detector in hits(around % text)


@pytest.mark.parametrize("detector", CASES)
def test_full_confidence(detector: str) -> None:
    declared = next(row[2] for row in DETECTORS if row[0] == detector)
    assert hits(CASES[detector][0][0])[detector] is Confidence(declared)


@pytest.mark.parametrize(("detector", "text"), QUIET)
def test_look_alike(detector: str, text: str) -> None:
    assert detector not in hits(text)


@pytest.mark.parametrize(
    "text",
    [
        f"id: {AWS_ID}",
        "gh" + "p_" + draw(36, seed=9),
        "np" + "m_" + draw(36, seed=9),
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
        ('check = "checksum"', 'check = "checksun"', "checksun"),
        ('literals = ["secret"]', 'literals = ["SECRET"]', "lower case"),
        ('title = "GitHub token"', 'titel = "GitHub token"', "unknown keys"),
    ],
)
def test_mistakes_in_the_table_are_refused(old: str, new: str, message: str) -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ValueError, match=message):
        render(text.replace(old, new, 1))
