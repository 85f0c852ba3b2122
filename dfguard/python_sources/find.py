"""The credentials that are written into a Python source, with exact places; `ast` finds, nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from dfguard.finding import Confidence
from dfguard.python_sources import limits
from dfguard.python_sources.formats import is_format
from dfguard.python_sources.holders import FALLBACK, Holder, holders
from dfguard.python_sources.judge import CREDENTIAL, judge, speaks_of_examples
from dfguard.python_sources.literals import Literal, inner_span, joined_parts, literal
from dfguard.python_sources.names import unused, variable_for
from dfguard.python_sources.text import PythonText, Unreadable
from dfguard.python_sources.urls import inner_secrets
from dfguard.regex import regex
from dfguard.secrets.contents import scan
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.names import with_article
from dfguard.source import Span
from dfguard.struct import Struct

MOST_CHARACTERS = 1_000_000
# What other tools read as "this one is known", on the line of the value.
_ALLOWED = regex(
    r"#.*?(?:noqa:.*?\bS10[567]\b|\bnosec\b|pragma: ?(?:allow|white)list[ -]secret|gitleaks:allow|ggignore"
    r"|trufflehog:ignore|dfguard: ?ignore\[(?:DG12|hard-coded|signing-key))"
)


class PythonCredential(Struct):
    """A credential in a Python source.

    `span` is the credential itself, `value` the place of the literal that holds it, quotes included; `what`
    reads "a password", `holder` is what gets it (`DATABASES["default"]["PASSWORD"]` is PASSWORD; "" for
    nothing with a name), `variable` the environment variable that it would be read from. `certain`: the
    format tells, whatever the name. `partial`: the literal holds more than the credential that would have to
    stay; `constant`: all of the value is written out. `shape` and `literal` are those of Holder and Literal.
    """

    span: Span
    value: Span
    what: str
    kind: str
    holder: str
    variable: str
    confidence: Confidence
    certain: bool
    shape: str
    literal: str
    partial: bool = False
    constant: bool = True


class Reading(Struct):
    """The credentials of a source; `loose`: comments or docstrings hold more, which only their format tells."""

    credentials: tuple[PythonCredential, ...]
    loose: bool


def parse(text: PythonText) -> ast.Module:
    """The tree of a text; raises Unreadable for what Python's parser refuses, or must not be given."""
    if len(text.text) > MOST_CHARACTERS:
        raise Unreadable(f"{len(text.text):,} characters; Python is read up to {MOST_CHARACTERS:,}")
    why = limits.refusal(text.text)
    if why:
        raise Unreadable(why)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.text)
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno or 1}: no Python that this one reads: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise Unreadable(f"Python's parser gives up: {type(error).__name__}") from None


def find(text: PythonText) -> Reading:
    """All credentials, in order of place, none overlapping another; raises Unreadable."""
    finder = _Finder(text, parse(text))
    return Reading(finder.run(), finder.loose)


