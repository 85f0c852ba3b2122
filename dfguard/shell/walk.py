"""The syntax tree of a script, walked without recursion: which commands it holds and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.shell.raw import MAX_REDIRECTS, Numbers, Place, RawCommand, RawRedirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from dfguard.shell.raw import Range


class Walk:
    """What a walk found: commands in the order in which they start, ranges not understood, loop variables.

    `loops` are those over words: the words and the body, unless one loop stands in another.
    `functions` gives the places where bodies of functions begin, by name; commands of a body are
    conditional only within it.
    """

    __slots__ = ("_numbers", "_pending", "_stack", "commands", "functions", "gaps", "loops", "variables")

    def __init__(self, root: Node, place: Place, numbers: Numbers) -> None:
        self.commands: list[RawCommand] = []
        self.gaps: list[Range] = []
        self.variables: list[Range] = []
        self.loops: list[tuple[tuple[Range, ...], Range]] = []
        self.functions: dict[str, list[Place]] = {}
        self._numbers = numbers
        self._pending: dict[int, tuple[Node, ...]] = {}
        self._stack: list[tuple[Node | RawCommand, Place]] = [(root, place)]
        self._run()
        if root.has_error and not self.gaps:
            self.gaps.append(_missing(root))

    def _run(self) -> None:
        while self._stack:
            node, place = self._stack.pop()
            if isinstance(node, RawCommand):
                self.commands.append(node)
            elif node.type == "ERROR":
                self.gaps.append((node.start_byte, node.end_byte))
            elif node.is_missing:
                self.gaps.append((max(0, node.start_byte - 1), node.end_byte))
            elif node.type in _SIMPLE:
                self._simple(node, place)
            else:
                self._compound(node, place)

    def _compound(self, node: Node, place: Place) -> None:
        around = self._pending.pop(node.id, ())
        if around:
            place = place.but(redirects=(*map(_redirect, around), *place.redirects)[:MAX_REDIRECTS])
            self._inside(around, place)
        _COMPOUND.get(node.type, Walk._substitutions)(self, node, place)

    def _push(self, found: Iterable[tuple[Node | RawCommand, Place]]) -> None:
        self._stack += reversed(list(found))

    # simple commands

    def _simple(self, node: Node, place: Place) -> None:
        own = self._pending.pop(node.id, ())
        if node.has_error:
            self.gaps.append((node.start_byte, node.end_byte))
            return
        words, assignments, inner = _parts(node)
        for redirect in own:
            words += [(child.start_byte, child.end_byte) for child in _destinations(redirect)[1:]]
        redirects = tuple(_redirect(child) for child in (*inner, *own))
        nodes = [node, *own]
        command = RawCommand(
            min(each.start_byte for each in nodes),
            max(each.end_byte for each in nodes),
            tuple(_joined(words)),
            tuple(assignments),
            redirects,
            self._numbered(place),
            node.type in ("declaration_command", "unset_command"),
        )
        self._stack.append((command, place))
        self._inside(nodes, place)

    def _numbered(self, place: Place) -> Place:
        return place if place.pipeline else place.piped(place.operator, self._numbers.fresh())

    def _inside(self, nodes: Iterable[Node], place: Place) -> None:
        """Visit the substitutions inside of `nodes`: they run before what they stand in."""
        stack = list(reversed([child for node in nodes for child in node.children if child.child_count]))
        found: list[tuple[Node | RawCommand, Place]] = []
        while stack:
            node = stack.pop()
            if node.type in ("command_substitution", "process_substitution"):
                found.append((node, place))
            else:
                stack += reversed([child for child in node.children if child.child_count])
        self._push(found)

    def _substitutions(self, node: Node, place: Place) -> None:
        self._inside([node], place)

    # sequences

    def _statements(self, nodes: Iterable[Node], place: Place) -> None:
        found: list[tuple[Node | RawCommand, Place]] = []
        operator = place.operator
        for node in nodes:
            if node.type in ("&", ";"):
                operator = node.type
            elif node.is_named and node.type != "comment":
                found.append((node, place.at(operator)))
                operator = ";"
        self._push(found)

    def _block(self, node: Node, place: Place) -> None:
        self._statements(node.children, place)

    def _chain(self, node: Node, place: Place) -> None:
        """Commands joined by `&&`, `||` and `|`.

        The grammar nests them wrongly (`a | b | c && d` is a pipeline of a and the rest), so they are
        put in a row as they are written and grouped again: `|` binds closer, `&&` and `||` are equal.
        """
        found: list[tuple[Node | RawCommand, Place]] = []
        tested = False
        for operator, items in _pipelines(self._row(node)):
            tested = tested and operator != "||"
            first = place.at(operator, tested or operator == "||") if found else place
            found += self._piped(items, first)
            tested = tested or _is_test(items[-1])
        self._push(found)

    def _piped(self, items: list[Node], place: Place) -> list[tuple[Node | RawCommand, Place]]:
        if len(items) == 1:
            return [(items[0], place)]
        number = self._numbers.fresh()
        self._numbers.piped.add(number)
        return [
            (item, place.piped("|" if index else place.operator, number, self._numbers.fresh()))
            for index, item in enumerate(items)
        ]

    def _row(self, node: Node) -> list[tuple[str, Node]]:
        """Commands and compounds as written, each with the operator in front of it."""
        row: list[tuple[str, Node]] = []
        operator = ""
        stack = [node]
        while stack:
            current = stack.pop()
            inner = current.named_children[-1:] if current.type == "negated_command" else current.children[:1]
            if current.type in ("list", "pipeline"):
                stack += reversed(current.children)
            elif current.type in ("&&", "||", "|", "|&"):
                operator = "|" if current.type == "|&" else current.type
            elif current.type == "ERROR":
                self.gaps.append(_range(current))
            elif current.type in _TRANSPARENT and inner and inner[0].type in _TRANSPARENT:
                self._hand_down(current)
                stack.append(inner[0])
            elif current.is_named and current.type != "comment":
                row.append((operator, current))
        return row

    def _redirected(self, node: Node, place: Place) -> None:
        body = node.children[0]
        if _is_redirect(body) or not body.is_named:
            redirects = tuple(_redirect(child) for child in node.children if _is_redirect(child))
            words = tuple(_range(child) for item in node.children for child in _destinations(item)[1:])
            bare = RawCommand(node.start_byte, node.end_byte, words, (), redirects, self._numbered(place))
            self._stack.append((bare, place))
            self._inside([node], place)
            return
        self._hand_down(node)
        self._push([(body, place)])

    def _hand_down(self, node: Node) -> None:
        """Note redirects for the command that they belong to: the last one of a list or pipeline."""
        redirects = tuple(child for child in node.children[1:] if _is_redirect(child))
        self.gaps += [_range(child) for child in node.children[1:] if child.type == "ERROR"]
        owner = node.children[0]
        while owner.type in _TRANSPARENT and owner.named_child_count:
            owner = owner.children[0] if owner.type == "redirected_statement" else owner.named_children[-1]
        self._pending[owner.id] = self._pending.get(owner.id, ()) + redirects

    # compounds

    def _subshell(self, node: Node, place: Place) -> None:
        self._statements(node.children, place.inside(subshell=self._numbers.fresh()))

    def _substitution(self, node: Node, place: Place) -> None:
        shells = (*place.subshells, self._numbers.fresh())
        if node.type == "command_substitution":
            self._numbers.substitutions.add(shells[-1])
        inner = Place("", 0, place.depth + 1, place.conditional, shells, place.function)
        self._statements(node.children, inner)

    def _branches(self, node: Node, place: Place) -> None:
        """if, elif, else, while, until: the condition runs, the rest may not."""
        top = place.inside() if node.type in ("if_statement", "while_statement") else place
        branch = top.at(";", conditional=True)
        condition: list[Node] = []
        body: list[Node] = []
        section = body if node.type == "else_clause" else condition
        for child in node.children:
            if child.type == "then":
                section = body
            elif child.type in ("elif_clause", "else_clause", "do_group"):
                body.append(child)
            else:
                section.append(child)
        self._statements(body, branch)
        self._statements(condition, top)

    def _for(self, node: Node, place: Place) -> None:
        inner = place.inside()
        self.variables += [_range(child) for child in node.children if child.type == "variable_name"]
        found: list[tuple[Node | RawCommand, Place]] = []
        for child in node.children:
            is_body = child.type in ("do_group", "compound_statement")
            if child.child_count:
                found.append((child, inner.at(";", conditional=True) if is_body else inner))
        if node.type == "for_statement":
            self._note_loop(node)
        self._push(found)

    def _note_loop(self, node: Node) -> None:
        words = [child for child in node.children if child.is_named and child.type not in ("do_group", "comment")]
        body = next((_range(child) for child in node.children if child.type == "do_group"), None)
        if body is None:
            return
        if self.loops and self.loops[-1][1][0] <= body[0] < self.loops[-1][1][1]:
            self.loops[-1] = (), self.loops[-1][1]  # words of a loop in a loop hang on the outer one
            return
        self.loops.append((tuple(map(_range, words)), body))

    def _case(self, node: Node, place: Place) -> None:
        inner = place.inside()
        items = [child for child in node.children if child.type == "case_item" or child.child_count]
        self._push((child, inner.at(";", conditional=True) if child.type == "case_item" else inner) for child in items)

    def _case_item(self, node: Node, place: Place) -> None:
        closed = next((index for index, child in enumerate(node.children) if child.type == ")"), -1)
        self._statements(node.children[closed + 1 :], place)

    def _function(self, node: Node, place: Place) -> None:
        name = node.child_by_field_name("name")
        text = name.text.decode() if name is not None and name.text else ""
        body = node.child_by_field_name("body")
        if body is not None:
            inside = Place("", 0, place.depth + 1, False, place.subshells, text, place.redirects)
            self.functions.setdefault(text, []).append(inside)
            self._push([(body, inside)])


_SIMPLE = frozenset(
    ("command", "declaration_command", "unset_command", "test_command", "variable_assignment", "variable_assignments")
)
_TRANSPARENT = frozenset(("list", "pipeline", "negated_command", "redirected_statement"))
_REDIRECTS = frozenset(("file_redirect", "herestring_redirect", "heredoc_redirect"))
_COMPOUND: dict[str, Callable[[Walk, Node, Place], None]] = {
    "program": Walk._block,
    "compound_statement": Walk._block,
    "do_group": Walk._block,
    "negated_command": Walk._block,
    "list": Walk._chain,
    "pipeline": Walk._chain,
    "redirected_statement": Walk._redirected,
    "subshell": Walk._subshell,
    "command_substitution": Walk._substitution,
    "process_substitution": Walk._substitution,
    "if_statement": Walk._branches,
    "elif_clause": Walk._branches,
    "else_clause": Walk._branches,
    "while_statement": Walk._branches,
    "for_statement": Walk._for,
    "c_style_for_statement": Walk._for,
    "case_statement": Walk._case,
    "case_item": Walk._case_item,
    "function_definition": Walk._function,
}
_EXPRESSIONS = frozenset(("binary_expression", "unary_expression", "parenthesized_expression", "negation_expression"))


def _pipelines(row: list[tuple[str, Node]]) -> list[tuple[str, list[Node]]]:
    """The pipelines of a row, each with the operator in front of it."""
    found: list[tuple[str, list[Node]]] = []
    for operator, node in row:
        if operator == "|" and found:
            found[-1][1].append(node)
        else:
            found.append((operator, [node]))
    return found


def _range(node: Node) -> Range:
    return node.start_byte, node.end_byte


def _is_redirect(node: Node) -> bool:
    return node.type in _REDIRECTS


def _destinations(node: Node) -> list[Node]:
    """Words behind a redirect's operator; the grammar also takes in arguments that follow the first."""
    if node.type != "file_redirect":
        return []
    return [child for child in node.children if child.is_named and child.type != "file_descriptor"]


