"""COPY and ADD: which files come from where, and what they are called in the image.

https://docs.docker.com/reference/dockerfile/#copy; tried on Docker Engine 26 where the text is silent.
"""

from __future__ import annotations

from dfguard.context.glob import has_wildcard
from dfguard.context.pattern import MalformedPattern, compile_pattern
from dfguard.context.tree import BuildContext, ContextFile, Selected
from dfguard.dockerfile.nodes import Add, Copy, CopySource, Heredoc
from dfguard.errors import InputError
from dfguard.flow.archives import holds_tar, tar_members
from dfguard.flow.carried import Carried
from dfguard.flow.copied import ContextLayout, Copied, Layout, layouts_of
from dfguard.flow.events import (
    ANYWHERE,
    CONTEXT,
    HEREDOC,
    NAMED,
    REMOTE,
    ROOT_OWNER,
    STAGE,
    UNKNOWN_ATTRIBUTES,
    Added,
    AddedFolder,
    Attributes,
    Changed,
    Later,
    Origin,
)
from dfguard.flow.filesystem import Filesystem, StageFlow
from dfguard.flow.ownership import Given, with_numbers
from dfguard.flow.paths import UNKNOWN, go_names, join, name_of, unpacks
from dfguard.flow.unpacking import Unpacking
from dfguard.flow.world import TOO_MANY, World
from dfguard.source import Span

HEAD = 8192  # enough bytes to see a tar header behind any of the compressions
_FETCHED = Attributes(0o600, ROOT_OWNER)
_ADDRESSES = ("http://", "https://", "ftp://")
_GIT = ("git://", "ssh://", "git@")


def copy(instruction: Copy | Add, state: Filesystem, world: World) -> None:
    """Play a COPY or ADD."""
    if instruction.destination is None:
        return
    written = world.value(instruction, instruction.destination)
    copying = _Copying(instruction, state, world, written)
    if state.is_folder(copying.target):
        state.into_folders.add(instruction.index)
    for source in instruction.sources:
        copying.take(source)


