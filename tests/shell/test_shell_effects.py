"""What commands do to files."""

from __future__ import annotations

import pytest

from dfguard.shell.commands import Argument
from dfguard.shell.effects import ChangesDirectory, Copies, Effect, Links, Moves, Opaque, effects
from dfguard.shell.script import read_script
from dfguard.source import Source


def told(text: str, interpreter: str = "sh") -> list[str]:
    """The effects of all commands of a script, one line each."""
    script = read_script(Source("Dockerfile", text).whole, interpreter=interpreter)
    return [line(effect) for command in script.commands for effect in effects(command)]


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
        elif isinstance(field, tuple):
            parts.append("+".join(str(each.value) for each in field))
        elif field:
            parts.append(name)
    return " ".join(parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rm a 'b c'", ["Removes a", "Removes b c"]),
        ("rm -rf /var/lib/apt/lists/* -- -x", ["Removes /var/lib/apt/lists/* recursive", "Removes -x recursive"]),
        ("rm -R a; rm --recursive b; rmdir c; unlink d", [
            "Removes a recursive", "Removes b recursive", "Removes c", "Removes d"]),
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
        ("cp -a a b c", ["Copies a+b c recursive into"]),
        ("cp -rT a b", ["Copies a b recursive"]),
        ("cp -S .bak a b", ["Copies a b"]),
        ("cp a $X", ["Opaque $X"]),
        ("install -m 755 -o root a b", ["Copies a b"]),
        ("install -Dm755 -t /bin a", ["Copies a /bin into"]),
        ("install -d -m 0755 a b", ["MakesDirectory a parents", "MakesDirectory b parents"]),
        ("ln -s a b", ["Links a b symbolic"]),
        ("ln -sfT a b", ["Links a b symbolic"]),
        ("ln a b c/", ["Links a+b c/ into"]),
        ("ln -s /a/b", ["Opaque ln -s /a/b"]),
        ("mkdir a; mkdir -pm 755 b c", ["MakesDirectory a", "MakesDirectory b parents", "MakesDirectory c parents"]),
        ("touch -d yesterday a", ["Writes a append"]),
        ("touch -c a", []),
        ("truncate -s 0 a", ["Writes a"]),
        ("x | tee a | tee -a b", ["Writes a", "Writes b append"]),
        ("echo x > a; y >> b; z &> c; w >| d; > e", [
            "Writes a", "Writes b append", "Writes c", "Writes d", "Writes e"]),
        ("a 2>&1 > /dev/null 2>/dev/stderr >&- < f", []),
        ("a >& f", ["Writes f"]),
        ("a > $X", ["Opaque > $X"]),
        ("cat <<< x > a", ["Writes a"]),
        ("{ a; rm b; } > c", ["Writes c", "Removes b", "Writes c"]),
        ("cd /x && cd", ["ChangesDirectory /x", "ChangesDirectory home"]),
        ("cd -; cd $X; pushd y; popd", ["Opaque -", "Opaque $X", "ChangesDirectory y", "Opaque popd"]),
        ("find . -name x -delete", ["Opaque find . -name x -delete"]),
        ("find . -exec /bin/rm {} +", ["Opaque find . -exec /bin/rm {} +"]),
        ("find . -exec grep x {} +", []),
        ("curl -o a https://x; make install", []),
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