class _Finder:
    """One file under way."""

    def __init__(self, text: PythonText, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.holders: dict[int, Holder] = {}
        self.telling: dict[int, Holder] = {}  # those whose name says that it is a credential
        self.found: list[PythonCredential] = []
        self.loose = False

    def run(self) -> tuple[PythonCredential, ...]:
        for holder in holders(self.tree):
            written = literal(holder.value)
            if written is not None:
                self.by_name(holder, written)
                self.holders.setdefault(id(written.node), holder)
        strings = list(_strings(self.tree))
        for node in strings:
            self.by_content(node)
        self.by_format(strings)
        return self.named(self.apart())

    def add(self, written: Literal, span: Span, what: str, kind: str, confidence: Confidence, **more: object) -> None:
        """Take a credential up, unless a comment on its line says that it is known."""
        holder = self.telling.get(id(written.node)) or self.holders.get(id(written.node))
        node = holder.value if holder is not None and holder.shape == FALLBACK else written.node
        if self.is_allowed(node):
            return
        scheme = str(more.get("scheme", ""))
        path = holder.path if holder is not None else ()
        self.found.append(
            PythonCredential(
                span,
                self.text.span_of(written.node),
                what,
                kind,
                holder.name if holder is not None else "",
                variable_for(path, what, holder.callee if holder is not None else "", scheme),
                confidence,
                bool(more.get("certain")),
                holder.shape if holder is not None else "",
                written.kind,
                bool(more.get("partial")),
                written.whole,
            )
        )

    def is_allowed(self, node: ast.expr) -> bool:
        last = node.end_lineno or node.lineno
        return any(_ALLOWED.search(self.text.line(line)) for line in {node.lineno, last})

    def by_name(self, holder: Holder, written: Literal) -> None:
        """What stands where a credential stands."""
        judged = judge(holder, written.value)
        if judged is not None:
            self.telling.setdefault(id(written.node), holder)
            span = self.part(written, judged.skip, len(written.value))
            self.add(written, span, judged.what, judged.kind, judged.confidence, partial=judged.skip > 0)

    def by_content(self, node: ast.expr) -> None:
        """Passwords in URLs and connection strings."""
        written = literal(node)
        if written is None or ("@" not in written.value and "=" not in written.value):
            return
        holder = self.holders.get(id(node))
        if holder is not None and speaks_of_examples(holder):
            return
        for inner in inner_secrets(written.value):
            at_most = Confidence.HIGH
            if "\n" in written.value.strip():
                at_most = Confidence.LOW  # a text that speaks of one
            elif holder is not None and holder.shape == FALLBACK:
                at_most = Confidence.MEDIUM
            confidence = max(inner.confidence, at_most, key=lambda confidence: confidence.rank)
            span = self.part(written, inner.start, inner.end)
            partial = bool(inner.scheme) and re.fullmatch(r"[a-z0-9+.-]+://\S+", written.value.lower()) is None
            self.add(written, span, inner.what, CREDENTIAL, confidence, scheme=inner.scheme, partial=partial)

    def by_format(self, strings: list[ast.expr]) -> None:
        """Tokens and keys whose format tells, in any string that is no comment."""
        hits = [hit for hit in scan(self.text.text.encode("utf-8", "surrogatepass")) if is_format(hit.detector)]
        if not hits:
            return
        places = [(*self.bounds(node), node) for node in strings]
        for hit, start, end in self.in_characters(hits):
            around = [(last - first, node) for first, last, node in places if first <= start and end <= last]
            written = literal(min(around, key=lambda pair: pair[0])[1]) if around else None
            if written is None:
                self.loose = True
            else:
                span = Span(self.text.source, self.text.offset_at(start), self.text.offset_at(end))
                partial = span.text != inner_span(self.text, written.node).text
                what = with_article(hit.title)
                self.add(written, span, what, CREDENTIAL, hit.confidence, certain=True, partial=partial)

    def in_characters(self, hits: list[SecretHit]) -> Iterator[tuple[SecretHit, int, int]]:
        data = self.text.text.encode("utf-8", "surrogatepass")
        for hit in hits:
            start = len(data[: hit.start].decode("utf-8", "replace"))
            yield hit, start, start + len(data[hit.start : hit.end].decode("utf-8", "replace").rstrip())

    def bounds(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self.text.index_of(node.lineno, node.col_offset)
        return start, self.text.index_of(node.end_lineno, node.end_col_offset)

    def part(self, written: Literal, start: int, end: int) -> Span:
        """A part of a value; all of it where its characters are not those of the source."""
        whole = inner_span(self.text, written.node)
        said = whole.text
        value = written.value
        if said == value:
            return whole.sub(start, end)
        secret = value[start:end]
        at = said.find(secret)
        if (start, end) == (0, len(value)) or at < 0 or not secret or said.find(secret, at + 1) >= 0:
            return whole
        return whole.sub(at, at + len(secret))

    def apart(self) -> list[PythonCredential]:
        """Without overlaps: the certain one stays, else the surer, else the smaller."""
        kept: list[PythonCredential] = []
        for each in sorted(self.found, key=lambda c: (c.value.start, c.span.start)):
            before = kept[-1] if kept else None
            if before is None or (before.value.end <= each.value.start or before.span.end <= each.span.start):
                kept.append(each)
            elif _rank(each) < _rank(before):
                kept[-1] = each
        return kept

    def named(self, found: list[PythonCredential]) -> tuple[PythonCredential, ...]:
        """Every variable gets a name of its own."""
        taken: set[str] = set()
        out = []
        for each in found:
            name = unused(each.variable, taken)
            taken.add(name)
            out.append(each.but(variable=name))
        return tuple(out)


def _rank(found: PythonCredential) -> tuple[bool, int, int]:
    return not found.certain, found.confidence.rank, found.span.end - found.span.start


def _strings(tree: ast.Module) -> Iterator[ast.expr]:
    """All strings that are values: no docstrings, no annotations; f-strings and what is added up as a whole."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))):
            yield node
            continue
        if isinstance(node, ast.BinOp) and literal(node) is not None:
            yield node
            todo += (part for part in joined_parts(node) if not isinstance(part, (ast.Constant, ast.JoinedStr)))
            continue
        if isinstance(node, ast.AnnAssign):
            todo += [node.target, *([node.value] if node.value is not None else [])]
            continue
        if isinstance(node, ast.arg):
            continue
        todo += ast.iter_child_nodes(node)
