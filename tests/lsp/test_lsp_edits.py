"""Whatever is edited, the server says what a check of the same texts from scratch says."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from dfguard.finding import Finding
from dfguard.lsp.documents import BUILD, CONFIG, DOCKERFILE, IGNORE
from dfguard.lsp.project import Project, texts_of
from dfguard.lsp.settings import ClientSettings

EDITS = 400 if os.environ.get("DFGUARD_FULL") else 80
DOCKERFILES = (
    """\
# syntax=docker/dockerfile:1
ARG NODE=22
FROM node:${NODE}-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
# dfguard: ignore DG301: later
RUN apt-get update && apt-get install -y curl git \\
    && rm -rf /var/lib/apt/lists/*
RUN cp web/app.js /tmp/ && chmod +x run.sh && rm -f secret/.env
FROM debian:12-slim
ENV API_TOKEN=$TOKEN PATH=/srv:$PATH
COPY --from=build /src /srv
COPY --chown=1000:1000 secret/ /srv/secret/
USER 1000
CMD ["node", "/srv/web/app.js"]
""",
    """\
FROM python:3.12 as base
ARG TOKEN
WORKDIR /app
ADD requirements.txt .
RUN pip install -r requirements.txt
COPY <<EOF /app/settings.py
PASSWORD = "$TOKEN"
EOF
COPY web web
RUN cd web && mv app.js main.js; sudo ls
FROM base
COPY . /app
RUN chown -R app /app
ENTRYPOINT python settings.py
""",
)
IGNORES = ("", ".git\nnode_modules\n", "secret\n!secret/keep\n*.log\n", "**/*.js\n", "*\n!web\n", "web/\n")
CONFIGS = ("", 'disable = ["DG301"]\n', "[rules.DG239]\nmegabytes = 1\n", "disable = [\n", 'severity = "error"\n')
COMPOSES = (
    "services:\n  web:\n    build: .\n",
    "services:\n  web:\n    build:\n      context: .\n      target: build\n",
    "services:\n  web:\n    build:\n      context: web\n      dockerfile: ../Dockerfile\n",
    "services:\n  web:\n    build:\n      context: .\n      args:\n        TOKEN: abc\n        NODE: 20\n",
    "services: {}\n",
)
FILES = ("web/app.js", "web/node_modules/a.js", "secret/.env", "run.sh", "a.log", "web/settings.py", "secret/id_rsa")
TEXT = ("\n", " ", "\\\n", "#", "$X", "${NODE:-1}", "&& true ", "x", "😀", "'", "COPY . /z\n", "RUN sudo ls\n", "\r\n")
Told = dict[str, tuple[tuple[Finding, ...], object, object]]


LINES = (
    "# a remark",
    "LABEL a=b",
    "ARG TOKEN=x",
    "ENV NODE=20 TOKEN=$TOKEN",
    "WORKDIR /elsewhere",
    "USER 1000",
    "FROM build AS more",
    "COPY web/ /src/web/",
    "COPY . /src",
    "COPY --from=build /src /again",
    "RUN rm -rf web secret && mv run.sh /usr/bin/",
    "RUN chmod -R go-w /src && chown -R 1:1 /srv/secret",
)
NAMES = (("build", "other"), ("base", "bottom"), ("/src", "/code"), ("/srv", "/src"), ("TOKEN", "NODE"), ("web", "."))


