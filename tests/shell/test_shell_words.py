"""What words stand for, variables followed through a script, wrappers peeled, scripts inside of scripts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dfguard
from dfguard.shell.commands import Command
from dfguard.shell.expansions import MAX_MATCHED
from dfguard.shell.grammar import binding, parse
from dfguard.shell.script import Script, read_script
from dfguard.shell.words import MAX_LENGTH, evaluate
from dfguard.source import Source

KNOWN = {"A": "x y", "B": "z", "EMPTY": "", "GLOB": "*.deb", "V": "v1.22.3"}


def shell(text: str, interpreter: str = "sh") -> Script:
    """The script of a text, with the variables of KNOWN set outside."""
    return read_script(Source("Dockerfile", text).whole, interpreter=interpreter, lookup=KNOWN.get)


def values(text: str, interpreter: str = "sh") -> list[str | None]:
    """The values of the last command's arguments."""
    return [argument.value for argument in shell(text, interpreter).commands[-1].arguments]


def plain(command: Command) -> str:
    """A command as its program and its arguments."""
    return " ".join([command.program, *(argument.text for argument in command.arguments)])


@pytest.mark.parametrize(
    ("word", "value", "fields"),
    [
        ("plain", "plain", ("plain",)),
        ("'a $B'", "a $B", ("a $B",)),
        ('"a $B"', "a z", ("a z",)),
        ("a\\ b\\$B", "a b$B", ("a b$B",)),
        (r'"\$B \\ \x"', r"$B \ \x", (r"$B \ \x",)),
        ("pre${B}post", "prezpost", ("prezpost",)),
        ("$A", "x y", ("x", "y")),
        ("1$A'2'", "1x y2", ("1x", "y2")),
        ('"$A"', "x y", ("x y",)),
        ("$EMPTY", "", ()),
        ('"$EMPTY"', "", ("",)),
        ("${EMPTY:-d}", "d", ("d",)),
        ("${B:-d}", "z", ("z",)),
        # bash says the same to each of these
        ("${EMPTY-d}", "", ()),
        ("${EMPTY:-$A}", "x y", ("x", "y")),
        ("${EMPTY:-'a b'}", "a b", ("a b",)),
        ('"${EMPTY:-a b}"', "a b", ("a b",)),
        ("${EMPTY:-${EMPTY:-${B}1}}", "z1", ("z1",)),
        ("${EMPTY:=w}${B:?}", "wz", ("wz",)),
        ("${B:+alt}${EMPTY:+alt}${EMPTY+set}", "altset", ("altset",)),
        ("${V%.*}", "v1.22", ("v1.22",)),
        ("${V%%.*}", "v1", ("v1",)),
        ('"${V#v}"', "1.22.3", ("1.22.3",)),
        ("${V##*.}", "3", ("3",)),
        ("${V%.$B}", "v1.22.3", ("v1.22.3",)),
        ("${V/./_}", "v1_22.3", ("v1_22.3",)),
        ("${V//./}", "v1223", ("v1223",)),
        ("${V/#v/go}", "go1.22.3", ("go1.22.3",)),
        ("${V/%.3/}", "v1.22", ("v1.22",)),
        ("${V:1:4}", "1.22", ("1.22",)),
        ("${V: -1}", "3", ("3",)),
        ("${#V}", "7", ("7",)),
        ("${V%%.*}${V##*.}${V#*.}${V%.*}", "v1322.3v1.22", ("v1322.3v1.22",)),
        ("${V%2.?}${V#?1*2}", "v1.22.3", ("v1.22.3",)),
        ("${V^}${V^^}${B^^}${V,,}", "V1.22.3V1.22.3Zv1.22.3", ("V1.22.3V1.22.3Zv1.22.3",)),
        ("$'a\\n\\'b'", "a\n'b", ("a\n'b",)),
        ('$"a"', "a", ("a",)),
        ("5$", "5$", ("5$",)),
        ("a=b", "a=b", ("a=b",)),
        ("{a,b}", "{a,b}", ("{a,b}",)),
    ],
)
def test_value_of_a_word(word: str, value: str, fields: tuple[str, ...]) -> None:
    found = evaluate(word, KNOWN.get)
    assert found is not None
    assert (found.text, found.fields) == (value, fields)


