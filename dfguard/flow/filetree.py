"""The known files and folders of an image: every look-up costs what it finds, not what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dfguard.flow.copied import Bulk, Files
from dfguard.flow.events import ANYWHERE, UNKNOWN_ATTRIBUTES, Added, AddedFolder, Attributes, Later, attributes_with
from dfguard.flow.paths import UNKNOWN, Names, join

MAX_HOPS = 40  # links that Linux follows in one path
MAX_LOOKS = 2_000_000  # names that patterns may be compared with before they find nothing any more

Folder = dict[str, "Folder | None"]  # what is in a folder, in the order of arrival; a file is None


class FileTree:
    """Files by path, and the names in each folder.

    Two roots: "/", and `**` for what lies in a folder that is not known. `folders` are those that an
    instruction made; `changed` holds the attributes of what was changed after it was written, `rewritten` the
    files whose content is no longer that of their origin. `sure` are the paths that are surely as they are told
    here, `whole` the folders ("" for the root) that surely hold nothing else than is told here and what `maybe`
    came to be since. `looks` counts the names that patterns were compared with.
    """

    def __init__(self) -> None:
        self.files = Files()
        self.folders: dict[str, AddedFolder] = {}
        self.changed: dict[str, Attributes | Later] = {}
        self.sure: set[str] = set()
        self.whole: set[str] = set()
        self.rewritten: set[str] = set()
        self.maybe: set[str] = set()
        self.looks = 0
        self._links: dict[str, str] = {}  # those of the files that are symbolic links, and what they point to
        self._roots: Folder = {"": {}, UNKNOWN: {}}
        self._last: tuple[str, Folder] = ("", {})  # the folder written to last: files come folder by folder
        self._forget()

    def _forget(self) -> None:
        root = self._roots[""]
        assert root is not None
        self._last = "", root

    def copy(self) -> FileTree:
        """A tree of its own with the same content."""
        twin = FileTree()
        twin.files = self.files.copy()
        twin.folders = dict(self.folders)
        twin.changed = dict(self.changed)
        twin.sure = set(self.sure)
        twin.whole = set(self.whole)
        twin.rewritten = set(self.rewritten)
        twin.maybe = set(self.maybe)
        twin._links = dict(self._links)
        twin.looks = self.looks
        pending = [(self._roots, twin._roots)]
        while pending:
            mine, its = pending.pop()
            for name, inner in mine.items():
                made: Folder | None = None if inner is None else {}
                its[name] = made
                if inner is not None and made is not None:
                    pending.append((inner, made))
        twin._forget()
        return twin

    def put(self, added: Added, link: str | None = None) -> None:
        """Write a file; it replaces what was at its path. `link` is what a symbolic link points to."""
        path = added.path
        folder, _, name = path.rpartition("/")
        names = self._last[1] if folder == self._last[0] else self.make_folder(folder)
        if names.get(name) is not None:
            self.drop(path)
        names[name] = None
        self.files[path] = added
        if self.maybe:
            self.maybe.discard(path)
        if added.certain:
            self.sure.add(path)
        else:
            self.sure.discard(path)
        if self.changed:
            self.changed.pop(path, None)
        if self.rewritten:
            self.rewritten.discard(path)
        if link is not None:
            self._links[path] = link
        elif self._links:
            self._links.pop(path, None)

    def put_folder(self, folder: AddedFolder, *, whole: bool) -> None:
        """Note that an instruction made a folder; `whole`: it was surely not there before."""
        path = folder.path
        self.make_folder(path)
        self.folders[path] = folder
        self.maybe.discard(path)
        if folder.certain:
            self.sure.add(path)
        if whole:
            self.whole.add(path)

    def attributes(self, path: str) -> Attributes | None:
        """What is known of a file or folder now; None when no instruction made it."""
        what = self.files.get(path) or self.folders.get(path)
        return None if what is None else attributes_with(what, self.given(path))

    def given(self, path: str) -> Attributes | Later | None:
        """The attributes that a file or folder was given; None for those of its file of the context."""
        known = self.changed.get(path)
        if known is not None:
            return known
        what = self.files.get(path) or self.folders.get(path)
        return None if what is None else what.given

    def given_folder(self, path: str) -> Attributes | Later:
        """The attributes that a folder was given, unknown ones for one that no instruction made."""
        made = self.folders.get(path)
        if made is None:
            return self.changed.get(path, UNKNOWN_ATTRIBUTES)
        given = self.changed.get(path) or made.given
        return given if given is not None and made.file is None else attributes_with(made, given)

    def links_below(self, path: str) -> list[tuple[str, str]]:
        """The symbolic links in a folder and in its folders, and what they point to."""
        return [(at, target) for at, target in self._links.items() if at.startswith(path.rstrip("/") + "/")]

    def put_all(self, files: Iterable[Added]) -> list[tuple[Added, Added]]:
        """Write many files, folder by folder, links aside; the result pairs each with the one that it replaces."""
        replaced: list[tuple[Added, Added]] = []
        mine, sure, links = self.files, self.sure, self._links
        last, names = self._last
        for added in files:
            path = added.path
            folder, _, name = path.rpartition("/")
            if folder != last:
                names = self.make_folder(folder)
                last = folder
            if name in names:
                old = mine.get(path)
                if old is not None:
                    replaced.append((added, old))
                elif names[name] is not None:
                    self.drop(path)
                    names = self.make_folder(folder)
                self.changed.pop(path, None)
                self.rewritten.discard(path)
                links.pop(path, None)
            names[name] = None
            mine[path] = added
            if added.certain:
                sure.add(path)
            else:
                sure.discard(path)
            if self.maybe:
                self.maybe.discard(path)
        return replaced

    def put_bulk(self, bulk: Bulk) -> list[tuple[Added, Added]]:
        """As `put_all`, for what came in bulk."""
        replaced: list[tuple[Added, Added]] = []
        layout, files = bulk.layout, self.files
        for folder, its in layout.names.items():
            names = self.make_folder(folder)
            for name in names.keys() & its.keys() if names else ():
                path = f"{folder}/{name}"
                old = files.get(path)
                if old is not None:
                    replaced.append((bulk.of(path), old))
                elif names[name] is not None:
                    self.drop(path)
                    names = self.make_folder(folder)
                self.changed.pop(path, None)
                self.rewritten.discard(path)
                self._links.pop(path, None)
            names.update(its)
        files.put_all(bulk)
        if bulk.certain:
            self.sure.update(layout.paths)
        else:
            self.sure.difference_update(layout.paths)
        if self.maybe:
            self.maybe.difference_update(layout.paths)
        self._links.update(layout.links)
        return replaced

    def link(self, path: str, target: str) -> None:
        """Note that a file is a symbolic link."""
        self._links[path] = target

    def is_whole(self, path: str) -> bool:
        """Whether a folder surely holds nothing else than is told here."""
        path = path.rstrip("/")
        return path in self.whole and not any(each.rpartition("/")[0] == path for each in self.maybe)

    def is_whole_below(self, path: str) -> bool:
        """Whether a folder and all folders in it surely hold nothing else than is told here."""
        return all(self.is_whole(folder) for folder in self.folders_below(path))

    def as_sure_as(self, path: str, other: FileTree, source: str) -> None:
        """Know of a copy no more than of what it is a copy of."""
        if source not in other.sure:
            self.sure.discard(path)
        if source in other.rewritten:
            self.rewritten.add(path)

    def doubt_pattern(self, pattern: str, read: Callable[[str], Names | None]) -> None:
        """As `doubt`, for all that a path with wildcards may match; wildcards in its last part only."""
        for path in self.find(pattern, read):
            self.doubt(path)
        self.whole.discard(pattern.rpartition("/")[0])

    def is_absent(self, path: str) -> bool:
        """Whether nothing is surely at a path."""
        at: Folder = self._roots
        where = ""
        for part in path.rstrip("/").split("/"):
            where = f"{where}/{part}" if at is not self._roots else part
            if part not in at:
                return where.rpartition("/")[0] in self.whole and where not in self.maybe
            inner = at[part]
            if inner is None:
                return where != path.rstrip("/") and where not in self._links and where in self.sure
            at = inner
        return False

    def doubt(self, scope: str) -> None:
        """Note that anything may have happened to a path and to all below it."""
        if scope == ANYWHERE:
            self.sure.clear()
            self.whole.clear()
            self.maybe.clear()
            return
        scope = scope.rstrip("/")
        inside = self._folder(scope) is not None
        if not inside and scope not in self.files:
            self.maybe.add(scope)
        self.sure.discard(scope)
        self.whole.discard(scope)
        if inside:
            for folder in self.folders_below(scope):
                self.whole.discard(folder)
                self.sure.discard(folder)
            self.sure.difference_update(self.paths_below(scope))

    def is_at(self, folder: str) -> bool:
        """Whether the last file was written into this very folder, which is there then."""
        return folder == self._last[0]

    def link_of(self, path: str) -> str | None:
        """What the symbolic link at a path points to, None when there is none."""
        return self._links.get(path)

    def real(self, path: str, *, follow: bool = True) -> str:
        """A path without symbolic links in it; without `follow` the last part may be one."""
        if not self._links:
            return path or "/"
        left, hops = path.split("/"), 0
        at = left.pop(0)
        while left:
            part = left.pop(0)
            target = self._links.get(f"{at}/{part}")
            if target is None or not (left or follow) or hops == MAX_HOPS:
                at = f"{at}/{part}"
                continue
            hops += 1
            root, *parts = join(at or "/", target).rstrip("/").split("/")
            at, left = root, parts + left
        return "/".join((at, *left)) or "/"

    def make_folder(self, path: str) -> Folder:
        """Create a folder and those above it, where they are not there yet; the result is what is in it."""
        path = path.rstrip("/")
        parts = path.split("/")
        at = self._roots
        for depth, part in enumerate(parts):
            inner = at.get(part)
            if inner is None:
                if part in at:
                    self._forget_file("/".join(parts[: depth + 1]))
                inner = at[part] = {}
            at = inner
        self._last = path, at
        return at

    def is_folder(self, path: str) -> bool:
        """Whether a folder is known to be there."""
        return self._folder(path.rstrip("/")) is not None

    def is_empty(self, path: str) -> bool:
        """Whether a folder is known, and nothing in it."""
        folder = self._folder(path.rstrip("/"))
        return folder is not None and not folder

    def _folder(self, path: str) -> Folder | None:
        at: Folder | None = self._roots
        for part in path.split("/"):
            at = at.get(part) if at is not None else None
        return at

    def _forget_file(self, path: str) -> None:
        self.files.forget(path)
        self._links.pop(path, None)
        self.changed.pop(path, None)
        self.rewritten.discard(path)
        self.sure.discard(path)

    def drop(self, path: str) -> None:
        """Forget a file, or a folder with all that is in it; a root stays, empty."""
        path = path.rstrip("/")
        if self.maybe:
            self.maybe = {each for each in self.maybe if each != path and not each.startswith(path + "/")}
        for inner in list(self.folders_below(path)):
            self.folders.pop(inner, None)
            self.changed.pop(inner, None)
            self.sure.discard(inner)
            self.whole.discard(inner)
        for file in self.paths_below(path):
            self._forget_file(file)
        above, _, name = path.rpartition("/")
        folder = self._folder(above) if path not in self._roots else None
        if folder is not None:
            folder.pop(name, None)
        elif path in self._roots:
            self._roots[path] = {}
        self._forget()

    def below(self, path: str) -> list[Added]:
        """The file itself, or all files in a folder and in its folders."""
        return self.files.many(self.paths_below(path))

    def paths_below(self, path: str) -> list[str]:
        """The paths of these."""
        path = path.rstrip("/")
        found = [path] if path in self.files else []
        top = self._folder(path)
        pending = [(path, top)] if top is not None else []
        while pending:
            at, names = pending.pop()
            at += "/"
            found += [at + name for name, below in names.items() if below is None]
            pending += reversed([(at + name, below) for name, below in names.items() if below is not None])
        return found

    def there(self, paths: list[str]) -> list[Added | AddedFolder]:
        """What is at some paths: files, and folders that an instruction made."""
        files, folders = self.files, self.folders
        made = dict(zip(found := [path for path in paths if path in files], files.many(found), strict=True))
        return [made.get(path) or folders[path] for path in paths]

    def folders_below(self, path: str) -> Iterator[str]:
        """The folder itself and the folders in it, each behind the one that holds it."""
        path = path.rstrip("/")
        top = self._folder(path)
        pending = [(path, top)] if top is not None else []
        while pending:
            at, names = pending.pop()
            yield at
            pending += [(f"{at}/{name}", below) for name, below in names.items() if below is not None]

    def find(self, pattern: str, read: Callable[[str], Names | None]) -> list[str]:
        """The files, links and folders that a path names, sorted.

        `read` says what a segment with wildcards matches. Links on the way are followed, the last one is not.
        """
        root, *segments = pattern.rstrip("/").split("/")
        found: list[tuple[str, Folder | None]] = [(root, self._roots.get(root))]
        for segment in segments:
            matches = read(segment)
            inside = [(path, names) for path, names in map(self._entered, found) if names is not None]
            if matches is None:
                found = [(f"{path}/{segment}", names[segment]) for path, names in inside if segment in names]
                continue
            self.looks += sum(len(names) for _, names in inside)
            if self.looks > MAX_LOOKS:
                return []
            found = [(f"{path}/{n}", names[n]) for path, names in inside for n in names if matches(n)]
        return sorted(path or "/" for path, names in found if names is not None or path in self.files)

    def _entered(self, found: tuple[str, Folder | None]) -> tuple[str, Folder | None]:
        """The folder that a link points to; anything else is itself."""
        path, names = found
        if names is None and path in self._links:
            path = self.real(path)
            return path, self._folder(path.rstrip("/"))
        return found
