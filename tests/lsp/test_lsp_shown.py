"""How things are shown: paths from the folder of the workspace, what may be drawn pale or struck out, what is sure."""

from __future__ import annotations

from pathlib import Path

import pytest
from editor import editor, run
from lsprotocol import types
from pytest_lsp import client_capabilities

DOCKERFILE = """\
FROM debian:12.8-slim
MAINTAINER Jane Doe <jane@example.com>
COPY . /srv/
USER 1000
CMD ["ls"]
CMD ["true"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / ".git").mkdir(parents=True)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / ".dockerignore").write_text(".git\n*.log\n")
    for name in ("app.py", "run.log", ".env"):
        (folder / name).write_text(f"API_TOKEN={'a1B2' * 5}\n" if name == ".env" else "")
    (folder / "api").mkdir()
    (folder / "api" / "Dockerfile").write_text("FROM scratch\nCOPY main /\nUSER 1000\n")
    (folder / "api" / "main").write_text("")
    (folder / "compose.yaml").write_text("services:\n  api:\n    build: api\n")
    return folder


@pytest.mark.parametrize("in_workspace", [True, False])
def test_no_path_of_the_machine_is_shown(in_workspace: bool, project: Path) -> None:
    async def play() -> None:
        async with editor(project if in_workspace else None, "visual-studio-code@v1.65.2") as at:
            uri, ignore = at.open(project / "Dockerfile"), at.open(project / ".dockerignore", language="ignore")
            api = at.open(project / "api" / "Dockerfile")
            shown = [each.message for each in await at.diagnostics(uri)]
            shown += [each.title for line in range(6) for each in await at.actions(uri, line)]
            copies, drops, main = await at.hover(uri, 2, 6), await at.hover(ignore, 1, 1), await at.hover(api, 1, 6)
            assert "from the build context `.`" in copies
            assert "of the build context `.`" in drops
            if in_workspace:
                assert "from the build context `api`" in main
            assert not [text for text in (*shown, copies, drops, main) if str(project) in text]

    run(play())


def test_what_does_nothing_is_pale_and_what_is_deprecated_is_struck_out(project: Path) -> None:
    able = client_capabilities("visual-studio-code@v1.65.2")

    async def tags(client: types.ClientCapabilities) -> dict[str, object]:
        async with editor(project, client) as at:
            uri = at.open(project / "Dockerfile")
            found = await at.diagnostics(uri, lambda each: {"DG708", "DG750"} <= {one.code for one in each})
            return {str(one.code): list(one.tags or ()) for one in found}

    async def play() -> None:
        found = await tags(able)
        assert found.pop("DG708") == [types.DiagnosticTag.Unnecessary]
        assert found.pop("DG750") == [types.DiagnosticTag.Deprecated]
        assert not any(found.values())
        assert able.text_document is not None
        assert able.text_document.publish_diagnostics is not None
        able.text_document.publish_diagnostics.tag_support = None
        assert not any((await tags(able)).values()), "it has not said that it knows tags"

    run(play())


def test_findings_of_low_confidence_are_shown_where_all_is_wanted(project: Path) -> None:
    (project / "Dockerfile").write_text("FROM example.com/base:1.2.3\nCOPY app.py /srv/\nRUN apt-get install -y curl\n")

    async def shown(settings: dict[str, object]) -> set[str]:
        async with editor(project, "emacs@v29.1", settings) as at:
            return {one.message for one in await at.diagnostics(at.open(project / "Dockerfile"))}

    async def play() -> None:
        usual, every = await shown({}), await shown({"preset": "all"})
        assert not any("low confidence" in message for message in usual)
        assert any("low confidence" in message for message in every)
        (project / "dfguard.toml").write_text('preset = "all"\n')
        assert await shown({}) == every

    run(play())
