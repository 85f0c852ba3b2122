"""Dockerfiles with faults put in: the same ones for the same seed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

ROOT = Path(__file__).parent.parent.parent
MOST_LINES = 30

# Lines that a parser may stumble over; each means something at one place and something else at another.
NASTY = [
    *("", "   ", "\t", "# c", "  # c", "#", "\\", "  \\", "\\ ", "`", "\r", "\u00a0", "\u3000# c", "\v", "\ufeff"),
    *("RUN", "CMD", "MAINTAINER", "EXPOSE", "ONBUILD", "ENV", "ARG", "FROM", "run x", "FROM a", "NONSENSE x"),
    *("RUN \\", "RUN a \\", "  b \\", "RUN a\\\\", "RUN a \\\\\\", "RU\\", "N a", "RUN a `", 'LABEL x="a \\', "b"),
    *("COPY <<EOF /x", "EOF", "RUN <<-EOT", "\tEOT", "EOT", "ADD <<'Q' /y", "Q", "COPY <<EOF <<EOF2 /z", "EOF2"),
    *("RUN cat <<E1 <<E2", "E1", "E2", 'RUN <<"A B"', "A B", "ONBUILD RUN <<EOF", "ONBUILD COPY <<EOF /x"),
    *("RUN 3<<EOF x", "RUN x3<<EOF", "RUN <<EOF#", "RUN a<<EOF", "RUN <<E\\OF", "RUN <<$X", "RUN <<", "RUN <<-", "$X"),
    *('RUN "<<EOF"', "RUN x '<<EOF'", 'RUN echo "a" <<EOF "', "RUN a <<EOF && b \\", "CMD <<EOF", "ENV A=<<EOF"),
    *("RUN <<EOF '", "RUN <<'E'O'F'", 'RUN <<"E\'F"', "E'F", "RUN <<E'O F'", "EO F", "RUN <<<EOF", "RUN <<EOF<<EOF2"),
    *(
        'RUN <<""',
        "RUN ${x@Q} <<EOF",
    ),
    *('RUN [ "a", \\', 'CMD ["a", "b"]', 'CMD ["a",]', "CMD []", "CMD [", 'RUN ["<<EOF"]'),
    *('CMD ["\\u00e9\\q"]', 'CMD ["\\ud800"]', "COPY [\"a b\", '/x']", 'COPY ["a b", "/x"]', 'SHELL ["sh"]'),
    *("HEALTHCHECK NONE", 'HEALTHCHECK --interval=5s CMD ["a"]', "HEALTHCHECK CMD a", "HEALTHCHECK CMD"),
    *(
        "RUN --mount=type=cache,target=/x a",
        "RUN --a='b c' --d=\\\" e",
        "COPY --from=a --link b c",
        "RUN -- a",
        "RUN --",
        "RUN --a",
    ),
    *(
        "RUN --a\\",
        "RUN --a=\\\\",
        "RUN --'a b'=c <<EOF",
        "COPY --chown=é:ü a b",
        "ONBUILD --x RUN --y <<EOF",
        "RUN --x=`' a' b",
    ),
    *("#escape=`", "# escape=\\", "# syntax=a/b", "# check=skip=all", "#Escape=`", "# sYntax = c # d"),
    *("ENV a b c", 'ENV a=\'b c\' d="e\\" f" g\\ h=i', "ENV a='b", "ENV =b", "LABEL a.b=c\\", "ARG a b=c d"),
    *(
        "ENV a=`b c",
        "ENV 'a b'=c",
        "EXPOSE 1 2/udp",
        "VOLUME /a /b",
        'VOLUME ["/a"]',
        "VOLUME []",
        "USER a b",
        "WORKDIR /a b",
        "STOPSIGNAL",
    ),
]
# Lines that end a comparison early: BuildKit refuses the file there, or a newer one reads it otherwise.
RARE = [
    *("LABEL a", "ENV a=b c", "ENV a =b", "ENV a", 'CMD ["a", 1]', "HEALTHCHECK x [1]", "# escape = x", "# escape=\\"),
    *(
        "RUN cat << EOF",
        "RUN <<\tEOF",
        "RUN <<${x:-EOF}",
        "RUN <<E${x}",
        'CMD ["a"] b',
        'RUN ["a"]<<EOF',
        "RUN <<NEVER",
        "COPY --chown=à a b",
    ),
]
LEFT_OUT = {
    *("heredoc-unterminated", "heredoc-lost-word-before-default", "json-nested", "json-of-other-things"),
    *("key-values-without-equals", "key-values-without-value", "json-text-behind", "heredoc-blank-before-name"),
}
_NAME = re.compile(r"<<-?[ \t]*[\"']?([A-Za-z0-9$]+(?: [A-Z]\b)?)")
BYTES = [b"\xe9", b"\xa0", b"\x85", b"\xff", b"\xc3", b"\xe2\x80"]


def originals() -> list[str]:
    """The committed Dockerfiles less those of the kinds above; what is no UTF-8 in them is held by surrogates."""
    paths = [*sorted((ROOT / "tests" / "corpus").iterdir()), *sorted((ROOT / "examples").rglob("Dockerfile*"))]
    return [path.read_bytes().decode("utf-8", "surrogateescape") for path in paths if path.stem not in LEFT_OUT]


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """`count` files, each a few lines of one or two originals with one to seven faults."""
    random, texts = Random(seed), originals()
    for _ in range(count):
        lines = _piece(random, random.choice(texts))
        if random.random() < 0.3:
            lines += _piece(random, random.choice(texts))
        if random.random() < 0.15:
            lines.insert(0, "# escape=`")
        for _ in range(random.randint(1, 7)):
            _mutate(random, lines)
        yield _finish(random, "\n".join(lines))


def _piece(random: Random, text: str) -> list[str]:
    lines = text.split("\n")
    start = random.randrange(max(1, len(lines) - MOST_LINES))
    return lines[start : start + MOST_LINES]


def _mutate(random: Random, lines: list[str]) -> None:
    at, kind = random.randrange(len(lines) + 1), random.random()
    if kind < 0.6 or at == len(lines):
        line = random.choice(RARE if random.random() < 0.05 else NASTY)
        lines.insert(at, line)
        if random.random() < 0.93:  # most heredocs are closed, or no file would get far
            for name in _NAME.findall(line):
                at = min(len(lines), at + 1 + random.randint(0, 3))
                lines.insert(at, name)
    elif kind < 0.68:
        lines[at] = lines[at].rstrip("\\` \t")
    elif kind < 0.78:
        lines[at] += random.choice([" ", ""]) + random.choice("\\\\`") + random.choice(["", " ", "\t", "\u00a0"])
    elif kind < 0.83:
        del lines[at]
    elif kind < 0.88:
        lines[at] += "\r"
    elif kind < 0.92:
        lines[at] = lines[at].split(" ")[0]
    else:
        cut = random.randint(0, len(lines[at]))
        piece = random.choice(["<<EOF ", "'", '"', "\\", "$", "${", "[", " ", "\t", "#", "--", "=", "é", "\u2003", "`"])
        lines[at] = lines[at][:cut] + piece + lines[at][cut:]


def _finish(random: Random, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if random.random() < 0.1:
        data = data.replace(b"\n", b"\r\n")
    if random.random() < 0.1:
        data = b"\xef\xbb\xbf" + data
    for _ in range(random.randint(1, 4) if random.random() < 0.1 else 0):
        cut = random.randint(0, len(data))
        data = data[:cut] + random.choice(BYTES) + data[cut:]
    return data
