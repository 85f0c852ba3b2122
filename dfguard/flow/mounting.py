"""What RUN --mount lays over a layer: commands see it, the layer never holds it.

https://docs.docker.com/reference/dockerfile/#run---mount; the folders that the builder makes for a mount are gone
again after the RUN when nothing was written into them (tried on Docker Engine 26).
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.dockerfile.nodes import Mount, Run
from dfguard.flow.events import CONTEXT, NAMED, ROOT_OWNER, SECRET, Added, AddedFolder, Attributes, Origin
from dfguard.flow.filesystem import Filesystem
from dfguard.flow.paths import join, name_of
from dfguard.flow.world import World
from dfguard.source import Span

_NOT_IN_LAYERS = ("/dev/", "/proc/", "/sys/")


class Mounted:
    """One mount: `prefix` is its target with a final slash; it is filled when a command first looks there."""

    def __init__(self, prefix: str, instruction: Run, mount: Mount | None, source: str | None = None) -> None:
        self.prefix = prefix
        self.instruction = instruction
        self.mount = mount
        self.source = source
        self.filled = False

    def fill(self, aside: Filesystem, world: World) -> None:
        """Lay out what is known of its content, once."""
        if self.filled:
            return
        self.filled = True
        top = self.prefix.rstrip("/")
        mount = self.mount
        if mount is None or mount.type in ("cache", "ssh"):
            aside.tree.make_folder(top)
        elif mount.type == "tmpfs":
            self.folder(aside, top, Attributes(0o1777, ROOT_OWNER), whole=True)
        elif mount.type == "secret":
            name = mount.option("id") or name_of(mount.source or top)
            attributes = Attributes(_mode(mount), _owner(mount), None)
            self.file(aside, top, Origin(SECRET, name, mount.span), attributes)
        elif mount.type == "bind" and self.source is not None:
            self.bind(aside, top, self.source, world)

    def bind(self, aside: Filesystem, top: str, source: str, world: World) -> None:
        """Files of the context or of a stage."""
        assert self.mount is not None
        span = self.mount.span
        named = world.folder_mounted(self.mount)
        if self.mount.from_ is not None and named is None:
            flow = world.stage_mounted(self.mount)
            files = world.follow(flow.tree.below(source)) if flow is not None else None
            if flow is None or files is None:
                aside.tree.make_folder(top)
                return
            cut = len(source.rstrip("/"))
            for path in flow.tree.folders_below(source):
                attributes = flow.attributes(path) or Attributes()
                self.folder(aside, top + path[cut:], attributes, whole=flow.tree.is_whole(path))
            for added in files:
                attributes = flow.attributes(added.path) or Attributes()
                self.file(aside, top + added.path[cut:], added.origin, attributes, (*added.hops, span))
            return
        inside = source.strip("/")
        context, kind = (world.context, CONTEXT) if named is None else (named.context, NAMED)
        entry = context.get(inside) if context is not None and inside else None
        below = context.below(inside) if context is not None else ()
        if context is None or (entry is None and inside) or not world.takes(len(below)):
            aside.tree.make_folder(top)
            return
        if entry is not None and entry.kind != "dir":
            self.file(aside, top, Origin(kind, entry.path, span, entry, named=named), None)
            return
        self.folder(aside, top, Attributes(0o755, ROOT_OWNER), whole=True)
        cut = len(inside) + 1 if inside else 0
        for file in below:
            path = f"{top}/{file.path[cut:]}"
            if file.kind == "dir":
                self.folder(aside, path, Attributes(file.mode, ROOT_OWNER), whole=True)
            else:
                self.file(aside, path, Origin(kind, file.path, span, file, named=named), None)

    def file(
        self,
        aside: Filesystem,
        path: str,
        origin: Origin,
        attributes: Attributes | None,
        hops: tuple[Span, ...] = (),
    ) -> None:
        """A file of the mount."""
        added = Added(path, self.instruction, aside.stage.index, origin.place, origin, hops, True, attributes)
        aside.add(added, added.attributes.link)

    def folder(self, aside: Filesystem, path: str, attributes: Attributes, *, whole: bool) -> None:
        """A folder of the mount."""
        assert self.mount is not None
        made = AddedFolder(path, self.instruction, aside.stage.index, self.mount.span, attributes)
        aside.put_folder(made, whole=whole)


def mounts_of(instruction: Run, state: Filesystem, world: World) -> Iterator[Mounted]:
    """The mounts of a RUN, the ones that every RUN has at the end."""
    for mount in instruction.mounts:
        written = _target(mount)
        target = world.expand(instruction, written) if written else None
        if target:
            source = world.expand(instruction, mount.source or "/")
            prefix = join(state.workdir, target).rstrip("/") + "/"
            yield Mounted(prefix, instruction, mount, None if source is None else join("/", source))
    for prefix in _NOT_IN_LAYERS:
        yield Mounted(prefix, instruction, None)


def _target(mount: Mount) -> str | None:
    if mount.target is None and mount.type == "secret" and not mount.option("env"):
        name = mount.option("id") or name_of(mount.source or "")
        return f"/run/secrets/{name}" if name else None
    return mount.target


def _mode(mount: Mount) -> int | None:
    text = mount.option("mode")
    if text is None:
        return 0o400
    return int(text, 8) if text and set(text) <= set("01234567") and len(text) < 6 else None


def _owner(mount: Mount) -> str:
    return f"{mount.option('uid') or 0}:{mount.option('gid') or 0}"