def _redirect(node: Node) -> RawRedirect:
    words = _destinations(node) if node.type == "file_redirect" else node.children[1:2]
    target = _range(words[0]) if words else None
    return RawRedirect(node.start_byte, target[1] if target else node.end_byte, target)


def _parts(node: Node) -> tuple[list[Range], list[Range], list[Node]]:
    """The words, assignments and redirects of a simple command."""
    if node.type == "test_command":
        return _test_words(node), [], []
    if node.type == "variable_assignment":
        return [], [_range(node)], []
    words: list[Range] = []
    assignments: list[Range] = []
    redirects: list[Node] = []
    for child in node.children:
        if _is_redirect(child):
            redirects.append(child)
            words += [_range(each) for each in _destinations(child)[1:]]
        elif child.type == "variable_assignment":
            assignments.append(_range(child))
            if node.type == "declaration_command":
                words.append(_range(child))
        else:
            words.append(_range(child))
    return *_whole(words, assignments, declares=node.type == "declaration_command"), redirects


def _whole(words: list[Range], assignments: list[Range], *, declares: bool) -> tuple[list[Range], list[Range]]:
    """Words and assignments, where the grammar ends `A=/$(b)/$C-$D` too early and takes the rest for a program."""
    if not assignments:
        return words, []
    ends = dict(words)
    whole: list[Range] = []
    for start, end in assignments:
        while end in ends:
            end = ends.pop(end)
        whole.append((start, end))
    return (words if declares else sorted(ends.items())), whole


