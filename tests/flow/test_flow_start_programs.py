"""What a container starts with, and what may be at a path although no instruction is known to bring it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dfguard import catalog
from dfguard.context.invocation import Invocation
from dfguard.context.tree import read_context
from dfguard.dockerfile.parse import parse
from dfguard.finding import Confidence
from dfguard.flow.start_programs import StartProgram
from dfguard.flow.unfollowed import covers, may_hold
from dfguard.source import Source
from dfguard.testing import findings
from dfguard.unit import Unit

FILES = {"run.sh": b"#!/bin/sh\r\nexec x\n", "app": b"\x7fELF\0"}


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def unit(text: str, context: Path | None = None) -> Unit:
    place = str(context) if context else None
    invocation = Invocation("default", "Dockerfile", place)
    return Unit(parse(Source("Dockerfile", text)), invocation, lambda _: read_context(place) if place else None)


def programs(text: str, context: Path | None = None) -> list[StartProgram]:
    return list(unit(text, context).start_programs)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ('ENTRYPOINT ["/run.sh"]\nCMD ["app"]', ["/run.sh"]),
        ('ENTRYPOINT ["tini", "--"]\nCMD ["/run.sh"]', ["/run.sh"]),
        ("CMD /run.sh --now", ["/run.sh"]),
        ("CMD exec /run.sh", ["/run.sh"]),
        ('CMD ["bash", "run.sh", "-x"]', ["run.sh", "bash"]),
        ('CMD ["sh", "-c", "/run.sh && /app"]', ["/run.sh"]),
        ("CMD cd /srv && ./run.sh", []),
        ('CMD ["/a"]\nCMD ["/b"]', ["/b"]),
        ("CMD test -f /x || /run.sh", ["test"]),
        ('CMD ["app.wasm"]', []),
        ("CMD []", []),
    ],
)
def test_the_programs_of_a_start(start: str, words: list[str]) -> None:
    found = [program.word for program in programs(f"FROM debian:12.8\n{start}\n")]
    assert found[: len(words) or None] == words


def test_the_file_of_a_program_is_found_by_path_working_directory_link_and_search(context: Path) -> None:
    text = "FROM debian:12.8\nCOPY run.sh /usr/local/bin/go\nRUN ln -s /usr/local/bin/go /start\nWORKDIR /usr/local\n"
    for word in ("/usr/local/bin/go", "bin/go", "/start", "go"):
        (found,) = programs(f'{text}CMD ["{word}"]\n', context)
        assert found.path == "/usr/local/bin/go"
        assert found.head == FILES["run.sh"]
        assert found.shebang == "/bin/sh\r"
        assert found.sure


def test_content_that_a_command_changes_is_not_told(context: Path) -> None:
    text = 'FROM debian:12.8\nCOPY run.sh /\nRUN sed -i s/a/b/ /run.sh\nCMD ["/run.sh"]\n'
    (found,) = programs(text, context)
    assert found.added is not None
    assert found.head is None


def test_stages_that_others_are_from_are_left_to_those(context: Path) -> None:
    text = 'FROM debian:12.8 AS a\nCMD ["/x"]\nFROM a\nCOPY run.sh /x\nUSER 7\nFROM debian:12.8\nCMD ["/y"]\n'
    first, second = programs(text, context)
    assert (first.stage.index, first.word, first.user, first.added is not None) == (1, "/x", "7", True)
    assert (second.stage.index, second.word, second.user, second.added) == (2, "/y", "root", None)


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        ("COPY --from=example.com/x:1 /out /srv/", "/srv/bin/sh", True),
        ("COPY --from=example.com/x:1 /out /srv/out", "/srv/bin/sh", False),
        ("COPY --from=example.com/x:1 / /", "/bin/sh", True),
        ("ADD rootfs.tar.gz /", "/bin/sh", True),
        ("ADD rootfs.tar.gz /opt/rootfs.tar.gz", "/bin/sh", False),
        ("COPY run.sh /", "/bin/sh", False),
        ("RUN ./unknown", "/bin/sh", True),
        ("RUN mkdir /bin", "/bin/sh", False),
    ],
)
def test_what_may_be_at_a_path(lines: str, path: str, expected: bool, context: Path) -> None:
    built = unit(f"FROM scratch\n{lines}\n", context)
    (played,) = built.flow.stages
    assert may_hold(built.flow, played.stage, path) is expected


def test_runs_can_be_left_out() -> None:
    built = unit("FROM scratch\nRUN ./unknown\n")
    assert not may_hold(built.flow, built.flow.stages[0].stage, "/bin/sh", runs=False)


def test_a_folder_covers_what_is_below_it_and_no_neighbour() -> None:
    assert covers("/opt/a", "/opt/a/b")
    assert covers("/opt/a", "/opt/a")
    assert not covers("/opt/a", "/opt/ab")
    assert covers("**/a", "/x")


def test_a_mode_that_only_this_checkout_lost_is_told_with_low_confidence(context: Path) -> None:
    text = 'FROM debian:12.8\nCOPY run.sh /\nCMD ["/run.sh"]\n'
    (entry,) = catalog.find("DG744")
    (context / "run.sh").chmod(0o644)
    assert [f.confidence for f in findings(entry, text, context)] == [Confidence.HIGH]
    (context / "run.sh").chmod(0o755)
    for words in (["init", "-q"], ["add", "run.sh"]):
        subprocess.run(["git", "-C", str(context), *words], check=True)
    (context / "run.sh").chmod(0o644)
    assert [f.confidence for f in findings(entry, text, context)] == [Confidence.LOW]