@pytest.mark.parametrize(
    "word",
    [
        "$UNKNOWN", '"a$(b)"', "`c`", "$((1+2))", "${UNKNOWN:-d}", "$1", "$@", "$?", "<(a)", "'lost", '"lost',
        "${V%$UNKNOWN}", "${V%[0-9]}", "${V%'.3'}", "${V//./$(b)}", "${EMPTY:-`c`}", "${EMPTY:?no}", "${!V}", "${V[0]}",
        "${V@Q}", "${V:$B}", "${V^^[a-z]}", "${lost", "${V//}", "${#V%1}", "${EMPTY:-" * 20 + "x" + "}" * 20,
    ],
)  # fmt: skip
def test_words_that_only_a_running_shell_knows(word: str) -> None:
    assert evaluate(word, KNOWN.get) is None


@pytest.mark.parametrize(
    ("word", "glob"), [("*.x", True), ("a?", True), ("[ab]c", True), ("'*'", False), ("\\*", False), ("$GLOB", True)]
)
def test_unquoted_patterns_are_marked(word: str, glob: bool) -> None:
    found = evaluate(word, KNOWN.get)
    assert found is not None
    assert found.glob is glob


def test_braces_are_expanded_by_bash_only() -> None:
    assert [a.fields for a in shell("rm /v/{a,b}/{1..3}", "bash").commands[0].arguments] == [
        ("/v/a/1", "/v/a/2", "/v/a/3", "/v/b/1", "/v/b/2", "/v/b/3")
    ]
    assert values("rm /v/{a,b} {} {x}") == ["/v/{a,b}", "{}", "{x}"]
    assert values("rm {} {x} '{a,b}' {a,{b,c}}", "bash") == ["{}", "{x}", "{a,b}", None]


def test_each_gives_one_argument_for_each_field() -> None:
    words = shell("rm $A '$A' $UNKNOWN").commands[0].arguments
    assert [each.value for word in words for each in word.each] == ["x", "y", "$A", None]


@pytest.mark.parametrize(
    "text",
    ["${A%*x*x*y}", "${A#*x?x*y}", "${A//x*y/z}", "${A%%'", "${A:-", "${A#${A%", "$(", "'$", "! { a; };"],
)
def test_time_grows_with_the_text_only(text: str) -> None:
    long = {"A": "x" * MAX_MATCHED}.get
    script = read_script(Source("Dockerfile", "echo " + text * 900).whole, interpreter="bash", lookup=long)
    assert script.commands or script.why_not or script.gaps


def test_values_that_double_stay_bounded() -> None:
    text = "X0=aaaaaaaaaa\n" + "".join(f"X{n + 1}=$X{n}$X{n}\n" for n in range(40)) + "echo $X3 $X40"
    script = read_script(Source("Dockerfile", text).whole)
    assert [a.value for a in script.commands[-1].arguments] == ["a" * 80, None]
    assert MAX_LENGTH < 10 * 2**40


# variables through a script


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P='curl git'; apt-get install $P", ["install", "curl git"]),
        ("P=a && P=$P-b && echo $P", ["a-b"]),
        ("P=a; P+=b; echo ${P}", ["ab"]),
        ("export P=a Q=$B; echo $P$Q", ["az"]),
        ("P=a; (P=b); echo $P", [None]),
        ("P=a; if x; then P=b; fi; echo $P", [None]),
        ("P=a; x || P=b; echo $P", [None]),
        ("for P in a b; do echo $P; done", [None]),
        ("P=a; while x; do echo $P; P=b; done", [None]),
        ("P=a; read P Q; echo $P", [None]),
        ("P=a; unset P; echo $P", [None]),
        ("P=a; . ./env; echo $P $B", [None, None]),
        ("P=a; . /venv/bin/activate; echo $P $B", ["a", "z"]),
        ("P=$(x); echo $P", [None]),
        ("P=(a b); echo $P", [None]),
        ("P=a true; echo $P", [None]),
        ("echo $P; P=a", [None]),
        ("P=a; f() { P=b; }; echo $P", [None]),
        ("P=a | true; echo $P", [None]),
    ],
)
def test_assignments_are_followed_where_they_surely_happen(text: str, expected: list[str | None]) -> None:
    commands = [command for command in shell(text).commands if command.program in ("echo", "apt-get")]
    assert [argument.value for argument in commands[-1].arguments] == expected


def test_a_variable_may_hold_the_program() -> None:
    assert plain(shell("I='apt-get -y'; sudo $I install x").commands[-1]) == "apt-get -y install x"
    assert plain(shell("SUDO=; $SUDO rm x").commands[-1]) == "rm x"
    assert shell("$UNKNOWN rm x").commands[0].program == ""


# wrappers


