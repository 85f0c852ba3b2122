"""Commands that keep what they are told in a settings file: `git config`, `npm config set`, `docker login`.

Where each program writes is from its manual; what Setting calls certain was tried with the program itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dfguard.shell.argument import Argument
from dfguard.struct import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from dfguard.shell.commands import Command


class Setting(Struct):
    """A file that a command writes, and the arguments whose text it then holds.

    `path` is as a shell would read it: `~/` is the home folder, a relative one starts where the command
    runs. `reads_stdin`: what the command is fed lands there too. `certain` is false where the
    environment may name another file, or the program changes what it keeps. `undone`: the command takes
    settings back out of the file (`git config --unset`, `docker logout`).
    """

    path: str
    arguments: tuple[Argument, ...]
    reads_stdin: bool = False
    certain: bool = False
    undone: bool = False


def setting_of(command: Command) -> Setting | None:
    """What a command keeps, None when it keeps nothing or is not known here."""
    read = _READERS.get(command.program)
    if read is not None:
        return read(command)
    words = [argument.text for argument in command.operands[:3]]
    for subcommand, path in _FILES.get(command.program, ()):
        parts = subcommand.split()
        if words[: len(parts)] == parts:
            undone = not _UNDOES.isdisjoint(argument.text for argument in command.arguments)
            return Setting(path, command.arguments, command.has(*_FROM_STDIN), undone=undone)
        if words[: len(parts) - 1] == parts[:-1] and words[len(parts) - 1 :][:1] in _OPPOSITES.get(parts[-1], ()):
            return Setting(path, (), undone=True)
    return None


_OPPOSITES = {"login": (["logout"],), "set": (["delete"], ["unset"], ["rm"])}
_UNDOES = frozenset(("--unset", "unset", "delete", "rm", "remove", "--delete", "--remove"))
_FROM_STDIN = ("--password-stdin", "--with-token", "--token-stdin")
_FILES: dict[str, tuple[tuple[str, str], ...]] = {
    "az": (("login", "~/.azure/service_principal_entries.json"),),
    "bundle": (("config", "~/.bundle/config"),),
    "cargo": (("login", "~/.cargo/credentials.toml"),),
    "composer": (("config", "auth.json"),),
    "conda": (("config", "~/.condarc"),),
    "docker": (("login", "~/.docker/config.json"),),
    "doctl": (("auth init", "~/.config/doctl/config.yaml"),),
    "dotnet": (("nuget add source", "~/.nuget/NuGet/NuGet.Config"),),
    "dvc": (("remote modify", ".dvc/config"),),
    "gem": (("sources", "~/.gemrc"),),
    "gh": (("auth login", "~/.config/gh/hosts.yml"),),
    "helm": (
        ("registry login", "~/.config/helm/registry/config.json"),
        ("repo add", "~/.config/helm/repositories.yaml"),
    ),
    "huggingface-cli": (("login", "~/.cache/huggingface/token"),),
    "kubectl": (("config set-credentials", "~/.kube/config"),),
    "nerdctl": (("login", "~/.docker/config.json"),),
    "nuget": (("sources", "~/.nuget/NuGet/NuGet.Config"),),
    "oras": (("login", "~/.docker/config.json"),),
    "pnpm": (("config set", "~/.config/pnpm/rc"),),
    "podman": (("login", "/run/containers/0/auth.json"),),
    "poetry": (("config", "~/.config/pypoetry/auth.toml"),),
    "skopeo": (("login", "/run/containers/0/auth.json"),),
    "vault": (("login", "~/.vault-token"),),
    "wandb": (("login", "~/.netrc"),),
    "yarn": (("config set", "~/.yarnrc"),),
}

_GIT_VALUED = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path")
_CLONE_VALUED = frozenset(
    "-b --branch --depth -o --origin -c --config -j --jobs --reference --reference-if-able --separate-git-dir "
    "--filter -u --upload-pack --template --shallow-since --shallow-exclude --server-option --bundle-uri".split()
)
_ASKS = frozenset("--get --get-all --get-regexp --get-urlmatch --list -l --edit -e get list edit".split())
_GIT_UNDOES = frozenset("--unset --unset-all --remove-section unset remove-section".split())


def _git(command: Command) -> Setting | None:
    folder, words = _git_words(command)
    name = words[0].text if words else ""
    if name == "clone":
        return _clone(folder, words[1:])
    if name == "config":
        return _git_config(folder, words[1:])
    action = words[1].text if len(words) > 1 else ""
    if (name == "remote" and action in ("add", "set-url")) or (name == "submodule" and action == "add"):
        return Setting(_below(folder, ".git/config"), words[2:], certain=True)
    return None


def _git_words(command: Command) -> tuple[str, tuple[Argument, ...]]:
    """The folder of `-C`, "" for none, and the words from the subcommand on."""
    words, folder, at = command.arguments, "", 0
    while at < len(words) and words[at].text.startswith("-"):
        valued = words[at].text in _GIT_VALUED
        if words[at].text == "-C" and at + 1 < len(words):
            folder = words[at + 1].text
        at += 2 if valued else 1
    return folder, words[at:]


def _clone(folder: str, words: tuple[Argument, ...]) -> Setting | None:
    operands: list[Argument] = []
    kept: list[Argument] = []
    bare = False
    at = 0
    while at < len(words):
        text = words[at].text
        if text in _CLONE_VALUED:
            kept += words[at + 1 : at + 2] if text in ("-c", "--config") else ()
            at += 1
        elif text.startswith("-") and text != "--":
            bare = bare or text in ("--bare", "--mirror")
        elif text != "--":
            operands.append(words[at])
        at += 1
    if not operands:
        return None
    address, given = operands[0], operands[1:2]
    name = given[0].text if given else _folder_of(address.text) + (".git" if bare else "")
    path = _below(folder, f"{name.rstrip('/')}/{'config' if bare else '.git/config'}")
    return Setting(path, (address, *kept), certain="$" not in path)


def _folder_of(address: str) -> str:
    """The folder that git makes of an address: its last part, without `.git`."""
    return address.rstrip("/\"'").removesuffix(".git").replace(":", "/").rpartition("/")[2]


def _git_config(folder: str, words: tuple[Argument, ...]) -> Setting | None:
    texts = [word.text for word in words]
    if not _ASKS.isdisjoint(texts):
        return None
    found = _git_file(folder, words, texts)
    return found if _GIT_UNDOES.isdisjoint(texts) else found.but(undone=True)


def _git_file(folder: str, words: tuple[Argument, ...], texts: list[str]) -> Setting:
    if "--global" in texts:
        return Setting("~/.gitconfig", words, certain=True)
    if "--system" in texts:
        return Setting("/etc/gitconfig", words)
    for text, after in pairwise((*texts, "")):
        file = after if text in ("-f", "--file") else text[7:] if text.startswith("--file=") else ""
        if file:
            return Setting(_below(folder, file), words, certain=True)
    return Setting(_below(folder, ".git/config"), words, certain=True)


def _npm(command: Command) -> Setting | None:
    words = [argument.text for argument in command.operands[:2]]
    undone = words in (["config", "delete"], ["config", "rm"])
    if words != ["config", "set"] and words[:1] != ["set"] and not undone:
        return None
    where = command.option_value("--location", "-L") or ("global" if command.has("-g", "--global") else "user")
    path = {"project": ".npmrc", "user": "~/.npmrc"}.get(where, "/usr/local/etc/npmrc")
    return Setting(path, command.arguments, certain=where in ("project", "user"), undone=undone)


def _pip(command: Command) -> Setting | None:
    words = [argument.text for argument in command.operands]
    if words[:2] not in (["config", "set"], ["config", "unset"]):
        return None
    path = "~/.config/pip/pip.conf"
    if command.has("--global", "--site"):
        path = "/etc/pip.conf" if command.has("--global") else "/usr/local/pip.conf"
    return Setting(path, command.arguments, undone=words[1] == "unset")


def _aws(command: Command) -> Setting | None:
    words = [argument.text for argument in command.operands[:3]]
    if words[:2] != ["configure", "set"]:
        return None
    secret = words[-1].rpartition(".")[2] in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    return Setting("~/.aws/credentials" if secret else "~/.aws/config", command.arguments)


def _below(folder: str, path: str) -> str:
    return f"{folder.rstrip('/')}/{path}" if folder and not path.startswith("/") else path


_READERS: dict[str, Callable[[Command], Setting | None]] = {
    "aws": _aws,
    "git": _git,
    "npm": _npm,
    "pip": _pip,
    "pip3": _pip,
}
