"""Named contexts that are folders, and stages whose image, or all of it, is one.

Such a stage starts with the files of that folder, and nothing else:
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert.go (resolveBaseImage)
"""

from __future__ import annotations

from collections.abc import Callable

from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import COMMAND_LINE
from dfguard.context.named import NamedFolder
from dfguard.context.tree import BuildContext
from dfguard.errors import InputError
from dfguard.flow.events import NAMED, Added, AddedFolder, Origin
from dfguard.flow.filesystem import Filesystem
from dfguard.flow.world import TOO_MANY, World


def read_folders(
    invocation: Invocation, load: Callable[[Invocation], BuildContext | None], errors: dict[str, InputError]
) -> dict[str, NamedFolder]:
    """The named contexts that are folders, by name; why one can't be read goes to `errors`."""
    found = {}
    for named in invocation.folders:
        try:
            context = load(invocation.of_named(named))
        except InputError as error:
            errors[named.name] = error
            continue
        if context is not None:
            span = named.span if named.span is not None and named.span.path != COMMAND_LINE else None
            found[named.name] = NamedFolder(named.name, context, span)
    return found


def lay_base(folder: NamedFolder, state: Filesystem, world: World) -> None:
    """Lay out the files of a named context below `/`, as the FROM of the stage does."""
    stage = state.stage
    from_ = stage.from_
    span = from_.alias.span if stage.replaced and from_.alias is not None else from_.image.span
    state.tree.whole.add("")
    state.workdir = "/"
    files = folder.context.files
    if not world.takes(len(files)):
        state.opaque(from_, TOO_MANY)
        return
    for file in files:
        path = f"/{file.path}"
        if file.kind == "dir":
            state.put_folder(AddedFolder(path, from_, stage.index, span, None, True, file), whole=True)
        else:
            origin = Origin(NAMED, file.path, span, file, named=folder)
            state.add(Added(path, from_, stage.index, span, origin), file.link_target)
