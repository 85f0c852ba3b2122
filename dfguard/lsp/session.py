"""One editor and what it has open: which project each document belongs to, and when what is checked.

Everything here runs on the loop of the server; the checks run one at a time on one other thread.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from dfguard.build_plan import Job
from dfguard.lsp.client import Client
from dfguard.lsp.documents import OTHER, Document, Documents
from dfguard.lsp.project import Project, texts_of
from dfguard.lsp.settings import WORKSPACE, ClientSettings

T = TypeVar("T")
RECHECK = 10.0
"""Seconds after which files on disk are looked at anew even if nobody says that they have changed."""
SEARCH_AGAIN = 30.0
SETTLE = 0.3
"""Seconds of quiet before files that are not open are checked."""
BATCH = 8


class Desk:
    """A project and how far its checks are: `generation` counts what has happened, `checked` what is done."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.generation = 1
        self.checked = 0
        self.thorough = True
        self.looked_at = 0.0
        self.searched_at = 0.0
        self.timer: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[None] | None = None
        self.sweep: asyncio.Task[None] | None = None


class Publisher(Protocol):
    """Who tells the client what came of a check."""

    def collect(self, desk: Desk, documents: Sequence[Document]) -> object:
        """What there is to tell; called on the thread that checks."""
        ...

    def send(self, desk: Desk, collected: object) -> None:
        """Tell it; called on the loop."""
        ...