class _Copying:
    """One COPY or ADD under way."""

    def __init__(self, instruction: Copy | Add, state: Filesystem, world: World, written: str | None) -> None:
        self.instruction = instruction
        self.state = state
        self.world = world
        self.target = UNKNOWN if written is None else state.tree.real(join(state.workdir, written))
        self.into = written is None or len(instruction.sources) > 1 or _names_folder(written)
        self.below = self.target.rstrip("/") + "/"
        self.known = written is not None
        self.parents = _is_set(instruction, "parents")
        self.pivot = ""  # what --parents cuts off in front of `/./`
        self.given = _given(instruction, state, world)
        self.excluded = tuple(flag.value for flag in instruction.flags if flag.name == "exclude" and flag.value)
        self.patterns_known = all(_is_plain(pattern) for pattern in self.excluded)
        self.named = world.folder_of(instruction)
        self.context = world.context if self.named is None else self.named.context

    def take(self, source: CopySource) -> None:
        """Play one source."""
        if source.heredoc is not None:
            self.take_heredoc(source.heredoc, source.span)
            return
        path = self.world.value(self.instruction, source.word)
        if path is None:
            outside = self.instruction.from_ is not None and self.named is None
            origin = Origin(STAGE, source.raw, source.span) if outside else self.origin(source.raw, source.span)
            self.put(self.place_of(name_of(source.raw)), source.span, origin, (), False)
            return
        before, pivot, _ = path.partition("/./")
        self.pivot = join("/", before).lstrip("/") + "/" if pivot else ""
        if self.instruction.from_ is not None and self.named is None:
            self.take_from(source, path)
        elif isinstance(self.instruction, Add) and _is_address(source, path):
            self.fetch(source, path)
        elif self.context is None:
            self.take_absent(source, path)
        else:
            self.take_context(source, path, self.context)

    def origin(self, path: str, span: Span, file: ContextFile | None = None) -> Origin:
        """A file of the build context, or of the named one that the instruction takes from."""
        if self.named is None:
            return Origin(CONTEXT, path, span, file)
        return Origin(NAMED, path, span, file, named=self.named)

    def take_heredoc(self, heredoc: Heredoc, span: Span) -> None:
        """A file whose text stands in the Dockerfile."""
        text = self.world.text_of(self.instruction, heredoc)
        size = None if text is None else len(text.encode("utf-8", "surrogateescape"))
        origin = Origin(HEREDOC, heredoc.name, heredoc.opener, None, heredoc, text)
        self.put(self.place_of(heredoc.name), span, origin, given=Attributes(0o644, ROOT_OWNER, size))

    def place_of(self, name: str) -> str:
        """Where one file goes; asked for each anew, because what a pattern copies first may be a folder."""
        return self.below + name if self.into or self.state.is_folder(self.target) else self.target

    def put(
        self,
        path: str,
        span: Span,
        origin: Origin,
        hops: tuple[Span, ...] = (),
        certain: bool = True,
        given: Attributes | Later | None = UNKNOWN_ATTRIBUTES,
        link: str | None = None,
    ) -> None:
        """Write one file, or a link; `given` None: it has the attributes of its file in the context."""
        self.make_way(path, span)
        sure, stage = certain and self.known, self.state.stage.index
        added = Added(path, self.instruction, stage, span, origin, hops, sure, self.given.over(given))
        self.state.add(added, link)

    def make_way(self, path: str, span: Span) -> None:
        """Create the folder of a destination where it is not there yet."""
        folder = path.rpartition("/")[0]
        if not self.state.tree.is_at(folder):
            self.state.make_folder(folder, self.instruction, span, self.given.way, certain=self.known)

    def put_folder(
        self,
        path: str,
        span: Span,
        given: Attributes | Later | None,
        certain: bool = True,
        file: ContextFile | None = None,
    ) -> None:
        """Create a folder below the destination; one that is there gets the attributes all the same."""
        tree, stage = self.state.tree, self.state.stage.index
        given, sure = self.given.over(given), certain and self.known
        made = AddedFolder(path, self.instruction, stage, span, given, sure, file)
        if not tree.is_folder(path):
            self.state.put_folder(made, whole=sure and tree.is_absent(path))
            return
        before, after = tree.attributes(path), made.attributes
        if before != after:
            old = tree.folders.get(path)
            sure = sure and before is not None
            self.state.change(Changed(path, self.instruction, stage, span, old, after, False, sure))

    def opaque(self, reason: str, scope: str = ANYWHERE) -> None:
        """Say that more may be written than is followed."""
        self.state.opaque(self.instruction, reason, scope)

    def fetch(self, source: CopySource, address: str) -> None:
        """ADD of an address: one file named as the address ends, or the files of a git repository."""
        if source.kind == "git" or address.startswith(_GIT):
            self.opaque("ADD fetches a git repository", self.target)
        elif _is_set(self.instruction, "unpack"):
            self.opaque("ADD unpacks what it fetches")
        else:
            path = address.partition("#")[0].partition("?")[0]
            name = name_of(path.partition("://")[2].rstrip("/").partition("/")[2]) or "__unnamed__"
            origin = Origin(REMOTE, address, source.span)
            self.put(self.place_of(name), source.span, origin, given=_FETCHED)

    def take_absent(self, source: CopySource, path: str) -> None:
        """A file that is not in this checkout, or whose context is not known: it may also be a folder."""
        clean = join("/", path).lstrip("/")
        if not clean or has_wildcard(clean):
            self.opaque("the build context is not known")
        else:
            self.put(self.place_of(name_of(clean)), source.span, self.origin(clean, source.span), (), False)

    # -- the build context

    def take_context(self, source: CopySource, path: str, context: BuildContext) -> None:
        """Files and folders of the build context."""
        taken = context.sources(path)
        for selected in taken:
            if not self.world.takes(len(selected.below)):
                self.opaque(TOO_MANY)
            elif selected.entry is None or selected.entry.kind == "dir":
                self.take_folder(source.span, selected, context)
            else:
                self.take_file(source.span, selected, context)
        if not taken and not has_wildcard(path) and context.get(path) is None:
            self.take_absent(source, path)

    def take_folder(self, span: Span, selected: Selected, context: BuildContext) -> None:
        """The content of a folder: its folders first, then the files."""
        state, stage, sure = self.state, self.state.stage.index, self.known
        root = "" if selected.entry is None else selected.entry.path
        base = self.below
        if self.parents and root:
            base += f"{root}/".removeprefix(self.pivot)
        state.make_folder(base, self.instruction, span, self.given.way, certain=sure)
        if self.parents or not self.patterns_known:
            sure = False
        layout = self.layout(selected, base, context)
        for path, folder in layout.folders:
            self.put_folder(path, span, None, sure, folder)
        if layout.paths:
            given = self.given.over(None)
            state.add_bulk(Copied(layout, self.instruction, stage, span, sure, self.named, given))

    def layout(self, selected: Selected, base: str, context: BuildContext) -> ContextLayout:
        """Where all that a source selects goes, but for what --exclude leaves out."""
        if not self.excluded:
            return layouts_of(context).of(selected, base)
        cut = len(selected.entry.path) + 1 if selected.entry is not None else 0
        return ContextLayout([file for file in selected.below if not self.excludes(file.path[cut:])], base, cut)

    def take_file(self, span: Span, selected: Selected, context: BuildContext) -> None:
        """One file, a link to it included: it keeps the name of the link.

        --exclude does not leave it out, even where a pattern names it: it asks what lies below a source
        (tried on Docker Engine 28). Whether another builder does is not known, so it is not certain.
        """
        file = selected.below[0]
        name = name_of(selected.path)
        if isinstance(self.instruction, Add) and file.kind == "file":
            unpacked = _unpacks(self.instruction, file, context)
            if unpacked:
                self.state.make_folder(self.target, self.instruction, span, self.given.way, certain=self.known)
                origin = Origin(CONTEXT, file.path, span, file)
                members = self.world.members(origin, tar_members)
                if members is None:
                    self.opaque(unpacked, self.target)
                else:
                    unpacking = Unpacking(
                        self.instruction, self.state, span, origin, self.target, self.known, self.given
                    )
                    unpacking.take_all(members)
                return
        path = self.below + selected.path.removeprefix(self.pivot) if self.parents else self.place_of(name)
        sure = not self.parents and not self.excluded
        self.put(path, span, self.origin(file.path, span, file), (), sure, None, file.link_target)

    def excludes(self, relative: str) -> bool:
        """Whether --exclude leaves out what lies below a source; patterns are read from the source on."""
        try:
            return any(_matches(pattern, relative) for pattern in self.excluded)
        except MalformedPattern:
            return False

    # -- an earlier stage

    def take_from(self, source: CopySource, path: str) -> None:
        """Files and folders of an earlier stage, or of an image."""
        root = join("/", path)
        flow = self.world.stage_of(self.instruction)
        if flow is None:
            self.put(self.place_of(name_of(root)), source.span, Origin(REMOTE, root, source.span), (), False)
            return
        found = flow.tree.find(root, go_names)
        for entry in found:
            self.take_entry(source, entry, flow)
        if not found:
            origin = Origin(STAGE, root, source.span)
            self.put(self.place_of(name_of(root)), source.span, origin, (source.span,), False)

    def take_entry(self, source: CopySource, entry: str, flow: StageFlow) -> None:
        """One file, or the content of a folder, of a stage."""
        top = flow.tree.real(entry)  # a link that the source names is followed, links in a folder are not
        folder = flow.tree.is_folder(top)
        paths, files = flow.tree.paths_below(top), flow.tree.files
        if not self.world.takes(len(paths)):
            self.opaque(TOO_MANY)
            return
        if folder or not paths:
            self.say_what_is_lost(entry, top, flow, bool(paths))
        if not folder:
            for path in paths:
                self.take_one(source, files[path], self.place_of(name_of(entry)), flow)
        elif self.parents or self.excluded:
            for path in paths:
                here = path[1:].removeprefix(self.pivot) if self.parents else path[len(top) :].lstrip("/")
                self.take_one(source, files[path], self.below + here, flow)
        else:
            self.take_tree(source, top, paths, flow)

    def say_what_is_lost(self, entry: str, top: str, flow: StageFlow, some: bool) -> None:
        """Say that a folder of a stage may hold more than is known."""
        if flow.tree.is_folder(top) and flow.tree.is_whole_below(top):
            return
        more = f"{entry} may hold more there than is known" if some else f"nothing is known of what is in {entry} there"
        self.opaque(more, self.target)

    def take_one(self, source: CopySource, added: Added, path: str, flow: StageFlow) -> None:
        """One file of a stage."""
        if self.parents:
            path = self.below + added.path[1:].removeprefix(self.pivot)
        certain = added.certain and not self.parents and not self.excluded
        given, link = flow.tree.given(added.path), flow.tree.link_of(added.path)
        self.put(path, source.span, added.origin, (*added.hops, source.span), certain, given, link)
        self.state.tree.as_sure_as(path, flow.tree, added.path)

    def take_tree(self, source: CopySource, top: str, paths: list[str], flow: StageFlow) -> None:
        """A folder of a stage with all that is in it, empty folders too."""
        state, span, tree, below = self.state, source.span, flow.tree, self.below
        state.make_folder(self.target, self.instruction, span, self.given.way, certain=self.known)
        top = top.rstrip("/") + "/"
        cut = len(top)
        for path in tree.folders_below(top):
            if path[cut:]:
                made = tree.folders.get(path)
                given = tree.given(path) if made is not None else UNKNOWN_ATTRIBUTES
                self.put_folder(below + path[cut:], span, given, path in tree.sure, made.file if made else None)
        if not paths:
            return
        links = tuple([(below + path[cut:], target) for path, target in tree.links_below(top)])
        layout = Layout(tuple([below + path[cut:] for path in paths]), links)
        instruction, stage, over = self.instruction, state.stage.index, self.given.over
        state.add_bulk(Carried(layout, instruction, stage, span, self.known, tree, paths, over))
        surely = tree.sure
        state.tree.sure.difference_update([below + path[cut:] for path in paths if path not in surely])
        state.tree.rewritten.update([below + path[cut:] for path in tree.rewritten if path.startswith(top)])


