"""What commands do to files."""

from __future__ import annotations

import pytest

from dfguard.shell.commands import Argument
from dfguard.shell.effects import ChangesDirectory, Copies, Effect, Links, Moves, Opaque, effects
from dfguard.shell.script import read_script
from dfguard.source import Source

UNKNOWN = tuple(f"it runs {letter}" for letter in "abcxyz")


def told(text: str, interpreter: str = "sh") -> list[str]:
    """The effects of all commands of a script, one line each."""
    script = read_script(Source("Dockerfile", text).whole, interpreter=interpreter)
    found = [effect for command in script.commands for effect in effects(command)]
    return [line(effect) for effect in found if not (isinstance(effect, Opaque) and effect.reason in UNKNOWN)]


def line(effect: Effect) -> str:
    """An effect as its name and the values of its fields."""
    if isinstance(effect, Opaque):
        return f"Opaque {effect.span.text}"
    if isinstance(effect, ChangesDirectory) and effect.path is None:
        return "ChangesDirectory home"
    parts = [type(effect).__name__]
    for name in type(effect)._fields:
        field = getattr(effect, name)
        if isinstance(field, Argument):
            parts.append(str(field.value))
        elif isinstance(field, tuple) and field and not isinstance(field[0], Argument):
            parts.append(name)
        elif isinstance(field, tuple) and field:
            parts.append("+".join(str(each.value) for each in field))
        elif field or (name == "text" and field is not None):
            parts.append(name)
    return " ".join(parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rm a 'b c'", ["Removes a", "Removes b c"]),
        ("rm -rf /var/lib/apt/lists/* -- -x", ["Removes /var/lib/apt/lists/* recursive", "Removes -x recursive"]),
        ("rm -R a; rm --recursive b; rmdir c; unlink d", [
            "Removes a recursive", "Removes b recursive", "Removes c folder", "Removes d"]),
        ("D='a b'; rm -r $D \"$D\"", ["Removes a recursive", "Removes b recursive", "Removes a b recursive"]),
        ("rm -f $X a", ["Removes a", "Opaque $X"]),
        ("find . -name x | xargs rm -f a", ["Removes a", "Opaque rm -f a"]),
        ("mv a b", ["Moves a b"]),
        ("mv a b c/", ["Moves a+b c/ into"]),
        ("mv a c/", ["Moves a c/ into"]),
        ("mv -t d a b", ["Moves a+b d into"]),
        ("mv --target-directory=d a", ["Moves a d into"]),
        ("mv -T a b", ["Moves a b"]),
        ("mv $X b", ["Opaque $X"]),
        ("mv a", []),
        ("cp a b", ["Copies a b"]),
        ("cp -a a b c", ["Copies a+b c recursive into preserve"]),
        ("cp -rT a b", ["Copies a b recursive"]),
        ("cp -S .bak a b", ["Copies a b", "Opaque b"]),
        ("cp a $X", ["Opaque $X"]),
        ("install -m 755 -o root a b", ["Copies a b fresh mode owner"]),
        ("install -Dm755 -t /bin a", ["Copies a /bin into fresh parents mode"]),
        ("install -d -m 0755 a b", ["MakesDirectory a parents mode", "MakesDirectory b parents mode"]),
        ("ln -s a b", ["Links a b symbolic"]),
        ("ln -sfT a b", ["Links a b symbolic force itself"]),
        ("ln a b c/", ["Links a+b c/ into"]),
        ("ln -s /a/b", ["Links /a/b . symbolic into"]),
        ("mkdir a; mkdir -pm 755 b", ["MakesDirectory a", "MakesDirectory b parents mode"]),
        ("touch -d yesterday a", ["Touches a"]),
        ("touch -c a", []),
        ("truncate -s 0 a; truncate -s 5 b", ["Writes a text", "Writes b"]),
        ("x | tee a | tee -a b", ["Writes a", "Writes b append"]),
        ("echo x > a; y >> b; z &> c; x >| d; > e", [
            "Writes a text", "Writes b append", "Writes c", "Writes d", "Writes e text"]),
        ("a 2>&1 > /dev/null 2>/dev/stderr >&- < f", []),
        ("a >& f", ["Writes f"]),
        ("a > $X", ["Opaque > $X"]),
        ("cat <<< x > a", ["Writes a"]),
        ("{ a; rm b; } > c", ["Writes c", "Removes b", "Writes c"]),
        ("cd /x && cd", ["ChangesDirectory /x", "ChangesDirectory home"]),
        ("cd -; cd $X; pushd y; popd", ["Opaque -", "Opaque $X", "ChangesDirectory y", "Opaque popd"]),
        ("find . -name x -delete", ["Finds . tests act"]),
        ("find . -exec /bin/rm {} +", ["Finds . act /bin/rm+{}"]),
        ("find . -exec grep x {} +", []),
        ("curl -o a https://x; make install", ["Writes a", "Opaque make"]),
        ("sudo rm -r a; bash -c 'rm b > c'", ["Removes a recursive", "Removes b", "Writes c"]),
    ],
)  # fmt: skip
def test_effects(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_braces_are_many_paths_for_bash() -> None:
    assert told("rm -r /v/{a,b}", "bash") == ["Removes /v/a recursive", "Removes /v/b recursive"]
    assert told("rm -r /v/{a,b}") == ["Removes /v/{a,b} recursive"]


def test_patterns_are_marked() -> None:
    script = read_script(Source("Dockerfile", "cp a*.txt 'b*' c/").whole)
    (copy,) = effects(script.commands[0])
    assert isinstance(copy, Copies)
    assert [source.glob for source in copy.sources] == [True, False]


@pytest.mark.parametrize(("text", "into"), [("a b", None), ("a b/", True), ("-T a b", False), ("a b c", True)])
def test_into_says_what_is_known_of_the_destination(text: str, into: bool | None) -> None:
    for program in ("mv", "cp", "ln"):
        script = read_script(Source("Dockerfile", f"{program} {text}").whole)
        (effect,) = effects(script.commands[0])
        assert isinstance(effect, (Moves, Copies, Links))
        assert effect.into is into