class Session:
    """All projects of one client; `publisher` is told of all that was checked."""

    def __init__(self, client: Client, encoding: str) -> None:
        self.client = client
        self.encoding = encoding
        self.settings = ClientSettings()
        self.documents = Documents()
        self.folders: dict[str, Desk] = {}
        self.alone: dict[str, Desk] = {}
        self.publisher: Publisher | None = None
        self._worker = ThreadPoolExecutor(1, "check")
        self._searcher = ThreadPoolExecutor(1, "search")
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def desks(self) -> Iterator[Desk]:
        """All of them."""
        yield from tuple(self.folders.values())
        yield from tuple(self.alone.values())

    def add_folder(self, path: str) -> None:
        """Take a folder of the workspace; the whole disk, or somebody's home, is none."""
        if os.path.dirname(path) != path and os.path.realpath(path) != os.path.realpath(os.path.expanduser("~")):
            self.folders[path] = Desk(Project(path, self.settings))

    def drop_folder(self, path: str) -> Desk | None:
        """Forget a folder of the workspace."""
        return self.folders.pop(path, None)

    def configure(self, settings: ClientSettings) -> None:
        """Start anew under other settings."""
        self.settings = settings
        self.folders = {path: Desk(Project(path, settings)) for path in self.folders}
        self.alone = {path: Desk(Project("", settings)) for path in self.alone}

    def desk_of(self, document: Document) -> Desk:
        """Where a document is checked: with the innermost folder of the workspace that holds it, else by itself."""
        around = [path for path in self.folders if document.path.startswith(os.path.join(path, ""))]
        if around:
            return self.folders[max(around, key=len)]
        if document.path not in self.alone:
            self.alone[document.path] = Desk(Project("", self.settings))
        return self.alone[document.path]

    def documents_of(self, desk: Desk) -> list[Document]:
        """The open documents that are checked there."""
        return [document for document in self.documents if self.desk_of(document) is desk]

    def touch(self, desk: Desk, *, thorough: bool = False) -> None:
        """Note that something has changed; `thorough`: it may have been a file on disk."""
        desk.generation += 1
        desk.thorough = desk.thorough or thorough

    def schedule(self, desk: Desk) -> None:
        """Check soon, once nothing has happened for the time that the settings give."""
        if desk.timer is not None:
            desk.timer.cancel()
        desk.timer = asyncio.get_running_loop().call_later(self.settings.debounce / 1000, self._due, desk)

    def _due(self, desk: Desk) -> None:
        desk.timer = None
        self.spawn(self.up_to_date(desk))

    def spawn(self, coroutine: object) -> None:
        """Let something run beside all else."""
        task = asyncio.ensure_future(coroutine)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def up_to_date(self, desk: Desk) -> None:
        """Wait until all that is open in a project has been checked as it is now."""
        while desk.checked < desk.generation:
            if desk.task is None or desk.task.done():
                desk.task = asyncio.ensure_future(self._check_open(desk))
            await asyncio.shield(desk.task)

    async def _check_open(self, desk: Desk) -> None:
        generation = desk.generation
        now = time.monotonic()
        thorough = desk.thorough or now - desk.looked_at > RECHECK
        desk.thorough = False
        desk.looked_at = now if thorough else desk.looked_at
        documents = self.documents_of(desk)
        opened = {os.path.realpath(document.path) for document in documents}
        texts = texts_of((one.path, one.kind, one.text) for one in documents if one.kind != OTHER)
        project = desk.project

        def check() -> object:
            project.take(texts, thorough=thorough)
            for job in project.jobs:
                if desk.generation != generation:
                    return None
                if os.path.realpath(job.path) in opened or job.inline is not None:
                    project.check(job)
            return self._collected(desk, documents)

        collected = await self.work(check)
        if collected is None:
            desk.thorough = desk.thorough or thorough
            return
        self._send(desk, collected)
        await self._finish(desk, documents)
        desk.checked = max(desk.checked, generation)
        if desk.sweep is None or desk.sweep.done():
            desk.sweep = asyncio.ensure_future(self._sweep(desk))

    async def _finish(self, desk: Desk, documents: Sequence[Document]) -> None:
        """Check the ignore files, now that it is known what builds take, and tell all that has changed."""

        def finish() -> object:
            desk.project.clear()
            desk.project.check_ignore_files()
            return self._collected(desk, documents)

        self._send(desk, await self.work(finish))

    def _collected(self, desk: Desk, documents: Sequence[Document]) -> object:
        return self.publisher.collect(desk, documents) if self.publisher is not None else ()

    def _send(self, desk: Desk, collected: object) -> None:
        if self.publisher is not None:
            self.publisher.send(desk, collected)

    async def _sweep(self, desk: Desk) -> None:
        """Check the files that are not open, a few at a time, while nothing else happens."""
        if not desk.project.root or self.settings.diagnostic_mode != WORKSPACE:
            return
        await asyncio.sleep(SETTLE)
        await self._search(desk)
        generation = -1
        while generation != desk.generation:
            generation = desk.generation
            await self.up_to_date(desk)
            left, made = list(desk.project.jobs), False
            while left and generation == desk.generation:
                batch, left = left[:BATCH], left[BATCH:]
                made = await self.work(_checks(desk.project, batch)) or made
            if generation == desk.generation and not made:
                return
            if generation == desk.generation:
                await self._finish(desk, self.documents_of(desk))
            else:
                await asyncio.sleep(SETTLE)

    async def _search(self, desk: Desk) -> None:
        """Look for files in the folder, if that is not just done."""
        if desk.searched_at and time.monotonic() - desk.searched_at < SEARCH_AGAIN:
            return
        desk.searched_at = time.monotonic()
        found = await asyncio.get_running_loop().run_in_executor(self._searcher, desk.project.search)
        if await self.work(lambda: desk.project.adopt(found)):
            self.touch(desk)

    async def work(self, what: Callable[[], T]) -> T:
        """Run something on the thread that checks, after all that waits for it."""
        async with self._lock:
            return await asyncio.get_running_loop().run_in_executor(self._worker, what)

    def stop(self) -> None:
        """Start nothing any more."""
        for desk in self.desks:
            for waiting in (desk.timer, desk.task, desk.sweep):
                if waiting is not None:
                    waiting.cancel()
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._searcher.shutdown(wait=False, cancel_futures=True)


def _checks(project: Project, jobs: Sequence[Job]) -> Callable[[], bool]:
    """What checks some jobs, and tells whether any was to be checked."""

    def check() -> bool:
        return sum(project.check(job) for job in jobs) > 0  # each of them

    return check
