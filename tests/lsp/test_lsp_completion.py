"""Completion over real stdio: what is offered in half-typed lines, and what stands there once it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from editor import Editor, editor, offset_in, place_in, run
from lsprotocol import types

ABOVE = """\
# syntax=docker/dockerfile:1
ARG VERSION=12.8
FROM debian:${VERSION}-slim AS build
ARG TARGET_DIR
"""
BELOW = '\nUSER 1000\nCMD ["true"]\n'
CASES = (
    # what is typed, one of the words that are offered, the lines once it is taken
    ("", "HEALTHCHECK", "HEALTHCHECK"),
    ("co", "COPY", "COPY"),
    ("ONBUILD CO", "COPY", "ONBUILD COPY"),
    ("HEALTHCHECK --interval=5s ", "CMD", "HEALTHCHECK --interval=5s CMD"),
    ("COPY -", "--chown=", "COPY --chown="),
    ("COPY --link --ch", "--chmod=", "COPY --link --chmod="),
    ("COPY \\\n  # why\n  --ch", "--chmod=", "COPY \\\n  # why\n  --chmod="),
    ("COPY --from=b", "build", "COPY --from=build"),
    ("COPY --from=", "build", "COPY --from=build"),
    ("FROM b", "build", "FROM build"),
    ("FROM debian ", "AS", "FROM debian AS"),
    ("WORKDIR /${TAR", "TARGET_DIR", "WORKDIR /${TARGET_DIR"),
    ('LABEL 😀="漢字" dir=$T', "TARGET_DIR", 'LABEL 😀="漢字" dir=$TARGET_DIR'),
    ("RUN <<EOF\necho 漢字 $T\nEOF", "TARGET_DIR", "RUN <<EOF\necho 漢字 $TARGET_DIR\nEOF"),
    ("RUN --mount=", "type=", "RUN --mount=type="),
    ("RUN --mount=type=se", "secret", "RUN --mount=type=secret"),
    ("RUN --mount=type=bind,from=", "build", "RUN --mount=type=bind,from=build"),
    ("RUN --mount=type=cache,tar", "target=", "RUN --mount=type=cache,target="),
    ("RUN --mount=type=cache,sharing=l", "locked", "RUN --mount=type=cache,sharing=locked"),
    ("COPY my-app.p", "my-app.py", "COPY my-app.py"),
    ("COPY .env.ex", ".env.example", "COPY .env.example"),
    ("COPY s", "src/", "COPY src/"),
    ("COPY my-app.py ./src/", "main.go", "COPY my-app.py ./src/main.go"),
    ("ADD src/漢", "漢字😀.txt", "ADD src/漢字😀.txt"),
    ('COPY --link ["src/a', "a b.txt", 'COPY --link ["src/a b.txt'),
    ('COPY ["my-app.py", "src/', "main.go", 'COPY ["my-app.py", "src/main.go'),
)
NOTHING = (
    "# CO", "RUN ls --", "RUN ls ", "COPY <<EOF /x\nCO\nEOF", "COPY <<EOF /x\nFROM \nEOF", "FROM debian AS ",
    "RUN --mount=type=cache,target=", "HEALTHCHECK CMD curl -", "COPY --from=build a",
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    for name in ("my-app.py", ".env.example", "dropped.log", "src/main.go", "src/漢字😀.txt", "src/a b.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / ".dockerignore").write_text("*.log\n.git\n")
    (tmp_path / "Dockerfile").write_text(ABOVE + BELOW)
    return tmp_path


async def offered(at: Editor, uri: str, typed: str) -> tuple[types.CompletionList, int]:
    """What is offered behind something that was typed (before the end of a heredoc), and where that is."""
    at.rewrite(uri, ABOVE + typed + BELOW)
    end = len(ABOVE) + len(typed.removesuffix("\nEOF"))
    where = place_in(at.texts[uri], end, at.encoding)
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), where)
    return await at.client.text_document_completion_async(params), end


def taken(at: Editor, uri: str, item: types.CompletionItem, end: int) -> str:
    """The text once an entry is taken."""
    assert isinstance(item.text_edit, types.TextEdit)
    text, where = at.texts[uri], item.text_edit.range
    start, stop = (offset_in(text, place, at.encoding) for place in (where.start, where.end))
    assert stop == end, "an entry replaces what stands before the cursor only"
    return text[:start] + item.text_edit.new_text + text[stop:]


@pytest.mark.parametrize("client", ["neovim@v0.11.0", "visual-studio-code@v1.65.2"])
def test_what_is_taken_stands_there_once(client: str, project: Path) -> None:
    async def play() -> None:
        async with editor(project, client) as at:
            uri = at.open(project / "Dockerfile")
            wrong = []
            for typed, word, lines in CASES:
                found, end = await offered(at, uri, typed)
                item = next((one for one in found.items if one.label == word), None)
                if item is None or taken(at, uri, item, end) != ABOVE + lines + BELOW:
                    wrong.append((typed, word, [one.label for one in found.items]))
                assert {one.insert_text_format for one in found.items} <= {None, types.InsertTextFormat.PlainText}
            assert not wrong

    run(play())


def test_where_nothing_is_known_and_in_files_that_have_just_begun(project: Path) -> None:
    async def play() -> None:
        async with editor(project) as at:
            uri = at.open(project / "Dockerfile")
            for typed in NOTHING:
                assert not (await offered(at, uri, typed))[0].items, typed
            found, _ = await offered(at, uri, "COPY ")
            files = {"Dockerfile", ".dockerignore", "my-app.py", ".env.example", "src/"}
            assert {one.label for one in found.items} == files
            found, _ = await offered(at, uri, "COPY src/a")
            assert {one.label for one in found.items} == {"main.go", "漢字😀.txt"}, "a blank would part the name"
            stage = "FROM x AS a\r\nCOPY --from="
            for text, word in (("", "FROM"), ("\n# x\nFRO", "FROM"), (ABOVE + "RUN <<EOF\n", ""), (stage, "a")):
                at.rewrite(uri, text)
                where = place_in(text, len(text), at.encoding)
                params = types.CompletionParams(types.TextDocumentIdentifier(uri), where)
                found = await at.client.text_document_completion_async(params)
                assert (word in {one.label for one in found.items}) is bool(word), (text, found)

    run(play())


def test_of_very_many_files_those_are_offered_that_fit(project: Path) -> None:
    for number in range(500):
        (project / "src" / f"file-{number}.c").write_text("")

    def labels(found: types.CompletionList) -> Iterator[str]:
        return (one.label for one in found.items)

    async def play() -> None:
        async with editor(project) as at:
            uri = at.open(project / "Dockerfile")
            found, _ = await offered(at, uri, "COPY src/")
            assert found.is_incomplete
            assert len(found.items) == 200
            found, _ = await offered(at, uri, "COPY src/FILE-49")
            assert {"file-49.c", "file-499.c"} <= set(labels(found)) <= {f"file-{n}.c" for n in (49, *range(490, 500))}

    run(play())