def _given(instruction: Copy | Add, state: Filesystem, world: World) -> Given:
    """What --chmod and --chown say; builders before BuildKit 0.16 ignore a --chmod with a variable."""
    chmod, chown = instruction.flag("chmod"), instruction.flag("chown")
    mode = chmod.value if chmod and chmod.value and "$" not in chmod.value else None
    owner = world.expand(instruction, chown.value) if chown and chown.value else None
    unsure_owner = chown is not None and owner is None
    if owner is not None and not owner.replace(":", "").isdecimal():
        owner = with_numbers(owner, world.text_at(state.tree, "/etc/passwd"), world.text_at(state.tree, "/etc/group"))
    return Given(mode, owner, unsure_mode=chmod is not None and mode is None, unsure_owner=unsure_owner)


def _names_folder(destination: str) -> bool:
    return destination.endswith(("/", "/.")) or destination in ("", ".", "..")


def _is_set(instruction: Copy | Add, name: str) -> bool:
    flag = instruction.flag(name)
    return flag is not None and flag.value != "false"


def _is_address(source: CopySource, path: str) -> bool:
    return source.kind in ("url", "git") or path.startswith(_ADDRESSES + _GIT)


def _is_plain(pattern: str) -> bool:
    """Whether it is known what an --exclude means: no exception to another, no variable, no class or escape."""
    return set("!$[\\").isdisjoint(pattern)


def _matches(pattern: str, path: str) -> bool:
    """Whether an exclusion is about a path or a folder above it."""
    matches = compile_pattern(pattern.strip("/")).match
    while path:
        if matches(path):
            return True
        path = path.rpartition("/")[0]
    return False


def _unpacks(instruction: Add, file: ContextFile, context: BuildContext) -> str:
    """Why the file does not arrive as it is, "" when it does."""
    flag = instruction.flag("unpack")
    if flag is not None and flag.value == "false":
        return ""
    try:
        verdict = unpacks(context.head(file.path, HEAD))
        if verdict is None:
            with context.open(file.path) as packed:
                verdict = holds_tar(packed)
    except InputError:
        return ""
    if verdict is None:
        return f"ADD may unpack {file.path}: only the package zstandard reads what is compressed with zstd"
    return f"ADD unpacks {file.path}" if verdict else ""
