"""`dfguard verify`: findings of a Dockerfile held against an image, by the command line."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from image_archives import Files, config_json, layer_tar, tar_of
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dfguard.cli.main import main
from dfguard.report.formats import FORMATS, REVIEWS

DOCKERFILE = """\
FROM scratch
ARG VERSION=1
COPY . /app/
RUN compile $VERSION
RUN rm /app/.env
USER app
"""
TOKEN = "gh" + "p_" + "1A2b3C4d5E6f7G8h9I0j" + "K1l2M3n4O5p6Q7r8"  # of the right form, and made up
GITLAB = "glp" + "at-" + "kX7vb2Qpw41z" + "R9mT5sLc"  # one that is drawn


def story(folder: Path) -> None:
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / ".env").write_text(f"GITHUB_TOKEN={TOKEN}\nDB_PASSWORD=s3cr3t-Pa55w0rd-of-nobody\n")


def archive(path: Path, layers: Sequence[Files], history: Sequence[tuple[str, bool]]) -> str:
    data = [layer_tar(files) for files in layers]
    entries = [
        {"created_by": text, "comment": "buildkit.dockerfile.v0", "empty_layer": empty} for text, empty in history
    ]
    config = config_json(data, history=entries)
    names = [f"{index}.tar" for index in range(len(data))]
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["app:1"], "Layers": names}]).encode()
    path.write_bytes(tar_of({"manifest.json": manifest, "c.json": config, **dict(zip(names, data, strict=True))}))
    return str(path)


HISTORY = (
    ("ARG VERSION=1", True),
    ("COPY . /app/ # buildkit", False),
    ("RUN |1 VERSION=1 /bin/sh -c compile $VERSION # buildkit", False),
    ("RUN |1 VERSION=1 /bin/sh -c rm /app/.env # buildkit", False),
    ("USER app", True),
)
LEAKING: tuple[Files, ...] = ({"app/.env": TOKEN.encode()}, {"app/out": b"1"}, {"app/.wh..env": b""})
CLEAN: tuple[Files, ...] = ({"app/other": b"1"}, {"app/out": b"1"}, {})


def verify(folder: Path, image: str, *more: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = main(["verify", str(folder), "--image", image, "--isolated", "--format", "json", *more])
    text = capsys.readouterr().out
    assert TOKEN not in text
    data = json.loads(text)
    schema = files("dfguard.report").joinpath("schema.json").read_text(encoding="utf-8")
    Draft202012Validator(json.loads(schema)).validate(data)
    return code, data


def verdicts(data: Any) -> dict[str, str]:
    return {finding["code"]: finding["verdict"]["kind"] for finding in data["findings"]}


def test_a_secret_that_the_layer_holds_is_confirmed_and_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story(tmp_path)
    code, data = verify(tmp_path, archive(tmp_path / "i.tar", LEAKING, HISTORY), capsys=capsys)
    assert code == 1
    finding = next(finding for finding in data["findings"] if finding["code"] == "DG101")
    assert finding["verdict"]["kind"] == "confirmed"
    (evidence,) = [e for e in finding["verdict"]["evidence"] if e["path"] == "/app/.env"]
    assert evidence["layer"].startswith("sha256:")
    assert "deleted in layer 2" in evidence["text"]
    assert data["verification"]["belongs"] is True


def test_one_that_it_does_not_hold_is_refuted_and_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story(tmp_path)
    code, data = verify(tmp_path, archive(tmp_path / "i.tar", CLEAN, HISTORY), capsys=capsys)
    assert verdicts(data)["DG101"] == "refuted"
    assert code == 0
    code, _ = verify(tmp_path, str(tmp_path / "i.tar"), "--fail-on-unverified", capsys=capsys)
    assert code == (1 if "not verifiable" in verdicts(data).values() else 0)


def test_a_file_that_held_no_secret_then_is_refuted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(tmp_path)
    layers: tuple[Files, ...] = ({"app/.env": b"PORT=80\n"}, *LEAKING[1:])
    code, data = verify(tmp_path, archive(tmp_path / "i.tar", layers, HISTORY), capsys=capsys)
    verdict = next(finding["verdict"] for finding in data["findings"] if finding["code"] == "DG101")
    assert (verdict["kind"], code) == ("refuted", 0)
    assert verdict["reason"].endswith("holds it, but no secret was found in it")
    assert [piece["path"] for piece in verdict["evidence"]] == ["/app/.env"]


def test_one_of_two_secrets_is_enough_to_confirm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(tmp_path)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("RUN rm /app/.env\n", "RUN rm /app/.env /app/other.env\n"))
    (tmp_path / "other.env").write_bytes((tmp_path / ".env").read_bytes())
    code, data = verify(tmp_path, archive(tmp_path / "i.tar", LEAKING, HISTORY), capsys=capsys)
    verdict = next(finding["verdict"] for finding in data["findings"] if finding["code"] == "DG101")
    assert (verdict["kind"], code) == ("confirmed", 1)
    assert verdict["reason"].startswith("1 of 2: ")


def test_a_secret_that_a_variable_had_once_is_in_the_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM scratch\nCOPY a /a\nENV API_TOKEN={GITLAB}\nENV API_TOKEN=\n")
    (tmp_path / "a").write_text("a")
    history = (("COPY a /a # buildkit", False), (f"ENV API_TOKEN={GITLAB}", True), ("ENV API_TOKEN=", True))
    code, data = verify(tmp_path, archive(tmp_path / "i.tar", ({"a": b"a"},), history), capsys=capsys)
    assert (verdicts(data)["DG110"], code) == ("confirmed", 1)


def test_another_image_verifies_nothing_and_it_is_said_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story(tmp_path)
    image = archive(tmp_path / "i.tar", LEAKING, [(f"RUN /bin/sh -c other {i} # buildkit", False) for i in range(3)])
    code, data = verify(tmp_path, image, capsys=capsys)
    assert (code, data["verification"]["belongs"]) == (0, False)
    assert set(verdicts(data).values()) == {"not verifiable"}
    more = ("--select", "DG901", "--fail-on-unverified")
    assert verify(tmp_path, image, *more, capsys=capsys)[0] == 1  # nothing was found, and nothing was verified
    main(["verify", str(tmp_path), "--image", image, "--isolated"])
    first = capsys.readouterr().out.splitlines()[0]
    assert first.endswith("was not built from this Dockerfile")


def test_lines_and_arguments_that_differ_are_told_at_their_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story(tmp_path)
    history = [(text.replace("VERSION=1 /bin/sh -c compile", "VERSION=2 /bin/sh -c make"), e) for text, e in HISTORY]
    _, data = verify(tmp_path, archive(tmp_path / "i.tar", LEAKING, history), capsys=capsys)
    found = [(each["start"]["line"], each["message"]) for each in data["verification"]["differences"]]
    assert found == [
        (4, "the image was built with: RUN |1 VERSION=2 /bin/sh -c make $VERSION # buildkit"),
        (2, "the image was built with another value of VERSION"),
    ]


def test_the_target_that_the_image_was_built_with_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM scratch AS one\nCOPY a /a\nCOPY b /b\nFROM scratch AS two\nCOPY c /c\nCOPY d /d\nCOPY e /e\n"
    )
    history = [("COPY a /a # buildkit", False), ("COPY b /b # buildkit", False)]
    _, data = verify(tmp_path, archive(tmp_path / "i.tar", ({"a": b""}, {"b": b""}), history), capsys=capsys)
    assert data["verification"]["target"] == "one"


def test_the_last_stage_is_named_when_another_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM scratch AS one\nCOPY a /a\nCOPY b /b\nFROM scratch\nCOPY c /c\nCOPY d /d\n"
    )
    history = [("COPY c /c # buildkit", False), ("COPY d /d # buildkit", False)]
    image = archive(tmp_path / "i.tar", ({"c": b""}, {"d": b""}), history)
    _, data = verify(tmp_path, image, "--target", "one", capsys=capsys)
    assert data["verification"]["target"] == ""
    assert data["verification"]["differences"] == data["verification"]["unknown"] == []
    main(["verify", str(tmp_path), "--image", image, "--target", "one", "--isolated"])
    assert (
        capsys.readouterr()
        .out.splitlines()[0]
        .endswith(" was built from another stage: it looks like a build without --target")
    )


def test_a_line_that_is_new_since_is_told_at_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(tmp_path)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("USER app", "ENV A=1\nUSER app"))
    _, data = verify(tmp_path, archive(tmp_path / "i.tar", LEAKING, HISTORY), capsys=capsys)
    found = [(each["start"]["line"], each["message"]) for each in data["verification"]["differences"]]
    assert found == [(6, "the image was built without this ENV")]


def test_an_argument_that_only_the_image_was_given_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(tmp_path)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("VERSION=1", "VERSION"))
    history = [("ARG VERSION", True), *HISTORY[1:]]
    image = archive(tmp_path / "i.tar", LEAKING, history)
    _, data = verify(tmp_path, image, capsys=capsys)
    found = [(each["start"]["line"], each["message"]) for each in data["verification"]["differences"]]
    assert found == [(2, "the image was built with a value of VERSION, here it has none")]
    _, data = verify(tmp_path, image, "--build-arg", "VERSION=1", capsys=capsys)
    assert data["verification"]["differences"] == []


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("plain", "json", *REVIEWS)])
def test_every_format_tells_the_verdicts_and_whether_the_image_fits(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story(tmp_path)
    told = []
    for layers in (LEAKING, CLEAN):
        image = archive(tmp_path / "i.tar", layers, HISTORY)
        main(["verify", str(tmp_path), "--image", image, "--isolated", "--select", "DG101", "--format", form])
        captured = capsys.readouterr()
        assert "3 layers of this Dockerfile" in captured.err
        told.append(captured.out)
    assert "confirmed" in told[0]
    assert "layer 0 (" in told[0]
    assert "sha256:" in told[0]
    assert "/app/.env: " in told[0]
    assert "refuted" in told[1]
    assert told[0].count("error") > told[1].count("error") or form in ("gitlab", "sonarqube", "rdjson", "rdjsonl")


def test_what_the_image_shows_is_told_at_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(tmp_path)
    (tmp_path / ".env").unlink()
    leaking: tuple[Files, ...] = ({"app/.env": f"API_TOKEN={GITLAB}".encode()}, *LEAKING[1:])
    image = archive(tmp_path / "i.tar", leaking, HISTORY)
    code = main(["verify", str(tmp_path), "--image", image, "--isolated", "--select", "DG901", "--format", "github"])
    assert code == 1
    told = capsys.readouterr().out
    assert told.startswith(f"::error file={tmp_path}/Dockerfile,line=3,")
    assert re.search(r"\[confirmed: the image shows it; sha256:[0-9a-f]{12} /app/.env: it is there\]", told)


@pytest.mark.parametrize(
    ("image", "says"),
    [("none.tar", "does not exist; expected an image archive"), ("Dockerfile", "Dockerfile: is no tar archive")],
)
def test_what_is_no_image_is_one_message(
    image: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story(tmp_path)
    assert main(["verify", str(tmp_path), "--image", str(tmp_path / image), "--isolated"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert says in captured.err


SETTINGS = 'PASSWORDS = {"DB_PASSWORD": "kT7-wq2.Zb9"}\nSECRET_KEY = "w0#7k$-mf2!v9xq^t4&z_hb6(3r8@ynde5+ju1l"\n'


@pytest.mark.parametrize(
    ("arrived", "password", "key"),
    [
        (SETTINGS, "confirmed", "confirmed"),
        ("# moved\n" + SETTINGS.replace("SECRET_KEY = ", "SECRET_KEY = ENV or "), "confirmed", "confirmed"),
        (SETTINGS.replace('"kT7-wq2.Zb9"', 'os.environ["X"]'), "refuted", "confirmed"),
        ("import os\n", "refuted", "refuted"),
        ("print 'Python 2'\n" + SETTINGS, "not verifiable", "not verifiable"),
        (None, "refuted", "refuted"),
    ],
    ids=["as it was", "another line and form", "mended in part", "mended", "no Python", "not there"],
)
def test_a_credential_in_python_is_looked_for_in_the_file_of_the_layer(
    arrived: str | None,
    password: str,
    key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With and without what the cache remembers, which the file's content is never part of."""
    monkeypatch.setenv("DFGUARD_CACHE_DIR", str(tmp_path / "cache"))
    app = tmp_path / "app"
    app.mkdir()
    story(app)
    (app / "settings.py").write_text(SETTINGS)
    layers = [{"app/x": b"1"} | ({"app/settings.py": arrived.encode()} if arrived else {}), *CLEAN[1:]]
    image = archive(tmp_path / "i.tar", layers, HISTORY)
    for _ in range(2):
        _, data = verify(app, image, "--select", "DG120,DG122", capsys=capsys)
        assert verdicts(data) == {"DG120": password, "DG122": key}
    kept = list((tmp_path / "cache").glob("*.kept"))
    assert len(kept) == 3
    assert not any(b"kT7-wq2" in zlib.decompress(file.read_bytes().split(b"\n", 1)[1][32:]) for file in kept)


def test_a_python_heredoc_is_looked_for_in_the_file_that_it_became(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = tmp_path / "app"
    app.mkdir()
    body = 'MAIL_PASSWORD = "correct-Horse-7-battery"\n'
    (app / "Dockerfile").write_text(f"FROM scratch\nCOPY <<EOF /srv/settings.py\n{body}EOF\n")
    history = (("COPY <<EOF /srv/settings.py # buildkit", False),)
    for text, kind in ((body, "confirmed"), ("MAIL_PASSWORD = None\n", "refuted")):
        image = archive(tmp_path / "i.tar", ({"srv/settings.py": text.encode()},), history)
        _, data = verify(app, image, "--select", "DG121", capsys=capsys)
        assert verdicts(data) == {"DG121": kind}
