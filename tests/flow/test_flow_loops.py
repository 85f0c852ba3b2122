"""`for` over known words: its commands are played once for each word."""

from __future__ import annotations

import pytest
from played import last, paths, reasons

SCRATCH = "FROM scratch\n"


def after(script: str, before: str = "") -> list[str]:
    return paths(last(f"{SCRATCH}{before}COPY a b c d /x/\nRUN {script}\n"))


@pytest.mark.parametrize(
    ("script", "left"),
    [
        ("for f in a b; do touch /$f; done", ["/a", "/b"]),
        ('for f in a "b c"; do touch "/$f"; done', ["/a", "/b c"]),
        ("for f in $WORDS; do touch /$DIR/$f.txt; done", ["/d/one.txt", "/d/two.txt"]),
        ("L='a b'; for f in $L; do mkdir -p /$f && touch /$f/x; done", ["/a/x", "/b/x"]),
        ("for f in a b; do touch /$f; done; for g in e; do touch /$g; done; touch /last", ["/a", "/b", "/e", "/last"]),
        ("for f in a b; do for g in c d; do touch /$f; done; done", []),
        ('for f in a; do bash -c "touch /$f"; done', []),
        ("for f in *.txt; do touch /$f; done", []),
        ("for f in $(ls); do touch /$f; done", []),
        ("for f in a b; do if [ -e $f ]; then cp /x/a /$f; fi; done", ["/a", "/b"]),
    ],
)
def test_what_a_loop_makes(script: str, left: list[str]) -> None:
    made = last(f'{SCRATCH}ENV WORDS="one two" DIR=d\nCOPY a b c d /x/\nRUN {script}\n')
    assert [path for path in paths(made) if not path.startswith("/x/")] == left


def test_what_a_loop_removes() -> None:
    made = last(f"{SCRATCH}COPY a b c d /x/\nRUN for f in a b; do rm /x/$f; done\n")
    assert [removal.added.path for removal in made.removals] == ["/x/a", "/x/b"]
    assert not any(removal.removed.certain for removal in made.removals)


def test_nothing_is_lost_of_what_stands_around() -> None:
    made = last(f"{SCRATCH}RUN touch /a && for f in b; do touch /$f; done && touch /c && frob\n")
    assert (paths(made), reasons(made)) == (["/a", "/b", "/c"], ["it runs frob"])
