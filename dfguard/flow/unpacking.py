"""ADD of an archive: its entries, as the builder unpacks them.

Source: pkg/archive/archive.go of https://github.com/moby/moby, which BuildKit uses; tried on Docker Engine 26 and 28.
"""

from __future__ import annotations

from collections.abc import Iterable

from dfguard.dockerfile.nodes import Add, Copy
from dfguard.flow.archives import FOLDER, HARD, LINK, OTHER, Member
from dfguard.flow.events import ROOT_OWNER, Added, AddedFolder, Attributes, Changed, Origin
from dfguard.flow.filesystem import Filesystem
from dfguard.flow.ownership import Given
from dfguard.flow.paths import join
from dfguard.source import Span

_WAY = Attributes(0o755, ROOT_OWNER)


class Unpacking:
    """One archive under way; --chmod does not reach what is in it, --chown does from BuildKit 0.23 on.

    https://github.com/moby/buildkit/pull/5987
    """

    def __init__(
        self,
        instruction: Copy | Add,
        state: Filesystem,
        span: Span,
        origin: Origin,
        target: str,
        certain: bool,
        given: Given,
    ) -> None:
        self.instruction = instruction
        self.state = state
        self.span = span
        self.origin = origin
        self.target = target
        self.certain = certain
        self.given = given

    def take_all(self, members: Iterable[Member]) -> None:
        """All entries, in order."""
        for member in members:
            self.take(member)

    def take(self, member: Member) -> None:
        """One entry; what is there already is replaced, but for a folder by a folder."""
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        inside = join("/", "/".join(parts))
        if inside == "/":
            return  # the destination itself is left as it is
        tree = self.state.tree
        path = tree.real(self.target.rstrip("/") + inside, follow=False)
        self.state.make_folder(path.rpartition("/")[0], self.instruction, self.span, _WAY, certain=self.certain)
        if member.kind == FOLDER:
            self.folder(path, Attributes(member.mode, self.owner(member)))
            return
        if tree.is_folder(path):
            tree.drop(path)
        if member.kind == OTHER:
            self.state.opaque(self.instruction, "ADD unpacks a device or the like", path, self.span)
        elif member.kind == HARD:
            self.tie(path, member)
        else:
            link = member.target if member.kind == LINK else None
            size = len(member.target.encode()) if member.kind == LINK else member.size
            origin = self.origin.part(member.name, self.span)
            self.put(path, origin, Attributes(member.mode, self.owner(member), size, link))

    def owner(self, member: Member) -> str | None:
        """Whom an entry belongs to; None where that depends on the builder."""
        if self.given.unsure_owner or self.given.owner not in (None, member.owner):
            return None
        return member.owner

    def folder(self, path: str, attributes: Attributes) -> None:
        """A folder; one that is there gets the attributes too."""
        tree, stage = self.state.tree, self.state.stage.index
        if not tree.is_folder(path):
            absent = tree.is_absent(path)
            made = AddedFolder(path, self.instruction, stage, self.span, attributes, self.certain)
            self.state.put_folder(made, whole=self.certain and absent)
        elif tree.attributes(path) != attributes:
            before = tree.folders.get(path)
            sure = self.certain and path in tree.sure
            self.state.change(Changed(path, self.instruction, stage, self.span, before, attributes, False, sure))

    def put(self, path: str, origin: Origin, attributes: Attributes) -> None:
        """A file or a link."""
        stage = self.state.stage.index
        added = Added(path, self.instruction, stage, self.span, origin, (), self.certain, attributes)
        self.state.add(added, attributes.link)

    def tie(self, path: str, member: Member) -> None:
        """Another name of an earlier entry, whose attributes are those of the last name."""
        tree = self.state.tree
        source = join("/", self.target.rstrip("/") + join("/", member.target))
        old = tree.files.get(source)
        known = tree.attributes(source)
        if old is None or known is None:
            self.state.opaque(self.instruction, "ADD unpacks a hard link that is not followed", path, self.span)
            return
        attributes = Attributes(member.mode, self.owner(member), known.size)
        self.put(path, old.origin, attributes)
        if attributes != known:
            change = Changed(source, self.instruction, self.state.stage.index, self.span, old, attributes)
            self.state.change(change)