@pytest.mark.parametrize(
    ("text", "wrappers", "expected"),
    [
        ("sudo -E -u root --preserve-env=X A=1 rm -f x", ("sudo",), "rm -f x"),
        ("sudo -nu root -- rm x", ("sudo",), "rm x"),
        ("doas -u root rm x", ("doas",), "rm x"),
        ("gosu app:app rm x", ("gosu",), "rm x"),
        ("su-exec app rm x", ("su-exec",), "rm x"),
        ("env -i -u P A=1 B='2 3' rm x", ("env",), "rm x"),
        ("exec rm x", ("exec",), "rm x"),
        ("exec -a name rm x", ("exec",), "rm x"),
        ("command rm x", ("command",), "rm x"),
        ("nice -n 5 rm x", ("nice",), "rm x"),
        ("nice rm x", ("nice",), "rm x"),
        ("time -p rm x", ("time",), "rm x"),
        ("timeout -k 5 --signal=KILL 10s rm x", ("timeout",), "rm x"),
        ("nohup rm x", ("nohup",), "rm x"),
        ("xargs -0 -r -n 1 -I{} rm {}", ("xargs",), "rm {}"),
        ("xargs -I {} -P4 rm {}", ("xargs",), "rm {}"),
        ("eatmydata -- rm x", ("eatmydata",), "rm x"),
        ("busybox rm x", ("busybox",), "rm x"),
        ("/usr/bin/sudo env nice -n 5 rm x", ("sudo", "env", "nice"), "rm x"),
        ("bash -c 'rm x'", ("bash",), "rm x"),
        ("sh -ec \"rm x\"", ("sh",), "rm x"),
        ("bash -euo pipefail -c 'rm x' name", ("bash",), "rm x"),
        ("bash --login -c rm", ("bash",), "rm"),
        ("sudo -u x bash -lc 'rm x'", ("sudo", "bash"), "rm x"),
        ("su - app -c 'rm x'", ("su",), "rm x"),
        ("su -c 'rm x' app", ("su",), "rm x"),
        ("runuser -u app -- rm x", ("runuser",), "rm x"),
        ("runuser -l app --command='rm x'", ("runuser",), "rm x"),
        ("flock /lock rm x", ("flock",), "rm x"),
        ("flock -w 5 /lock -c 'rm x'", ("flock",), "rm x"),
        ("busybox sh -c 'rm x'", ("busybox", "sh"), "rm x"),
        ("sudo -H -u app bash -lc \"rm x\"", ("sudo", "bash"), "rm x"),
        ("sudo su - app -c 'rm x'", ("sudo", "su"), "rm x"),
        ("su app -s /bin/bash -c 'rm x'", ("su",), "rm x"),
        ("runuser -u app -- sh -ec 'rm x'", ("runuser", "sh"), "rm x"),
        ("runuser -u app sh -c 'rm x'", ("runuser", "sh"), "rm x"),
        ("flock /lock bash -c 'rm x'", ("flock", "bash"), "rm x"),
        ("setpriv --reuid=1000 --regid 1000 --init-groups rm x", ("setpriv",), "rm x"),
        ("chpst -u app rm x", ("chpst",), "rm x"),
        ("ssh-agent sh -c 'rm x'", ("ssh-agent", "sh"), "rm x"),
        ("conda run -n env --no-capture-output rm x", ("conda",), "rm x"),
        ("micromamba run -n base bash -c 'rm x'", ("micromamba", "bash"), "rm x"),
        ("poetry -C /app run rm x", ("poetry",), "rm x"),
        ("uv --no-cache run --with a --frozen rm x", ("uv",), "rm x"),
        ("bundle exec rm x", ("bundle",), "rm x"),
        ("find . | xargs -0 -n1 sh -c 'rm x'", ("xargs", "sh"), "rm x"),
        ("timeout 9 xargs nice rm x", ("timeout", "xargs", "nice"), "rm x"),
        # nothing is wrapped
        ("command -v rm", (), "command -v rm"),
        ("sudo -l", (), "sudo -l"),
        ("exec > x", (), "exec"),
        ("busybox --install -s /bin", (), "busybox --install -s /bin"),
        ("bash x.sh -c y", (), "bash x.sh -c y"),
        ("env", (), "env"),
        ("su app", (), "su app"),
        ("chroot /mnt rm x", (), "chroot /mnt rm x"),
        ("uv run -m rm x", (), "uv run -m rm x"),
        ("uv pip install rm", (), "uv pip install rm"),
        ("conda install run", (), "conda install run"),
        ("bundle install", (), "bundle install"),
        ("ssh-agent -k", (), "ssh-agent -k"),
        ("setpriv --dump", (), "setpriv --dump"),
        ("sh -c $X", (), "sh -c $X"),
    ],
)  # fmt: skip
def test_wrappers_are_peeled(text: str, wrappers: tuple[str, ...], expected: str) -> None:
    command = shell(text).commands[-1]
    assert plain(command) == expected
    assert command.wrappers == wrappers
    assert command.program_span.text.endswith(command.program)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xargs -I {} cp {} /x", [None, "/x"]),
        ("xargs -I{} cp {}.old /x", [None, "/x"]),
        ("xargs -i cp {} /x", [None, "/x"]),
        ("xargs -iF cp F {}", [None, "{}"]),
        ("xargs --replace=% cp a/% /x", [None, "/x"]),
        ("xargs --replace cp {} /x", [None, "/x"]),
        ("xargs -n1 cp {} /x", ["{}", "/x"]),
        ("xargs -I {} sh -c 'cp {} /x'", [None, "/x"]),
        ("xargs -I {} sudo sh -c 'cp /{}/a /x'", [None, "/x"]),
        ("find . -name {} | xargs cp {}", ["{}"]),
    ],
)
def test_what_xargs_replaces_is_not_known(text: str, expected: list[str | None]) -> None:
    assert values(text) == expected