class Editing:
    """A folder, and what an editor holds of it."""

    def __init__(self, root: Path, rng: random.Random) -> None:
        self.root, self.rng = root, rng
        for path in (*FILES, "package.json", "package-lock.json", "requirements.txt"):
            self.write(path)
        (root / ".git").mkdir()
        self.texts = {
            "Dockerfile": rng.choice(DOCKERFILES),
            ".dockerignore": IGNORES[1],
            "dfguard.toml": CONFIGS[0],
            "compose.yaml": COMPOSES[0],
        }
        for name, text in self.texts.items():
            (root / name).write_text(text)

    def write(self, path: str) -> None:
        """A file of the context: dull, or with what looks like a secret."""
        token = "ghp_" + "".join(self.rng.choice("abcdefgh0123456789ABCDEF") for _ in range(36))
        content = self.rng.choice(("value = 1\n", f"password = '{token}'\n", ""))
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(content)

    def edit(self) -> bool:
        """Change something; whether it was a file on disk."""
        kind = self.rng.randrange(20)
        if kind == 0:
            path = self.rng.choice(FILES)
            if (self.root / path).exists() and self.rng.random() < 0.5:
                (self.root / path).unlink()
            else:
                self.write(path)
            return True
        if kind == 1:
            self.texts[".dockerignore"] = self.rng.choice(IGNORES)
        elif kind == 2:
            self.texts["dfguard.toml"] = self.rng.choice(CONFIGS)
        elif kind == 3:
            self.texts["compose.yaml"] = self.rng.choice(COMPOSES)
        elif kind == 4:
            self.texts["Dockerfile"] = self.rng.choice(DOCKERFILES)
        else:
            self.texts["Dockerfile"] = self.typed(self.texts["Dockerfile"])
        return False

    def typed(self, text: str) -> str:
        """The text with a line doubled, dropped, swapped or commented out, or with something typed or deleted.

        Also with a line of another kind put in, or something called otherwise, in one place or in all.
        """
        rng, lines = self.rng, text.split("\n")
        at = rng.randrange(len(lines))
        how = rng.randrange(11)
        if how == 0:
            lines.insert(at, rng.choice(lines))
        elif how == 1 and len(lines) > 5:
            del lines[at]
        elif how == 2:
            lines.insert(at, lines.pop(rng.randrange(len(lines))))
        elif how == 3:
            lines[at] = "# " + lines[at]
        elif how in (8, 9):
            lines.insert(rng.choice((at, 3, len(lines) - 1)), rng.choice(LINES))
        elif how == 10:
            before, after = rng.choice(NAMES)[:: rng.choice((1, -1))]
            return text.replace(before, after, rng.choice((1, 2, -1)))
        else:
            text, place = "\n".join(lines), rng.randrange(len(text) + 1)
            return text[:place] + rng.choice(TEXT) + text[place + rng.choice((0, 0, 0, 1, 3)) :]
        return "\n".join(lines)

    def told(self, project: Project, *, thorough: bool) -> Told:
        """What a project says of each file."""
        kinds = {"Dockerfile": DOCKERFILE, ".dockerignore": IGNORE, "compose.yaml": BUILD, "dfguard.toml": CONFIG}
        opened = [(str(self.root / name), kinds[name], text) for name, text in self.texts.items()]
        project.take(texts_of(opened), thorough=thorough)
        for job in project.jobs:
            project.check(job)
        project.check_ignore_files()
        paths = sorted({*project.paths, *(os.path.realpath(path) for path, _, _ in opened)})
        told: Told = {path: (project.findings(path), project.errors(path), _read(project, path)) for path in paths}
        if self.rng.random() < 0.5:
            project.clear()
        return told


def _read(project: Project, path: str) -> object:
    """What hovers and completion are made of: each build with its commands and what it takes."""
    return [
        (
            one.invocation,
            one.dockerfile.but(source=None),
            [command for command, _ in one.commands],
            [(taking.instruction, [file.path for file in taking.files]) for taking in one.takings],
            len(one.flow.stages),
        )
        for one in project.units(path)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_server_that_lives_on_says_what_a_new_one_says(tmp_path: Path, seed: int) -> None:
    editing = Editing(tmp_path, random.Random(f"edits {seed}"))
    living = Project(str(tmp_path), ClientSettings())
    editing.told(living, thorough=True)
    said = 0
    for number in range(EDITS):
        thorough = editing.edit()
        expected = editing.told(Project(str(tmp_path), ClientSettings()), thorough=True)
        found = editing.told(living, thorough=thorough)
        assert found == expected, (number, editing.texts)
        said += sum(len(findings) for findings, _, _ in found.values())
    assert said > EDITS
