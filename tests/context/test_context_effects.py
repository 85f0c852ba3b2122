"""Taking a line away, as the effects tell it, against a real walk without the line."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from types import FrameType

from dfguard.context.effects import IgnoreEffects
from dfguard.context.ignore import IgnoreFile, parse_ignore
from dfguard.context.tree import BuildContext, read_context
from dfguard.source import Source

FILES = ("a", "b.log", "src/a", "src/b.log", "src/gen/a", "src/gen/c.log", "docs/a", "docs/x/b.log", "docs/x/a")
LINES = (
    *("*", "*.log", "**/*.log", "src", "src/gen", "src/*", "src/**", "docs", "docs/x", "docs*", "a", "**/a", "b.log"),
    *("!src", "!src/gen", "!docs/a", "!**/a", "!src/*", "!docs/x/*.log", "!b.log", "**/gen", "docs/x/**"),
)


def state(context: BuildContext) -> list[tuple[str, bool, bool]]:
    """What the builder gets, and what it does not enter."""
    kept = [(entry.path, entry.hollow, False) for entry in context.files]
    return [*kept, *((entry.path, False, True) for entry in context.dropped if entry.pruned)]


def test_a_line_that_can_go_changes_nothing_in_a_real_walk(tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x")
    rng = random.Random(20261126)
    claims = 0
    for _ in range(600):
        ignore = parse_ignore(Source("i", "\n".join(rng.choices(LINES, k=rng.randint(2, 6))) + "\n"))
        context = read_context(str(tmp_path), ignore)
        effects = IgnoreEffects(context)
        for pattern in ignore.patterns:
            if not pattern.negated and effects.without(pattern) is not None:
                claims += 1
                assert state(read_context(str(tmp_path), less(ignore, pattern.index))) == state(context), (
                    [p.span.text for p in ignore.patterns],
                    pattern.text,
                )
    assert claims > 100


def test_lines_without_effect_are_told_in_linear_time(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"name{number}.log").touch()

    def work(count: int) -> int:
        text = "".join(f"name{number % 50}.*\n{number}.none\n" for number in range(count // 4)) + "*.log\n" * (
            count // 2
        )
        effects = IgnoreEffects(read_context(str(tmp_path), parse_ignore(Source("i", text))))
        steps = 0

        def count_calls(frame: FrameType, event: str, arg: object) -> None:
            nonlocal steps
            steps += 1

        sys.setprofile(count_calls)
        try:
            found = [effects.without(pattern) for pattern in effects.patterns]
        finally:
            sys.setprofile(None)
        assert found.count(()) + sum(map(bool, found)) > count // 4
        return steps

    assert work(800) < 3 * work(400)


def less(ignore: IgnoreFile, index: int) -> IgnoreFile:
    """The ignore file without one line."""
    lines = [pattern.span.text for pattern in ignore.patterns if pattern.index != index]
    return parse_ignore(Source("i", "\n".join(lines) + "\n"))