def test_what_su_and_flock_run_is_read_by_their_shell() -> None:
    assert values("su -s /bin/bash -c 'rm {a,b}' app") == ["a b"]
    assert values("su --shell=/bin/bash app -c 'rm {a,b}'") == ["a b"]
    assert values("su -c 'rm {a,b}' app") == ["{a,b}"]


def test_single_quotes_inside_of_double_ones_do_not_hide_a_variable() -> None:
    assert values("sh -c \"echo '$B' $B\"") == [None, "z"]
    assert values("sh -c \"echo '\\$B'\"") == ["$B"]


def test_assignments_of_wrappers_are_kept() -> None:
    command = shell("A=1 sudo B=2 env C='3 4' rm x").commands[0]
    assert [(a.name, a.value and a.value.value) for a in command.assignments] == [("A", "1"), ("B", "2"), ("C", "3 4")]


def test_scripts_inside_of_scripts_keep_their_place() -> None:
    text = 'a && sudo bash -c "apt-get update && echo \\"😀 \\$B\\" | tee /x" > /log || b'
    script = shell(text)
    assert [plain(command) for command in script.commands] == ["a", "apt-get update", "echo 😀 z", "tee /x", "b"]
    update, echo, tee = script.commands[1:4]
    assert (update.operator, update.wrappers, update.depth) == ("&&", ("sudo", "bash"), 1)
    assert update.span.text == "apt-get update"
    assert echo.arguments[0].span.text == '"😀 \\$B\\"'
    assert tee.pipeline == echo.pipeline != update.pipeline
    assert all(each.redirects[-1].operator == ">" for each in (update, echo, tee))
    assert len({each.subshells[0] for each in (update, echo, tee)}) == 1


def test_variables_reach_inner_scripts_as_the_shells_pass_them_on() -> None:
    assert values('P=x; sh -c "echo $P"') == ["x"]
    assert values("P=x; sh -c 'echo $P'") == [None]
    assert values("P=x sh -c 'echo $P'") == ["x"]
    assert values("sh -c 'echo $B'") == ["z"]


def test_substitutions_of_an_outer_string_are_told_once() -> None:
    programs = [command.program for command in shell('bash -c "rm $(ls x) && cat y"').commands]
    assert sorted(programs) == ["cat", "ls", "rm"]


def test_inner_script_with_a_lost_quote_is_the_outer_command() -> None:
    script = shell('bash -c "\'" && ls')
    assert [command.program for command in script.commands] == ["bash", "ls"]


def test_scripts_nested_beyond_reason_end() -> None:
    text = "ls"
    for _ in range(40):
        text = f"sh -c {text}" if " " not in text else f"sudo {text}"
    assert shell(text).commands[-1].program in ("ls", "sudo")


# the grammar


def test_offsets_of_the_tree_are_characters() -> None:
    root = parse("é😀 | \x00ls")
    assert root.end_byte == 8
    assert not root.has_error


def test_the_grammar_loads_without_the_packages_own_imports() -> None:
    path = [str(Path(dfguard.__file__).parent.parent), *sys.path]  # an editable install isn't found without site
    code = "import sys; from dfguard.shell.grammar import parse; parse('a | b')\n"
    code += "print([m for m in ('inspect', 'importlib.resources', 'dataclasses') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:] = {path!r}\n{code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_package_without_such_a_module_is_imported_the_plain_way() -> None:
    assert binding("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    with pytest.raises(ImportError):
        binding("no_such_grammar")
