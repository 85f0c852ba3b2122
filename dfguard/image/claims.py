"""Claims, judged by the real image: confirmed, refuted or not verifiable, with what shows it.

A claim is refuted only where the image is sure to show the contrary. Where a builder has lost what it takes to know
(a squashed layer, a history without the instruction, a line that was changed since), it is not verifiable, and why.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from dfguard.claim import (
    CONFIRMED,
    NOT_VERIFIABLE,
    REFUTED,
    All,
    Claim,
    ConfigHas,
    Evidence,
    HistoryShows,
    HistoryShowsSecret,
    InstructionId,
    LayerHolds,
    LayerHoldsPythonSecret,
    LayerHoldsSecret,
    Not,
    Some,
    Verdict,
    ViewHolds,
    Wasted,
)
from dfguard.dockerfile.nodes import Add, Arg, Env, Instruction, Label
from dfguard.image.claim_paths import UNKNOWN, matcher
from dfguard.image.history import Link, Mapping
from dfguard.image.model import Image
from dfguard.image.view import DELETED, LIVE, Version, View

_MOST = 5  # pieces of evidence for one claim
_OPPOSITE = {CONFIRMED: REFUTED, REFUTED: CONFIRMED, NOT_VERIFIABLE: NOT_VERIFIABLE}


HoldsCredential = Callable[[bytes, str], bool | None]


class Judge:
    """What judges claims about one image, built from one Dockerfile.

    `holds_credential` looks for the credential of a name in a Python file, and gives None for one that can't be read;
    the contents of such files must have been kept.
    """

    def __init__(
        self, image: Image, view: View, mapping: Mapping, holds_credential: HoldsCredential = lambda data, name: None
    ) -> None:
        self.image = image
        self.view = view
        self.mapping = mapping
        self._holds_credential = holds_credential
        self._changed = {id(difference.step.instruction) for difference in mapping.differences}
        self._secret: set[tuple[int, str]] = set()
        for layer in image.layers:
            self._secret |= {(layer.index, found.path) for found in layer.content.secrets if found.places}
            self._secret |= {(layer.index, skip.path) for skip in layer.content.skips}  # which may hold one

    def judge(self, claim: Claim) -> Verdict:
        """The verdict on a claim."""
        if not self.mapping.belongs:
            return Verdict(NOT_VERIFIABLE, "the image was built from another Dockerfile, or another stage of it")
        judges: dict[type[Claim], Callable[[Claim], Verdict]] = {
            LayerHolds: self._layer_holds,  # type: ignore[dict-item]
            LayerHoldsSecret: self._layer_holds,  # type: ignore[dict-item]
            LayerHoldsPythonSecret: self._layer_holds_python,  # type: ignore[dict-item]
            ViewHolds: self._view_holds,  # type: ignore[dict-item]
            ConfigHas: self._config_has,  # type: ignore[dict-item]
            HistoryShows: self._history_shows,  # type: ignore[dict-item]
            HistoryShowsSecret: self._history_shows_secret,  # type: ignore[dict-item]
            Wasted: self._wasted,  # type: ignore[dict-item]
            All: self._all,  # type: ignore[dict-item]
            Some: self._some,  # type: ignore[dict-item]
            Not: self._not,  # type: ignore[dict-item]
        }
        return judges[type(claim)](claim)

    # -- files in layers

    def _layer_holds(self, claim: LayerHolds | LayerHoldsSecret) -> Verdict:
        found = self._link(claim.instruction)
        if isinstance(found, Verdict):
            return found
        if found.layer is None:
            return self._without_layer(found, claim.path)
        versions = tuple(self._in_layer(found.layer, claim.path))
        meant = tuple(v for v in versions if not isinstance(claim, LayerHoldsSecret) or self._may_hold_secret(v))
        if meant:
            return Verdict(CONFIRMED, f"{self._layer(found.layer)} holds it", self._shown(meant))
        if versions and isinstance(claim, LayerHoldsSecret):
            reason = f"{self._layer(found.layer)} holds it, but no secret was found in it"
            renamed = posixpath.basename(claim.path) != claim.name
            kind = NOT_VERIFIABLE if renamed else REFUTED
            return Verdict(kind, reason + f" under another name than {claim.name}" * renamed, self._shown(versions))
        if found.shared:
            return Verdict(REFUTED, f"{found.why}, and it does not hold {claim.path}")
        if id(found.step.instruction) in self._changed:
            return Verdict(NOT_VERIFIABLE, "the image was built with another text of this line")
        return Verdict(REFUTED, f"{self._layer(found.layer)} does not hold {claim.path}", self._elsewhere(claim.path))

    def _layer_holds_python(self, claim: LayerHoldsPythonSecret) -> Verdict:
        held = self._layer_holds(LayerHolds(claim.path, claim.instruction))
        link = self._link(claim.instruction)
        if held.kind != CONFIRMED or isinstance(link, Verdict) or link.layer is None:
            return held
        versions = tuple(self._in_layer(link.layer, claim.path))
        read = {version: self._reread(version, claim.name) for version in versions}
        meant = tuple(version for version in versions if read[version])
        where = f"{self._layer(link.layer)} holds it"
        what = f"a credential in {claim.name!r}" if claim.name else "the credential"
        if meant:
            return Verdict(CONFIRMED, f"{where}, with {what}", self._shown(meant))
        if None in read.values():
            return Verdict(NOT_VERIFIABLE, f"{where}, but what it holds could not be read as Python", held.evidence)
        return Verdict(REFUTED, f"{where}, without {what}", held.evidence)

    def _reread(self, version: Version, name: str) -> bool | None:
        """Whether the file itself holds the credential; None for one that was not kept or can't be read."""
        data = version.data
        kept = dict(self.image.layers[data.layer].content.kept).get(data.path)
        if kept is None or len(kept) < data.entry.size:
            return None
        return self._holds_credential(kept, name)

    def _without_layer(self, link: Link, path: str) -> Verdict:
        """A claim about an instruction that has no layer of its own, or none that is known."""
        anywhere = [v for layer in self.view.layers for v in self._in_layer(layer.index, path)]
        if not anywhere:
            return Verdict(REFUTED, f"no layer of the image holds {path}")
        if link.entry is not None:
            return Verdict(REFUTED, link.why, self._shown(tuple(anywhere)))
        return Verdict(NOT_VERIFIABLE, f"{link.why}; a layer of the image holds {path}", self._shown(tuple(anywhere)))

    def _may_hold_secret(self, version: Version) -> bool:
        data = version.data
        return not self.image.layers[data.layer].content.scanned or (data.layer, data.path) in self._secret

    def _wasted(self, claim: Wasted) -> Verdict:
        held = self._layer_holds(LayerHolds(claim.path, claim.instruction))
        if held.kind != CONFIRMED:
            return held
        gone = self._gone(claim)
        if gone:
            return Verdict(CONFIRMED, f"{_bytes(gone)} that no container sees", self._shown(gone))
        return Verdict(REFUTED, f"no later layer removes or replaces {claim.path}", held.evidence)

    def _gone(self, claim: Wasted) -> tuple[Version, ...]:
        """What later layers hide of the files that a claim speaks of."""
        link = self._link(claim.instruction)
        if isinstance(link, Verdict) or link.layer is None:
            return ()
        return tuple(v for v in self._in_layer(link.layer, claim.path) if self.view.fate(v)[0] != LIVE)

    def _view_holds(self, claim: ViewHolds) -> Verdict:
        live = tuple(self._live(claim.path))
        if live:
            return Verdict(CONFIRMED, "a container of the image has it", self._shown(live))
        was = self._elsewhere(claim.path)
        return Verdict(REFUTED, f"a container of the image has no {claim.path}", was)

    # -- configuration and history

    def _config_has(self, claim: ConfigHas) -> Verdict:
        value = _config_value(self.image, claim.key)
        if value is None or (claim.value is None and not value):
            return Verdict(REFUTED, f"the configuration has no {claim.key}")
        if claim.value is None:
            return Verdict(CONFIRMED, "the configuration has a value", (Evidence("set", key=claim.key),))
        if value == claim.value:
            return Verdict(CONFIRMED, "the configuration says so", (Evidence("as claimed", key=claim.key),))
        return Verdict(REFUTED, "the configuration has another value", (Evidence("another value", key=claim.key),))

    def _history_shows(self, claim: HistoryShows) -> Verdict:
        found = self._link(claim.instruction)
        if isinstance(found, Verdict):
            return found
        if found.entry is None:
            entries = [index for index, entry in enumerate(self.image.history) if _shows(entry.created_by, claim.text)]
            if entries:
                return Verdict(CONFIRMED, "the history shows it", (_in_history(entries[0]),))
            return Verdict(NOT_VERIFIABLE, found.why or "the builder left no history of this instruction")
        told = self.image.history[found.entry].created_by
        if _shows(told, claim.text):
            return Verdict(CONFIRMED, "the history shows it", (_in_history(found.entry),))
        if found.step.trigger is None and id(found.step.instruction) in self._changed:
            return Verdict(NOT_VERIFIABLE, "the image was built with another text of this line")
        return Verdict(REFUTED, "the history of this instruction does not show it", (_in_history(found.entry),))

    def _history_shows_secret(self, claim: HistoryShowsSecret) -> Verdict:
        found = self._link(claim.instruction)
        if isinstance(found, Verdict):
            return found
        if found.entry is None:
            return Verdict(NOT_VERIFIABLE, found.why or "the builder left no history of this instruction")
        node = found.step.instruction
        here = (_in_history(found.entry),)
        if found.step.trigger is None and id(node) in self._changed:
            return Verdict(NOT_VERIFIABLE, "the image was built with another text of this line", here)
        shown = tuple(self._shown_secret(node, claim.name, found.entry))
        if not shown:
            return Verdict(REFUTED, "the builder left this part of the instruction out of the history", here)
        where = "history" if shown[0].key.startswith("history.") else "configuration"
        return Verdict(CONFIRMED, f"the {where} shows it", shown)

    def _shown_secret(self, node: Instruction, name: str, entry: int) -> Iterator[Evidence]:
        """Where the secret in the text of an instruction is shown, whose text stands in an entry of the history."""
        told = self.image.history[entry].created_by
        if isinstance(node, Arg):  # the commands behind it are told with its value
            values = (index for index, each in enumerate(self.image.history) if _shows(each.created_by, f"{name}="))
            yield from (_in_history(index) for index in values if index >= entry)
        elif isinstance(node, Add):
            if "://" in told:
                yield _in_history(entry)
        elif isinstance(node, (Env, Label)) and name:
            key = f"{'Env' if isinstance(node, Env) else 'Labels'}.{name}"
            value = _config_value(self.image, key)
            variable = re.search(rf"""{re.escape(name)}[= ]["']?\$""", told) is not None
            if not variable:
                yield _in_history(entry)
            if value and (variable or value in told):
                yield Evidence("set", key=key)
        else:
            yield _in_history(entry)

    # -- several

    def _all(self, claim: All) -> Verdict:
        verdicts = [self.judge(part) for part in claim.claims]
        for kind in (REFUTED, NOT_VERIFIABLE):
            found = next((verdict for verdict in verdicts if verdict.kind == kind), None)
            if found is not None:
                return found
        return Verdict(CONFIRMED, self._reasons(claim.claims, verdicts), _evidence_of(verdicts))

    def _some(self, claim: Some) -> Verdict:
        verdicts = [self.judge(part) for part in claim.claims]
        right = [verdict for verdict in verdicts if verdict.kind == CONFIRMED]
        if not right:
            return next((verdict for verdict in verdicts if verdict.kind == NOT_VERIFIABLE), verdicts[0])
        few = f"{len(right)} of {len(verdicts)}: " if len(right) < len(verdicts) else ""
        return Verdict(CONFIRMED, few + self._reasons(claim.claims, right), _evidence_of(right))

    def _reasons(self, claims: tuple[Claim, ...], verdicts: list[Verdict]) -> str:
        """The reasons of confirmed claims, each once; wasted files are added up."""
        wasted = [claim for claim in claims if isinstance(claim, Wasted)]
        if len(verdicts) < 2 or len(wasted) < len(claims):
            return "; ".join(dict.fromkeys(verdict.reason for verdict in verdicts))
        gone = {(version.layer, version.path): version for claim in wasted for version in self._gone(claim)}
        return f"at least {_bytes(gone.values())} in {len(gone):,} files that no container sees"

    def _not(self, claim: Not) -> Verdict:
        verdict = self.judge(claim.claim)
        return Verdict(_OPPOSITE[verdict.kind], verdict.reason, verdict.evidence)

    # -- looking things up

    def _link(self, instruction: InstructionId) -> Link | Verdict:
        """The place of an instruction in the image, or why it has none."""
        for link in reversed(self.mapping.links):
            if (link.step.stage, link.step.instruction.index) == (instruction.stage, instruction.index):
                return link
        return Verdict(NOT_VERIFIABLE, "the instruction's stage is no part of this image: its layers are not in it")

    def _in_layer(self, layer: int, path: str) -> Iterator[Version]:
        wanted = matcher(path)
        real = self._real(path)
        for version in self.view.layers[layer].versions:
            if version.entry.kind != "dir" and (wanted(version.path) or version.path == real):
                yield version

    def _live(self, path: str) -> Iterator[Version]:
        wanted = matcher(path)
        real = self._real(path)
        for found, version in self.view.final.items():
            if version.entry.kind != "dir" and (wanted(found) or found == real):
                yield version

    def _real(self, path: str) -> str:
        """The path with the links of its folders followed: /bin may lead to /usr/bin."""
        folder, _, name = path.rpartition("/")
        real = self.view.real(folder) if folder and not folder.startswith(UNKNOWN[:-1]) else None
        return f"{real}/{name}" if real is not None else path

    def _elsewhere(self, path: str) -> tuple[Evidence, ...]:
        """Where else the image holds, or held, a path."""
        return self._shown(tuple(v for layer in self.view.layers for v in self._in_layer(layer.index, path)))

    def _shown(self, versions: tuple[Version, ...]) -> tuple[Evidence, ...]:
        return tuple(self._evidence(version) for version in versions[:_MOST])

    def _evidence(self, version: Version) -> Evidence:
        fate, by = self.view.fate(version)
        entry = version.data.entry if version.entry.kind == "hardlink" else version.entry
        text = f"{entry.size:,} bytes, mode {entry.mode:04o}, {fate}"
        if by is not None:
            text += f" {'in' if fate == DELETED else 'by'} {self._layer(by)}"
        return Evidence(text, self.image.layers[version.layer].digest, version.path)

    def _layer(self, index: int) -> str:
        layer, step = self.image.layers[index], self.mapping.step_of_layer(index)
        line = f", line {step.instruction.start_line}" if step is not None else ""
        return f"layer {index} ({layer.digest[:19]}{line})"


