"""How fast `dfguard image` reads a large image, beside bare decompression and beside its peers.

    python benchmarks/image.py FOLDER [--download] [--files DIR] [--runs N] [--stages] [--peers]

The image is FOLDER/image.tar: ten gzip layers of 1 GB and more of files, unpacked, made once. The files are those of
`--files`, by default FOLDER/unpacked, where `--download` puts the pinned wheels of wheels.txt (as
secret_contents.py does).

Each figure is a process of its own, the least of N runs, and its ratio to what isal takes to decompress the layers and
do nothing else. Times are of the processor, as others use the machine too; of several processes that share the work
the one that took longest counts, which is what the clock would show on an idle machine (it is printed beside).
Memory is the most that all processes of a run held together. `--stages` tells where the time goes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from secret_contents import download

from dfguard.image.layer import Wanted, read_layer
from dfguard.image.packages.reader import PackageReader
from dfguard.image.runtime import is_account_file
from dfguard.image_unit import IMAGE_LIMITS
from dfguard.secrets import scanner as scanning
from dfguard.secrets.scanner import SecretScanner

LAYERS = 10
ROUGHLY = 1 << 30  # bytes of files, at least
GOALS = {"without the decode stage": 4.5, "all": 6.0, "two cores": 3.0}
MOST_MEMORY = 300  # MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--download", action="store_true", help="fetch the wheels that the image is made of")
    parser.add_argument("--files", type=Path, help="what the image is made of instead")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    image = options.folder / "image.tar"
    if options.one:
        ONE[options.one](image)
        return
    if options.download:
        download(options.folder)
    if not image.exists():
        make(options.files or options.folder / "unpacked", image)
    ours(options.folder, options.runs, ("stages",) * options.stages)
    if options.peers:
        peers(image)


# -- the image


def make(files: Path, image: Path) -> None:
    """Ten layers of the files below a folder, in their order, as `docker save` packs them."""
    paths = sorted(path for path in files.rglob("*") if path.is_file() and not path.is_symlink())
    total = sum(path.stat().st_size for path in paths)
    if total < ROUGHLY:
        raise SystemExit(f"{files} holds {total:,} bytes; expected {ROUGHLY:,} and more")
    blobs, diff_ids, names = image.with_suffix(".blobs"), [], []
    shutil.rmtree(blobs, ignore_errors=True)
    (blobs / "blobs" / "sha256").mkdir(parents=True)
    for each in shared_out(paths, total):
        blob, diff_id = layer(files, each, blobs)
        names.append(f"blobs/sha256/{blob}")
        diff_ids.append(f"sha256:{diff_id}")
    config = json.dumps({
        "os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created_by": f"COPY {number} / # buildkit"} for number in range(LAYERS)],
    }).encode()  # fmt: skip
    name = f"blobs/sha256/{hashlib.sha256(config).hexdigest()}"
    (blobs / name).write_bytes(config)
    listed = [{"Config": name, "RepoTags": ["benchmark:1"], "Layers": names}]
    (blobs / "manifest.json").write_text(json.dumps(listed))
    with tarfile.open(image, "w") as archive:
        archive.add(blobs, ".")
    shutil.rmtree(blobs)


def shared_out(paths: list[Path], total: int) -> Iterable[list[Path]]:
    part: list[Path] = []
    size = done = 0
    for path in paths:
        part.append(path)
        size += path.stat().st_size
        if size >= total * (done + 1) / LAYERS and done < LAYERS - 1:
            yield part
            part, done = [], done + 1
    yield part


class Hashed(io.RawIOBase):
    """A file that hashes what is written to it."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.sha256 = inner, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        self.inner.write(data)
        return len(data)


