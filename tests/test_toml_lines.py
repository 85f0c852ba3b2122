"""Lines of keys, held against what tomli reads."""

from __future__ import annotations

from collections.abc import Iterator

import tomli
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dfguard.toml_lines import lines_of

TEXT = """\
# a comment with = and [brackets]
top = 1  # not = a key
"quoted key" = 'literal # no comment'
a.b . c = 1979-05-27 07:32:00

[ rules."DG205" ] # [x]
list = [
  "one", # a, comment
  [1.5, 2],

  { x = 1, y.z = [ "in" ] },
]
text = \"\"\"
fake = 1
[fake]
\"\"\"
after = '''x''''
"es\\u0063aped" = {}

[[many]]
n = 1
[[many]]
n = 2
[many.sub]
[[many.deep]]
k = true
"""


def test_lines_of_keys_tables_and_elements() -> None:
    assert lines_of(TEXT) == {
        ("top",): 2,
        ("quoted key",): 3,
        ("a",): 4,
        ("a", "b"): 4,
        ("a", "b", "c"): 4,
        ("rules",): 6,
        ("rules", "DG205"): 6,
        ("rules", "DG205", "list"): 7,
        ("rules", "DG205", "list", 0): 8,
        ("rules", "DG205", "list", 1): 9,
        ("rules", "DG205", "list", 1, 0): 9,
        ("rules", "DG205", "list", 1, 1): 9,
        ("rules", "DG205", "list", 2): 11,
        ("rules", "DG205", "list", 2, "x"): 11,
        ("rules", "DG205", "list", 2, "y"): 11,
        ("rules", "DG205", "list", 2, "y", "z"): 11,
        ("rules", "DG205", "list", 2, "y", "z", 0): 11,
        ("rules", "DG205", "text"): 13,
        ("rules", "DG205", "after"): 17,
        ("rules", "DG205", "escaped"): 18,
        ("many",): 20,
        ("many", 0): 20,
        ("many", 0, "n"): 21,
        ("many", 1): 22,
        ("many", 1, "n"): 23,
        ("many", 1, "sub"): 24,
        ("many", 1, "deep"): 25,
        ("many", 1, "deep", 0): 25,
        ("many", 1, "deep", 0, "k"): 26,
    }


def test_windows_line_ends_count_once() -> None:
    assert lines_of("a = [\r\n1,\r\n2]\r\n[b]\r\nc = ''\r\n")[("b", "c")] == 5


def paths(data: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every path in what tomli gives."""
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in members:
        yield (*path, key)
        yield from paths(value, (*path, key))


KEY = st.sampled_from(["a", "b", "c", "d", '"q k"', "'l.k'", "1", '"\\""', "a.b", 'c . "d"', "-_"])
SCALAR = st.sampled_from(
    [
        "1",
        "-1.5e3",
        "true",
        "inf",
        "1979-05-27T07:32:00Z",
        '"s#]"',
        "'l\"}'",
        '"\\"[\\\\"',
        '"""m\n= ["x" ""]"""',
        "'''\n'a\n'''",
    ]
)
GAP = st.sampled_from(["", " ", "\n", " # c ] ,\n", "\t\r\n"])


def arrays(value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    element = st.tuples(GAP, value, GAP).map("".join)
    return st.tuples(st.lists(element, max_size=3).map(",".join), GAP).map(lambda two: f"[{two[0]}{two[1]}]")


def tables(value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(KEY, value).map(" = ".join)
    return st.lists(pair, max_size=3).map(lambda pairs: "{ " + ", ".join(pairs) + " }")


VALUE = st.recursive(SCALAR, lambda value: arrays(value) | tables(value), max_leaves=6)
LINE = st.one_of(
    st.tuples(KEY, VALUE).map(" = ".join),
    KEY.map(lambda key: f"[{key}]"),
    KEY.map(lambda key: f"  [[ {key} ]] # c"),
    st.sampled_from(["", "# c = [", "\t"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINE, max_size=8))
@example(["[[a]]", "[[a.b]]", "[[a.b]]", "[a.b.d]", "[[a]]", "b = [[], [[1]]]"])
def test_the_scanner_sees_the_keys_that_tomli_sees(lines: list[str]) -> None:
    text = ""
    for line in lines:  # keep the lines that are valid behind those before them
        try:
            tomli.loads(f"{text}{line}\n")
        except tomli.TOMLDecodeError:
            continue
        text += f"{line}\n"
    assert set(lines_of(text)) == set(paths(tomli.loads(text)))