def _bytes(versions: Iterable[Version]) -> str:
    return f"{sum(version.entry.size for version in versions):,} bytes"


def _evidence_of(verdicts: Iterable[Verdict]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(piece for verdict in verdicts for piece in verdict.evidence))[:_MOST]


def _config_value(image: Image, key: str) -> str | None:
    config = image.config
    section, _, name = key.partition(".")
    if section == "Env":
        return next((value for known, value in reversed(config.env) if known == name), None)
    if section == "Labels":
        return next((value for known, value in reversed(config.labels) if known == name), None)
    plain = {"User": config.user, "WorkingDir": config.workdir, "StopSignal": config.stop_signal}
    lists = {"Entrypoint": config.entrypoint, "Cmd": config.cmd, "Healthcheck": config.healthcheck}
    if key in lists:
        words = lists[key]
        return " ".join(words) if words is not None else None
    return plain.get(key)


def _shows(told: str, text: str) -> bool:
    """Whether a history entry shows a text; behind one that ends in `=` stands a value that is not empty."""
    if not text.endswith("="):
        return text in told
    return re.search(rf"(?:^|[^\w]){re.escape(text)}[^\s]", told) is not None


def _in_history(entry: int) -> Evidence:
    return Evidence(f"history entry {entry}", key=f"history.{entry}")
