"""What later layers make vain: by which instruction, in which way, and how many bytes."""

from __future__ import annotations

from pathlib import Path

from played import context_of, unit_of

from dfguard.flow.losses import losses

FILES = {"a.bin": b"x" * 5000, "b.bin": b"y" * 700, "c/d.bin": b"z" * 30}


def told(text: str, root: Path) -> list[tuple[str, int, int, int, int]]:
    """(how, line that brings, line that makes vain, files, bytes) of each loss."""
    unit = unit_of(text, context_of(root, FILES))
    return [
        (loss.how, loss.place.start_line, loss.cause.start_line, len(loss.files), loss.size)
        for loss in losses(unit.flow, unit.script)
    ]


def test_files_of_one_word_are_one_loss(tmp_path: Path) -> None:
    text = "FROM busybox\nCOPY a.bin c /srv/\nRUN rm -r /srv\n"
    assert told(text, tmp_path) == [("removed", 2, 3, 1, 5000), ("removed", 2, 3, 1, 30)]


def test_what_replaces_edits_moves_and_gives_away(tmp_path: Path) -> None:
    text = (
        "FROM busybox\nCOPY a.bin /srv/x\nCOPY b.bin /srv/x\nRUN sed -i s/y/z/ /srv/x\n"
        "RUN chown 1 /srv/x && chmod 600 /srv/x\nRUN mv /srv/x /opt/\n"
    )
    assert told(text, tmp_path) == [
        ("replaced", 2, 3, 1, 5000),
        ("edited", 3, 4, 1, 700),
        ("attributes", 3, 5, 1, 700),
        ("moved", 3, 6, 1, 700),
    ]


def test_over_stages_but_not_in_those_that_stay_behind(tmp_path: Path) -> None:
    other = "FROM busybox AS other\nCOPY b.bin /\nRUN rm /b.bin\n"
    text = f"FROM busybox AS base\nCOPY a.bin /\n{other}FROM base\nRUN rm /a.bin\n"
    assert told(text, tmp_path) == [("removed", 2, 7, 1, 5000)]


def test_the_same_instruction_loses_nothing(tmp_path: Path) -> None:
    fetch = "curl -o /a.tgz http://example.com/a.tgz"
    text = f"FROM busybox\nRUN {fetch} && chown 1 /a.tgz && rm /a.tgz\nRUN rm -f /a.tgz\n"
    assert told(text, tmp_path) == []
