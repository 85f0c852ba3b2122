"""A Dockerfile that was edited, read from the one before: only what lies around the edit is read, the rest is moved.

A line of a Dockerfile means the same wherever it stands, once the directives are over: what an item is depends on its
own lines and on the escape character, and where an item ends another one begins.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from dfguard.dockerfile.directives import frontend, is_foreign
from dfguard.dockerfile.nodes import Dockerfile, Instruction, Problem, Unknown
from dfguard.dockerfile.parse import Reading, parse
from dfguard.dockerfile.scan import MAX_LINE, Scan, scan_part
from dfguard.moving import Mover
from dfguard.source import Source

_OF_THE_FILE = frozenset(("nul", "empty-file", "no-stage"))


def parse_again(before: Dockerfile, source: Source) -> Dockerfile:
    """As `parse(source)`; `before` is an earlier reading of a text that is much the same."""
    return _patched(before, source) or parse(source)


def _patched(before: Dockerfile, source: Source) -> Dockerfile | None:
    """The Dockerfile, None where an edit may change what stands far from it."""
    old, text = before.source.text, source.text
    if is_foreign(frontend(before.source)) != is_foreign(frontend(source)) or _has_long_line(old, text):
        return None
    same = _alike(old, text)
    alike_behind = _alike_behind(old, text, min(len(old), len(text)) - same)
    lines = [_line_start(old, item.span.start) for item in before.items]
    kept = min(bisect_right(lines, same), len(lines)) - 1  # the item that begins last in what has not changed is read
    by = len(text) - len(old)
    first = bisect_left(lines, len(old) - alike_behind)
    if kept < 1 or not any(isinstance(item, Instruction) for item in before.items[:kept]):
        return None
    ends = {line + by: at for at, line in enumerate(lines) if at >= max(first, kept)}
    scanned, end = scan_part(source, lines[kept], before.escape, ends)
    return _joined(
        before,
        source,
        scanned,
        (kept, lines[kept]),
        (ends[end], end - by) if end in ends else (len(lines), len(old) + 1),
    )


def _joined(
    before: Dockerfile, source: Source, scanned: Scan, head: tuple[int, int], tail: tuple[int, int]
) -> Dockerfile | None:
    """What stands in front of the edit, what was scanned, and what stands behind it: items and offsets of `before`."""
    still = Mover(before.source, source, 0)
    behind = Mover(before.source, source, len(source.text) - len(before.source.text))
    reading = Reading(source, before.escape)
    reading.add(still.moved(before.items[: head[0]]), still.moved(_problems(before, 0, head[1])))
    reading.take(scanned)
    rest = before.items[tail[0] :]
    following = next((item for item in rest if isinstance(item, Instruction)), None)
    if following is not None and not _follows(following, reading, before):
        return None
    reading.add(behind.moved(rest), behind.moved(_problems(before, tail[1], len(before.source.text) + 1)))
    return reading.finish(still.moved(before.directives))


def _follows(following: Instruction, reading: Reading, before: Dockerfile) -> bool:
    """Whether an instruction has the place in the file that it had, and nothing to say of the one above it."""
    if isinstance(following, Unknown) or following.index != len(reading.instructions):
        return False
    return reading.instructions[-1].stage_index == before.instructions[following.index - 1].stage_index


def _problems(before: Dockerfile, start: int, end: int) -> tuple[Problem, ...]:
    """The problems that begin in a part of the text, without those of the file as a whole."""
    return tuple(
        problem for problem in before.problems if start <= problem.span.start < end and problem.kind not in _OF_THE_FILE
    )


def _has_long_line(*texts: str) -> bool:
    """Whether a line may be longer than BuildKit reads, of which only the first one is told."""
    return any(len(text) > MAX_LINE // 4 and max(map(len, text.split("\n"))) > MAX_LINE // 4 - 1 for text in texts)


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _alike(left: str, right: str) -> int:
    """How many characters are the same from the start."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _alike_behind(left: str, right: str, most: int) -> int:
    """How many characters are the same from the end, at most `most`."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if left[len(left) - middle : len(left) - low] == right[len(right) - middle : len(right) - low]:
            low = middle
        else:
            high = middle - 1
    return low
