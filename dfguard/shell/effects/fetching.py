"""`curl`, `wget` and `git`: what they fetch, and into which files. After curl(1) 8.5, wget(1) 1.24, git(1) 2.43."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dfguard.shell.effects.model import Effect, Fills, MakesDirectory, Opaque, Writes
from dfguard.shell.effects.use import read_use, words

if TYPE_CHECKING:
    from dfguard.shell.commands import Argument, Command

_CURL_VALUED = words(
    "-A -b -c -C -d -D -e -E -F -H -K -m -o -P -Q -r -t -T -u -U -w -x -X -y -Y -z"
    " --output --output-dir --header --data --data-raw --data-binary --data-urlencode --request --user --user-agent"
    " --retry --retry-delay --retry-max-time --connect-timeout --max-time --proto --proto-redir --cacert --cert --key"
    " --cookie --cookie-jar --referer --url --write-out --form --range --proxy --resolve --max-redirs --limit-rate"
    " --ciphers --dump-header --config --tls-max --speed-limit --speed-time --noproxy --netrc-file --oauth2-bearer"
    " --interface --max-filesize --continue-at --time-cond --upload-file --trace --trace-ascii --stderr --etag-save"
    " --aws-sigv4 --pinnedpubkey --connect-to --json --variable"
)
_CURL_FILES = ("-c", "--cookie-jar", "-D", "--dump-header", "--trace", "--trace-ascii", "--stderr", "--etag-save")
_WGET_VALUED = words(
    "-O -P -o -a -t -T -w -U -i -e -B -Q -l -A -R -D -I -X"
    " --output-document --directory-prefix --output-file --append-output --tries --timeout --wait --user-agent"
    " --input-file --execute --base --header --user --password --post-data --post-file --method --body-data"
    " --body-file --ca-certificate --certificate --private-key --load-cookies --save-cookies --referer"
    " --retry-on-http-error"
    " --waitretry --secure-protocol --limit-rate --dns-timeout --connect-timeout --read-timeout --http-user"
    " --http-password --progress --max-redirect --level --accept --reject --cut-dirs --compression --quota --domains"
)
_GIT_VALUED = words(
    "-b --branch --depth -o --origin -c --config --reference --separate-git-dir -j --jobs --filter -u --template"
    " --shallow-since --shallow-exclude --server-option --upload-pack --bundle-uri"
)
_GIT_READS = words(
    "status log show rev-parse describe ls-remote ls-files diff blame cat-file version help --version var"
)
_GIT_KEEPS = words("init add commit fetch tag remote gc branch notes prune repack reflog")
_TO_OUTPUT = ("-", "/dev/stdout")


def curl(command: Command) -> list[Effect]:
    """The effects of `curl`."""
    use = read_use(command, _CURL_VALUED, frozenset())
    found: list[Effect] = []
    for name, value in use.given.items():
        if name in _CURL_FILES and (value is None or value.text not in (*_TO_OUTPUT, "/dev/null", "/dev/stderr")):
            found.append(Opaque(command.span, f"curl {name} writes a file", value))
    named = [value for name, value in use.given.items() if name in ("-o", "--output")]
    if use.has("-K", "--config", "-J", "--remote-header-name", "--output-dir", "--remote-name-all"):
        return [*found, Opaque(command.span, "curl writes a file whose name is not known")]
    if len(_uses(command, "-o", "--output")) > 1:
        return [*found, Opaque(command.span, "curl writes more than one file")]
    for path in named:
        if path is not None and path.text not in _TO_OUTPUT and path.text != "/dev/null":
            found.append(_written(path, "curl"))
    if use.has("-O", "--remote-name"):
        urls = [*(u for u in [use.value("--url")] if u), *use.operands]
        found += [_named_by(url, "curl") for url in urls]
    return found


def _uses(command: Command, short: str, long: str) -> list[Argument]:
    return [a for a in command.arguments if a.text == long or re.fullmatch(rf"-[a-zA-Z#]*{short[1]}", a.text)]


def _written(path: Argument, program: str) -> Effect:
    if path.value is None or "#" in path.value:
        return Opaque(path.span, f"{program} writes to a path that is not known")
    return Writes(path, False)


def _named_by(url: Argument, program: str) -> Effect:
    """The file that is named as an address ends, in the folder where the command runs."""
    name = url.value.partition("#")[0].partition("?")[0].rpartition("://")[2] if url.value else ""
    name = name.partition("/")[2].rpartition("/")[2]
    if not name or any(sign in name for sign in "%{}[]*"):
        return Opaque(url.span, f"{program} writes a file whose name is not known", ".")
    at = url.raw.rfind(name)
    place = url.but(span=url.span.sub(at, at + len(name))) if at >= 0 and "$" not in url.raw else url
    return Writes(place.but(value=name, fields=(name,), glob=False), False)


def wget(command: Command) -> list[Effect]:
    """The effects of `wget`."""
    use = read_use(command, _WGET_VALUED, frozenset())
    found: list[Effect] = [Fills("~/.wget-hsts", "wget", certain=False)]
    for option in ("-o", "--output-file", "-a", "--append-output", "--save-cookies"):
        path = use.given.get(option)
        if path is not None and path.text != "/dev/null":
            found.append(_written(path, "wget"))
    folder = use.value("-P", "--directory-prefix")
    if use.has("-r", "--recursive", "-m", "--mirror", "-p", "-x", "-i", "--input-file", "--content-disposition", "-N"):
        return [*found, Opaque(command.span, "wget writes files whose names are not known", folder or ".")]
    output = use.value("-O", "--output-document")
    if output is not None:
        told = output.text in (*_TO_OUTPUT, "/dev/null")
        return found if told else [*found, _written(output, "wget")]
    if folder is not None:
        return [*found, Opaque(command.span, "wget writes a file below a folder", folder)]
    return [*found, *(_named_by(url, "wget") for url in use.operands)]


def git(command: Command) -> list[Effect]:
    """The effects of `git`: a clone fills one folder, a setting changes one file."""
    arguments = list(command.arguments)
    folder: Argument | None = None
    while arguments and arguments[0].text.startswith("-"):
        option = arguments.pop(0)
        if option.text in ("-C", "-c", "--git-dir", "--work-tree", "--namespace") and arguments:
            value = arguments.pop(0)
            folder = value if option.text != "-c" else folder
    verb = arguments[0].text if arguments else "version"
    rest = command.but(arguments=tuple(arguments[1:]))
    if verb in _GIT_READS:
        return []
    if verb == "config" and folder is None:
        return _config(rest)
    if verb == "clone" and folder is None:
        return _clone(rest)
    if verb in _GIT_KEEPS:
        return [Fills("**/.git", "git")]
    return [Opaque(command.span, f"git {verb} changes files"), Fills("**/.git", "git", certain=False)]


def _config(command: Command) -> list[Effect]:
    texts = [argument.text for argument in command.arguments]
    where = "~/.gitconfig" if "--global" in texts else "/etc/gitconfig" if "--system" in texts else None
    if any(text in ("-l", "--list", "--get", "--get-all", "get", "list") for text in texts):
        return []
    return [Opaque(command.span, "git config changes settings", where or ".git")]


def _clone(command: Command) -> list[Effect]:
    use = read_use(command, _GIT_VALUED, frozenset())
    if not use.operands or use.has("--separate-git-dir", "--template"):
        return [Opaque(command.span, "git clone writes files")]
    url = use.operands[0]
    if len(use.operands) > 1:
        folder = use.operands[1]
    else:
        name = (url.value or "").rstrip("/").removesuffix("/.git").rpartition("/")[2].rpartition(":")[2]
        name = name.removesuffix(".git") + (".git" if name and use.has("--bare", "--mirror") else "")
        folder = url.but(value=name, fields=(name,), glob=False) if name else url.but(value=None, fields=())
    reason = "git clone fills a folder"
    if folder.value is None:
        return [Opaque(command.span, reason, "." if len(use.operands) == 1 else None)]
    own = f"{folder.value}/.git" if not use.has("--bare", "--mirror") else str(folder.value)
    return [MakesDirectory(folder, True), Opaque(command.span, reason, folder), Fills(own, "git")]