def _test_words(node: Node) -> list[Range]:
    """`[`, then the words and operators of the expression, without the closing bracket."""
    words: list[Range] = []
    stack = list(reversed(node.children[:-1]))
    while stack:
        child = stack.pop()
        if child.type in _EXPRESSIONS:
            stack += reversed(child.children)
        else:
            words.append(_range(child))
    return words


def _joined(words: list[Range]) -> list[Range]:
    """Words in order; neighbours without a blank between are one word to the shell."""
    done: list[Range] = []
    for word in sorted(words):
        if done and done[-1][1] == word[0]:
            done[-1] = (done[-1][0], word[1])
        else:
            done.append(word)
    return done


def _is_test(node: Node) -> bool:
    """Whether a command only asks a question, so that `&&` behind it is a condition."""
    while node.type in ("negated_command", "redirected_statement") and node.named_child_count:
        node = node.named_children[0]
    if node.type == "test_command":
        return True
    questions = (b"test ", b"command -v ", b"which ", b"grep -q")
    return node.type == "command" and (node.text or b"").startswith(questions)


def _missing(node: Node) -> Range:
    """Where a token is missing: the character in front of it."""
    while not node.is_missing:
        inner = next((child for child in node.children if child.is_missing or child.has_error), None)
        if inner is None:
            break
        node = inner
    return max(0, node.start_byte - 1), node.end_byte
