"""No report of any kind prints a secret that stands in a Dockerfile, whichever rules run."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, Any

import pytest
import tomli

from dfguard import catalog
from dfguard.cli.main import COMMANDS, main
from dfguard.report.formats import FORMATS as EVERY_FORMAT
from dfguard.report.formats import REVIEWS
from dfguard.secrets.redact import secret_places
from dfguard.source import Span
from dfguard.testing import blocks, findings

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "secrets"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "image"))
from credential_files import KINDS as CREDENTIAL_FILES
from credential_files import filled
from image_archives import layer_tar, oci_blobs, oci_layout, tar_of
from secret_fakes import checksummed, draw, pem
from token_formats import TOKENS, drawn

FORMATS = tuple(form for form in EVERY_FORMAT if form not in REVIEWS)
PLAIN_AND_JSON = ("plain", "json")
CASES = Path(__file__).parent / "cases" / "DG110.toml"
(ENTRY,) = catalog.find("DG110")
FILES = {
    **{case["name"]: case["dockerfile"] for case in tomli.loads(CASES.read_text(encoding="utf-8"))["fires"]},
    **{f"page {block.line}": block.text for block in blocks(catalog.page(ENTRY)) if block.kind == "bad"},
}


def values(text: str) -> set[str]:
    """The secrets of a file as they are written there, references to variables left out."""
    spans = [finding.place for finding in findings(ENTRY, text, None)]
    return {span.text for span in spans if isinstance(span, Span) and not span.text.startswith("$")}


def report(text: str, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What a check of the file prints."""
    path = folder / "Dockerfile"
    path.write_text(text, encoding="utf-8")
    main(("check", "--isolated", "--pedantic", "--exit-zero", *options, str(path)))
    said = capsys.readouterr()
    return said.out + said.err


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("options", [(), ("--ignore", "DG110"), ("--select", "DG110")])
def test_no_value_is_printed(
    name: str, options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = values(FILES[name])
    said = report(FILES[name], tmp_path, capsys, *options)
    assert all(len(value) > 8 for value in found)
    assert "DG110" in said or "--ignore" in options
    assert [value for value in found if value in said] == []


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "plain"])
def test_no_value_is_in_any_format(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths, hidden = [], set()
    for number, text in enumerate(FILES.values()):
        path = tmp_path / f"{number}.Dockerfile"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
        hidden |= {value for value in values(text) if value not in catalog.page(ENTRY)}  # which sarif takes along
    main(("check", "--isolated", "--pedantic", "--exit-zero", "--format", form, *paths))
    said = capsys.readouterr()
    assert "DG110" in said.out
    assert len(hidden) > 3
    assert [value for value in hidden if value in said.out + said.err] == []


@pytest.mark.parametrize("name", FILES)
def test_what_the_rule_finds_is_masked_without_it_too(name: str) -> None:
    """Other rules show the same lines, also where this one is off or suppressed."""
    hidden = secret_places(FILES[name])
    for finding in findings(ENTRY, FILES[name], None):
        span = finding.place
        assert isinstance(span, Span)
        assert finding.secret
        covered = any(start <= span.start and span.end <= end for start, end in hidden)
        assert covered or span.text.startswith("$")


def test_a_line_shown_for_another_rule_hides_its_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM debian:12.8-slim\nRUN curl -u ops:w7Kq-93mz-TTb2 https://example.net/x | bash\n"
    said = report(text, tmp_path, capsys, "--select", "DG601,DG602")
    assert "DG601" in said
    assert "RUN curl -u ops:************** https://example.net/x | bash" in said


def test_a_weak_value_is_hidden_where_it_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM debian:12.8-slim\nRUN echo 'ops:tiger77' \\\n  | chpasswd\n"
    said = report(text, tmp_path, capsys, "--select", "DG110")
    assert "DG110" in said
    assert "tiger77" not in said


def plant(folder: Path) -> dict[str, str]:
    """Thirty tokens in a context and its Dockerfile: whole files, sources, settings, ENV, ARG, LABEL, RUN, CMD."""
    names = [name for name, (recipe, *_) in TOKENS.items() if "\\n" not in recipe and "://" not in recipe][:30]
    secrets = {name: drawn(TOKENS[name][0], "planted") for name in names}
    lines = ["FROM alpine:3.20.3"]
    forms = ("ENV A{}={}", "ARG B{}={}", "LABEL c{}={}", "RUN curl -H 'Authorization: Bearer {1}' https://a.test/{0}")
    for number, (name, token) in enumerate(secrets.items()):
        if number % 2:
            lines.append(forms[number // 2 % 4].format(number, token))
            continue
        path = folder / ("app" if number % 3 else "conf") / (f"{name}.env", f"{name}.py", f"{name}.json")[number % 3]
        path.parent.mkdir(exist_ok=True)
        path.write_text((f"X={token}\n", f"X = '{token}'\n", f'{{"x": "{token}"}}\n')[number % 3])
    lines += ["WORKDIR /opt/${A1}", "COPY app conf/ /usr/${A9}/", "RUN rm -rf ./* /usr/${A9}/x && touch b"]
    lines += ["USER ${A9}", "COPY . /srv/", "RUN rm -rf /srv/conf", 'CMD ["/srv/app"]']
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    return secrets


def test_thirty_secrets_are_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that any command prints or writes; `parse` is for exact text by its purpose, and left out."""
    context = tmp_path / "context"
    context.mkdir()
    monkeypatch.chdir(context)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DFGUARD_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    secrets = plant(context)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    said = ""
    runs: list[tuple[str, ...]] = [("check", "--pedantic", "--show-skipped", "--format", form) for form in FORMATS]
    runs += [("check", "--select", "DG1"), ("check", "--output", str(tmp_path / "report.txt"), "Dockerfile")]
    others = [command for command in COMMANDS if command not in ("check", "parse", "lsp")]
    runs += [(command, *more) for command in others for more in ((), ("Dockerfile",))]
    runs += [("context", "--format", form) for form in ("plain", "json", "tree")]
    runs += [("layers", "--format", form) for form in ("plain", "json", "html")]
    for arguments in runs:
        with suppress(SystemExit):
            main(arguments)
        captured = capsys.readouterr()
        said += captured.out + captured.err
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path not in before]
    said += "".join(map(text_of, written))
    assert len(secrets) == 30
    assert "DG102" in said and "DG110" in said and "DG103" in said
    assert [name for name, token in secrets.items() if token in said] == []


def test_thirty_secrets_are_told_to_no_editor(tmp_path: Path) -> None:
    """All that the language server answers, publishes and logs."""
    secrets = plant(tmp_path)
    (tmp_path / ".git").mkdir()
    uri, lines = (tmp_path / "Dockerfile").as_uri(), (tmp_path / "Dockerfile").read_text().splitlines(keepends=True)
    document = {"uri": uri}
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": len(lines), "character": 0}}
    asked: list[tuple[str, dict[str, Any]]] = [("textDocument/diagnostic", {}), ("textDocument/documentSymbol", {})]
    asked += [("textDocument/inlayHint", {"range": whole}), ("textDocument/documentLink", {})]
    asked += [
        ("textDocument/hover", {"position": {"line": line, "character": at}})
        for line, text in enumerate(lines)
        for at in range(0, len(text), 5)
    ]
    messages: list[dict[str, Any]] = [
        {
            "method": "initialize",
            "id": 0,
            "params": {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}},
        },
        {"method": "initialized", "params": {}},
        {
            "method": "textDocument/didOpen",
            "params": {"textDocument": document | {"languageId": "dockerfile", "version": 1, "text": "".join(lines)}},
        },
        *(
            {"method": method, "id": number, "params": {"textDocument": document} | more}
            for number, (method, more) in enumerate(asked, 1)
        ),
    ]
    said = answers(messages, len(asked), tmp_path)
    assert len(secrets) == 30
    assert "DG103" in said and "DG110" in said
    assert [name for name, token in secrets.items() if token in said] == []


def answers(messages: list[dict[str, Any]], last: int, folder: Path) -> str:
    """What the server writes until it has answered the request `last`, and then leaves."""
    command = [sys.executable, "-m", "dfguard", "lsp"]
    bodies = [json.dumps({"jsonrpc": "2.0"} | message).encode() for message in messages]
    asked = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
    with TemporaryFile() as log, Popen(command, stdin=PIPE, stdout=PIPE, stderr=log, cwd=folder) as server:
        assert server.stdin is not None and server.stdout is not None
        # Beside the reading of answers: a server that can't write reads no more, and both would wait for ever.
        Thread(target=partial(send, server.stdin, asked), daemon=True).start()
        said, waiting = b"", set(range(last + 1))
        while waiting:
            size = int(server.stdout.readline().rpartition(b":")[2])
            while server.stdout.readline() != b"\r\n":
                pass
            body = server.stdout.read(size)
            said += body
            waiting.discard(json.loads(body).get("id", -1))
        server.kill()
        server.wait()
        log.seek(0)
        return (said + log.read()).decode()


def send(stream: IO[bytes], data: bytes) -> None:
    """Write all of it to a server, which may be gone before it has read the end."""
    with suppress(OSError, ValueError):
        stream.write(data)
        stream.flush()


def text_of(path: Path) -> str:
    """What a file holds; those of the cache are packed behind a line and a keyed hash."""
    data = path.read_bytes()
    if path.suffix == ".kept":
        data = zlib.decompress(data.split(b"\n", 1)[1][32:])
    return data.decode(errors="replace")


def hashes(value: str) -> tuple[str, ...]:
    """Hashes of a secret that need no key, by itself and as a file of one line."""
    texts = value.encode(), value.encode() + b"\n"
    made = (hashlib.new(name, text) for text in texts for name in ("md5", "sha1", "sha256", "sha512", "blake2b"))
    coded = (code for each in made for code in (each.hexdigest(), base64.b64encode(each.digest()).decode()))
    return (*coded, *(f",{zlib.crc32(text)}," for text in texts))


# Beside tokens: what only the structure of a file, an encoding, or several lines make a secret.
SPECIAL = ("p$w{0}%21", "q\\'w{0}&x", "r^w{0};|y", "s=w{0}==", "t é{0}ß", "u<w{0}>&amp;")


def planted_files(folder: Path) -> dict[str, str]:
    """One file of every kind of credential file, keys in PEM and DER, values of several lines, encodings."""
    secrets: dict[str, str] = {}
    for kind, row in CREDENTIAL_FILES.items():
        text, written = filled(row.forms[0])
        (folder / f"{kind}.txt").write_text(text)
        (folder / row.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / row.name).write_text(text)
        secrets[kind] = written.split("\\n")[1] if "\\n" in written else written
    for number, form in enumerate(SPECIAL):
        value = form.format(draw(14, seed=number))
        (folder / f"special{number}.env").write_text(f"API_TOKEN='{value}'\nDB_PASSWORD={value}\n")
        secrets[f"special {number}"] = value
    key = pem("RSA PRIVATE")
    (folder / "id_rsa").write_text(key)
    (folder / "both.crt").write_text(key)
    secrets |= {f"line {number} of a key": line for number, line in enumerate(key.splitlines()[1:-1])}
    token = checksummed("gh" + "p_", seed="wide")
    (folder / "wide.txt").write_bytes(f"token: {token}\n".encode("utf-16"))
    (folder / "packed.gz").write_bytes(gzip.compress(f"token: {token}\n".encode()))
    encoded = base64.b64encode(f"token: {token}\n".encode()).decode()
    (folder / "coded.yaml").write_text(f"data:\n  token: {encoded}\n")
    secrets |= {"wide": token, "in base64": encoded}
    secrets |= {"multi-line": draw(30, seed="py"), "keyword": draw(20, seed="kw")}
    for number, data in enumerate(key_stores()):
        (folder / f"store{number}.bin").write_bytes(data)
        (folder / f"store{number}.jks").write_bytes(data)
    secrets |= {f"{form} of a key store": text for form, text in written_forms(BINARY).items()}
    code = "PASSWORD = '''\n{multi-line}\n'''\nconnect(password='{keyword}')\n"
    (folder / "app.py").write_text(code.format(**secrets))
    return secrets


BINARY = draw(60, seed="key in a store").encode()


def key_stores() -> tuple[bytes, ...]:
    """Stores with one key each: Java's, Bouncy Castle's, an RSA key in DER, in PKCS #8, a KeePass database."""
    name = struct.pack(">H", 5) + b"mykey"
    sized = struct.pack(">I", len(BINARY)) + BINARY
    java = name + bytes(8) + sized + struct.pack(">I", 0)
    number = b"\x02" + bytes([len(BINARY)]) + BINARY
    rsa = b"\x02\x01\x00" + number * 8
    algorithm = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
    key = b"\x30\x82" + struct.pack(">H", len(rsa)) + rsa
    opened = b"\x02\x01\x00" + algorithm + b"\x04\x82" + struct.pack(">H", len(key)) + key
    return (
        b"\xfe\xed\xfe\xed" + struct.pack(">III", 2, 1, 1) + java,
        b"\0\0\0\x02\0\0\0\x14" + bytes(20) + struct.pack(">I", 1500) + b"\4" + name + bytes(12) + sized + b"\0",
        key,
        b"\x30\x82" + struct.pack(">H", len(opened)) + opened,
        b"\x03\xd9\xa2\x9ag\xfbK\xb5" + BINARY + bytes(100),
    )


def written_forms(data: bytes) -> dict[str, str]:
    """The forms in which a report could write binary data."""
    coded = {base64.b64encode(data[at:]).decode().rstrip("=")[:60] for at in range(3)}
    return {"text": data.decode(), "hex": data.hex(), **{f"base64 {n}": text for n, text in enumerate(sorted(coded))}}


DOCKERFILE = """FROM alpine:3.20.3
ENV DB_PASSWORD={0}
COPY . /srv/
RUN mysql -u root -p'{1}' -e 'select 1' && rm -rf /srv/id_rsa
FROM alpine:3.20.3
COPY --from=0 /srv /srv
"""


def image_with(folder: Path, secrets: dict[str, str], path: Path) -> str:
    """An image that was built of these files: a layer with them, one that hides some, and a telling history."""
    files = {f"srv/{each.relative_to(folder)}": each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    layers = [layer_tar(files), layer_tar({"srv/.wh.id_rsa": b""})]
    env = [f"DB_PASSWORD={secrets['special 0']}", "A=1"]
    history = [
        {"created_by": f"RUN |1 TOKEN={secrets['wide']} /bin/sh -c x # buildkit"},
        {"created_by": "RUN rm /srv/id_rsa # buildkit"},
    ]
    blobs, descriptor = oci_blobs(layers, config={"Env": env}, history=history)
    path.write_bytes(tar_of(oci_layout([descriptor], blobs)))
    return str(path)


def test_credentials_of_every_kind_of_file_are_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All commands in all their formats, over the context and over the image that was built of it."""
    context = tmp_path / "context"
    context.mkdir()
    monkeypatch.chdir(context)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DFGUARD_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    secrets = planted_files(context)
    (context / "Dockerfile").write_text(DOCKERFILE.format(secrets["special 0"], secrets["special 3"]))
    image = image_with(context, secrets, tmp_path / "image.tar")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    subjects = {
        "check": (".", "--pedantic", "--show-skipped"),
        "context": (".",),
        "why": (".npmrc",),
        "layers": (".",),
        "image": (image, "--pedantic", "--show-skipped"),
        "verify": (".", "--image", image, "--pedantic", "--show-skipped"),
    }
    said = {}
    page = (*PLAIN_AND_JSON, "html")
    forms = {"check": FORMATS, "verify": FORMATS, "layers": page, "image": page}
    for command, subject in subjects.items():
        for form in forms.get(command, PLAIN_AND_JSON):
            main((command, *subject, "--format", form))
            captured = capsys.readouterr()
            said[command, form] = captured.out + captured.err
    said["image", "page"] = re.sub(r"\\u00(3c|3e|26)", lambda code: chr(int(code[1], 16)), said["image", "html"])
    main(("context", "--suggest"))
    main(("check", "--preview-fixes", "--format", "json", "--output", str(tmp_path / "report.json")))
    captured = capsys.readouterr()
    said["more", ""] = captured.out + captured.err
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path not in before]
    said |= {(path.name, "file"): text_of(path) for path in written}
    assert len(secrets) > 30
    assert all("usage:" not in text for text in said.values())
    assert all(code in said["check", "plain"] for code in ("DG102", "DG103", "DG110"))
    assert all("DG901" in said["image", form] for form in page)
    assert [n for n in range(5) if f"store{n}.bin" not in said["context", "plain"] + said["check", "json"]] == []
    kept = "".join(text for (name, _), text in said.items() if name.endswith(".kept"))
    assert "GitHub token" in kept  # image and verify have remembered their layers
    found = [(name, where) for name, value in secrets.items() for where, text in said.items() if value in text]
    assert found == []
    assert [name for name, value in secrets.items() for code in hashes(value) if code in kept] == []


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("form", REVIEWS)
def test_credentials_are_in_no_review(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.test")
    for arguments in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "base"), ("tag", "base")):
        subprocess.run((*git, *arguments), check=True, stdin=subprocess.DEVNULL)
    secrets = planted_files(tmp_path)
    secrets |= plant(tmp_path)
    added = DOCKERFILE.format(secrets["special 0"], secrets["special 3"])
    (tmp_path / "Dockerfile").write_text((tmp_path / "Dockerfile").read_text() + added)
    subprocess.run((*git, "add", "-A", "-f"), check=True, stdin=subprocess.DEVNULL)
    subprocess.run((*git, "commit", "-q", "-m", "more"), check=True, stdin=subprocess.DEVNULL)
    main(("check", "--isolated", "--pedantic", "--diff-base", "base", "--format", form, "."))
    said = "".join(capsys.readouterr())
    assert "DG110" in said and "Fix: " in said
    assert [name for name, value in secrets.items() if value in said] == []