def layer(files: Path, paths: list[Path], blobs: Path) -> tuple[str, str]:
    """Write a layer; the digests of the blob and of what is inside."""
    with tempfile.NamedTemporaryFile(dir=blobs, delete=False) as file:
        outer = Hashed(file)
        with gzip.GzipFile(fileobj=outer, mode="wb", compresslevel=6, mtime=0, filename="") as packer:
            inner = Hashed(packer)
            with tarfile.open(fileobj=inner, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                for path in paths:
                    member = archive.gettarinfo(path, f"srv/{path.relative_to(files)}")
                    member.uid = member.gid = member.mtime = 0
                    member.uname = member.gname = ""
                    with path.open("rb") as content:
                        archive.addfile(member, content)
    digest = outer.sha256.hexdigest()
    os.chmod(file.name, 0o644)
    os.replace(file.name, blobs / "blobs" / "sha256" / digest)
    return digest, inner.sha256.hexdigest()


# -- one run of each kind, in a process of its own


def layers_of(image: Path) -> list[tuple[int, int]]:
    """Offset and size of the blobs, the configuration left out."""
    with tarfile.open(image) as archive:
        return [(m.offset_data, m.size) for m in archive if "/sha256/" in m.name and m.isfile() and m.size > 1 << 20]


class Window:
    def __init__(self, file: Any, start: int, size: int) -> None:
        self.file, self.left = file, size
        file.seek(start)

    def read(self, size: int, /) -> bytes:
        data: bytes = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data


def bare(image: Path) -> None:
    from isal import isal_zlib

    with image.open("rb") as file:
        for start, size in layers_of(image):
            window = Window(file, start, size)
            decoder = isal_zlib.decompressobj(31)
            while data := window.read(1 << 18):
                while data:
                    decoder.decompress(data, 1 << 18)
                    data = decoder.unconsumed_tail


class NotDecoded(SecretScanner):
    """Looks at files as they are: nothing in them is unpacked."""

    def _opened(self, look: Any, source: Any) -> Any:
        return self._text(look, source, scanning._Text(look.path))


def reading(make_wanted: Callable[[], Wanted]) -> Callable[[Path], None]:
    def read(image: Path) -> None:
        wanted = make_wanted()
        with image.open("rb") as file:
            for start, size in layers_of(image):
                read_layer(Window(file, start, size), str(image), wanted)

    return read


def command(*more: str) -> Callable[[Path], None]:
    def run(image: Path) -> None:
        from dfguard.cli.main import console

        with open(os.devnull, "w") as nothing:
            sys.stdout = nothing
            sys.argv = ["dfguard", "image", str(image), "--isolated", *more]
            console()

    return run


ONE: dict[str, Callable[[Path], None]] = {
    "bare": bare,
    "digests and layer model": reading(lambda: Wanted()),
    "without the decode stage": reading(lambda: Wanted(scanner=NotDecoded(IMAGE_LIMITS))),
    "secrets": reading(lambda: Wanted(scanner=SecretScanner(IMAGE_LIMITS))),
    "packages": reading(lambda: Wanted(keeps=is_account_file, reader=PackageReader())),
    "all": command("--jobs", "1", "--no-cache"),
    "two cores": command("--jobs", "2", "--no-cache"),
    "again": command("--jobs", "1"),
}


# -- figures


class Run:
    """What one run took: seconds of the clock and of the processor, and the most MB that it held."""

    def __init__(self, arguments: list[str], environment: dict[str, str] | None = None) -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        self.memory = 0
        self.longest = 0.0  # of the processor, of all its processes
        with subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment or dict(os.environ)
        ) as process:
            watch = threading.Thread(target=self._watch, args=(process,))
            watch.start()
            assert process.stderr is not None
            said = process.stderr.read().decode()
            self.code = process.wait()
            watch.join()
        self.clock = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if self.code > 1:
            raise SystemExit(f"{' '.join(arguments)}: exit {self.code}: {said[-2000:]}")

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            together = 0
            for pid in family(process.pid):
                try:
                    together += int(Path(f"/proc/{pid}/smaps_rollup").read_text().split("Pss:")[1].split()[0]) >> 10
                    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                except (OSError, IndexError):
                    continue
                self.longest = max(self.longest, (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK"))
            self.memory = max(self.memory, together)
            time.sleep(0.02)


def family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(member for child in children for member in family(int(child)))]


def ours(folder: Path, runs: int, more: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "DFGUARD_CACHE_DIR": cache}
        names = [name for name in ONE if more or name in ("bare", "again", *GOALS)]
        measured: dict[str, list[Run]] = {name: [] for name in names}
        Run([sys.executable, __file__, str(folder), "--one", "again"], environment)  # fills the cache
        for _ in range(runs):
            for name in names:
                measured[name].append(Run([sys.executable, __file__, str(folder), "--one", name], environment))
    limit = min(each.processor for each in measured["bare"])
    size = (folder / "image.tar").stat().st_size
    print(f"{folder / 'image.tar'}: {size / 1e6:,.0f} MB; bare decompression by isal: {limit:.2f} s")
    print(f"{'':28} {'least':>7} {'ratio':>6} {'median':>7} {'clock':>7} {'MB':>5}")
    for name, each in measured.items():
        seconds = [run.longest if name == "two cores" else run.processor for run in each]
        clock, memory = min(run.clock for run in each), max(run.memory for run in each)
        ratio, goal = min(seconds) / limit, GOALS.get(name)
        verdict = "" if goal is None else f"  {'within' if ratio <= goal else 'NOT within'} {goal}"
        verdict += "" if memory <= MOST_MEMORY else f"  NOT within {MOST_MEMORY} MB"
        print(
            f"{name:28} {min(seconds):6.2f}s {ratio:5.2f}x {statistics.median(seconds):6.2f}s {clock:6.2f}s "
            f"{memory:5}{verdict}"
        )


def peers(image: Path) -> None:
    commands = {
        "trivy": ["image", "--scanners", "secret", "--skip-db-update", "--offline-scan", "--input", str(image)],
        "kingfisher": ["scan", "docker", "--archive", str(image), "--no-update-check", "--no-validate"],
        "syft": ["scan", f"docker-archive:{image}", "--scope", "all-layers", "--quiet"],
    }
    for name, arguments in commands.items():
        program = shutil.which(name)
        if program is None:
            print(f"{name:28} not installed")
            continue
        run = Run([program, *arguments])
        print(f"{name:28} {run.processor:6.2f}s of the processor, {run.clock:.2f}s, {run.memory} MB")


if __name__ == "__main__":
    main()
