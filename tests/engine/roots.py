"""Root file systems of the machine's own programs: each program with the libraries that it needs, as one tar.

So the effects of real programs are seen without a registry: GNU's tools, dpkg and apt, pip, npm.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from contexts import ACCOUNTS

GNU = (
    "sh bash cat cp mv rm ln mkdir rmdir unlink chmod chown chgrp install touch tee truncate ls find xargs tar gzip"
    " gunzip bzip2 xz unzip sed grep echo printf env date id true false test head sort tr cut dirname basename mktemp"
    " pwd readlink stat sleep expr uname"
).split()
ACCOUNT_TOOLS = "useradd groupadd usermod ldconfig passwd".split()
DEBIAN = (
    "dpkg dpkg-deb dpkg-split apt-get apt-cache ldconfig dpkg-query update-alternatives rm start-stop-daemon".split()
)
FOLDERS = (
    "dev etc home proc root run sys tmp usr usr/bin usr/lib usr/lib64 usr/sbin usr/local usr/local/bin var".split()
)
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin"}
PAM = "auth sufficient pam_rootok.so\naccount required pam_permit.so\npassword required pam_unix.so\n"
LOCALES = Path("/usr/share/i18n")
LEFT_OUT = frozenset(("test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "pydoc_data", "__pycache__"))


class Root:
    """A tree under way: files by their path in the image."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}
        self.links: dict[str, str] = dict(LINKS)
        self.folders: dict[str, int] = {folder: 0o1777 if folder == "tmp" else 0o755 for folder in FOLDERS}
        self.texts: dict[str, str] = dict(ACCOUNTS)
        self.scratch: tempfile.TemporaryDirectory[str] | None = None  # kept as long as files of it may be read

    def program(self, name: str) -> bool:
        """Add a program with its libraries; false when this machine lacks it."""
        path = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
        if path is None:
            return False
        self.binary(Path(path), f"usr/{'sbin' if 'sbin' in path else 'bin'}/{name}")
        return True

    def binary(self, path: Path, target: str) -> None:
        """Add a binary under a name."""
        self.files[target] = path.resolve()
        for library in libraries(path.resolve()):
            self.files[library_target(library)] = Path(library).resolve()

    def tree(self, top: Path, target: str, keep: Callable[[Path], bool] = lambda path: True) -> None:
        """Add a folder with what is in it."""
        for folder, inner, names in os.walk(top):
            inner[:] = sorted(name for name in inner if name not in LEFT_OUT and keep(Path(folder, name)))
            for name in sorted(names):
                full = Path(folder, name)
                if keep(full) and not name.endswith(".pyc"):
                    self.files[f"{target}/{full.relative_to(top)}"] = full

    def tar(self) -> bytes:
        """All of it."""
        out = io.BytesIO()
        parents = {str(parent) for path in (*self.files, *self.texts, *self.links) for parent in Path(path).parents}
        folders = dict.fromkeys(parents - {"."}, 493) | self.folders
        with tarfile.open(fileobj=out, mode="w") as archive:
            for folder in sorted(folders):
                archive.addfile(entry(folder, folders[folder], tarfile.DIRTYPE))
            for name, target in sorted(self.links.items()):
                link = entry(name, 0o777, tarfile.SYMTYPE)
                link.linkname = target
                archive.addfile(link)
            for name, path in sorted(self.files.items()):
                data = path.read_bytes()
                found = entry(name, path.stat().st_mode & 0o755, tarfile.REGTYPE)
                found.size = len(data)
                archive.addfile(found, io.BytesIO(data))
            for name, text in sorted(self.texts.items()):
                found = entry(name, 0o755 if text.startswith("#!") else 0o644, tarfile.REGTYPE)
                found.size = len(text.encode())
                archive.addfile(found, io.BytesIO(text.encode()))
        return out.getvalue()


def entry(name: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    """An entry that belongs to root."""
    found = tarfile.TarInfo(name)
    found.mode, found.type = mode, kind
    return found


def library_target(library: str) -> str:
    """Where a shared library goes in the image, whose /lib is a link."""
    if library.startswith(("/lib/", "/lib64/")):
        return f"usr{library}"
    return library[1:] if library.startswith("/usr/lib") else f"usr/lib/x86_64-linux-gnu/{library.rpartition('/')[2]}"


@lru_cache(maxsize=256)
def libraries(path: Path) -> tuple[str, ...]:
    """The shared libraries of a binary, by their paths on this machine."""
    run = subprocess.run(["ldd", str(path)], capture_output=True, text=True)
    words = (line.split() for line in run.stdout.splitlines())
    found = (next((word for word in line if word.startswith("/")), None) for line in words)
    return tuple(library for library in found if library)


def gnu(programs: Iterable[str] = GNU) -> Root:
    """GNU's tools."""
    root = Root()
    for name in programs:
        root.program(name)
    return root


def accounts() -> Root:
    """With useradd and its like."""
    root = gnu((*GNU, *ACCOUNT_TOOLS))
    root.texts["etc/gshadow"] = "root:*::\n"
    root.texts["etc/login.defs"] = "CREATE_HOME no\nUID_MIN 1000\nGID_MIN 1000\n"
    root.texts["etc/nsswitch.conf"] = "passwd: files\ngroup: files\nshadow: files\n"
    root.texts["etc/skel/.profile"] = "# profile\n"
    root.texts["etc/ld.so.conf"] = "/usr/local/lib\n"
    for library in Path("/lib/x86_64-linux-gnu").glob("libnss_files*"):
        root.binary(library, f"usr/lib/x86_64-linux-gnu/{library.name}")
    return root


def system() -> Root | None:
    """With adduser and its like, perl, and the scripts of certificates and locales."""
    root = accounts()
    programs = "chfn chpasswd gpasswd chsh groupdel groupmod userdel perl adduser deluser".split()
    programs += "update-ca-certificates openssl locale-gen localedef update-locale wc".split()
    if not all(root.program(name) for name in programs) or not (LOCALES / "locales").exists():
        return None
    root.links |= {"usr/sbin/addgroup": "adduser", "usr/sbin/delgroup": "deluser"}
    modules = Path("/lib/x86_64-linux-gnu/security")
    for name in ("permit", "rootok", "unix"):
        root.binary(modules / f"pam_{name}.so", f"usr{modules}/pam_{name}.so")
    for name in ("chpasswd", "passwd", "chsh", "other"):
        root.texts[f"etc/pam.d/{name}"] = PAM
    for name in ("adduser.conf", "deluser.conf"):
        root.files[f"etc/{name}"] = Path("/etc", name)
    for tree in ("/usr/lib/x86_64-linux-gnu/perl-base", "/usr/share/perl5/Debian"):
        root.tree(Path(tree), tree[1:])
    root.files["usr/share/i18n/charmaps/UTF-8.gz"] = LOCALES / "charmaps/UTF-8.gz"
    root.tree(LOCALES / "locales", "usr/share/i18n/locales", is_of_english)
    root.texts["etc/locale.gen"] = "en_GB.UTF-8 UTF-8\n"
    root.texts["etc/ca-certificates.conf"] = "mozilla/none.crt\n"
    for folder in ("usr/lib/locale", "etc/ssl/certs", "etc/default", "usr/local/share/ca-certificates"):
        root.folders[folder] = 0o755
    return root


def is_of_english(path: Path) -> bool:
    """Whether English is made of this source."""
    return path.name.startswith(("en_GB", "en_US", "i18n", "iso14651", "translit"))


def debian() -> Root:
    """With dpkg and apt, and an archive of packages that a context brings."""
    root = gnu((*GNU, *DEBIAN, "diff"))
    for method in ("file", "copy", "store"):
        root.binary(Path("/usr/lib/apt/methods", method), f"usr/lib/apt/methods/{method}")
    for table in ("cputable", "ostable", "tupletable"):
        root.files[f"usr/share/dpkg/{table}"] = Path("/usr/share/dpkg", table)
    for helper in Path("/usr/lib/apt").glob("solvers/*"):
        root.binary(helper, f"usr/lib/apt/solvers/{helper.name}")
    root.texts["var/lib/dpkg/status"] = ""
    root.texts["var/lib/dpkg/available"] = ""
    root.texts["etc/apt/sources.list"] = "deb [trusted=yes] file:/repo ./\n"
    root.texts["etc/apt/apt.conf"] = 'APT::Sandbox::User "root";\n'
    for folder in (
        "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d", "var/lib/dpkg/info",
        "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt", "var/lib/dpkg/triggers",
        "var/lib/dpkg/updates", "usr/share/doc", "etc/alternatives",
    ):  # fmt: skip
        root.folders[folder] = 0o755
    return root


def python() -> Root | None:
    """With the Python that runs these tests, and the pip that it brings."""
    base = Path(sys.base_prefix)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    library = base / "lib" / version
    bundled = next(iter(sorted(library.glob("ensurepip/_bundled/pip-*.whl"))), None)
    binary = base / "bin" / version
    if bundled is None or not binary.exists():
        return None
    root = gnu()
    root.binary(binary, f"usr/local/bin/{version}")
    root.links["usr/local/bin/python3"] = version
    root.tree(
        library,
        f"usr/local/lib/{version}",
        lambda path: not path.name.startswith(("site-packages", "ensurepip", "config-", "lib-dynload")),
    )
    for extension in (library / "lib-dynload").glob("*.so"):
        if not extension.name.startswith(("_tkinter", "_test", "_curses")):
            root.binary(extension, f"usr/local/lib/{version}/lib-dynload/{extension.name}")
    root.scratch = tempfile.TemporaryDirectory(prefix="dfguard-pip-")
    unpacked = Path(root.scratch.name)
    with zipfile.ZipFile(bundled) as wheel:
        wheel.extractall(unpacked)
    root.tree(unpacked, f"usr/local/lib/{version}/site-packages")
    root.texts["usr/local/bin/pip"] = (
        f"#!/usr/local/bin/{version}\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
    )
    return root


def node() -> Root | None:
    """With node and npm."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node", path="/usr/bin:/usr/local/bin") is None:
        return None
    home = Path(npm).resolve().parent.parent
    root = gnu()
    root.program("node")
    root.tree(home, "usr/lib/node_modules/npm", lambda path: path.name not in ("docs", "man"))
    root.texts["usr/bin/npm"] = "#!/usr/bin/env node\nrequire('/usr/lib/node_modules/npm/lib/cli.js')(process)\n"
    return root


def with_programs(*programs: str) -> Root | None:
    """GNU's tools and some more; None when one of these is lacking here."""
    root = gnu()
    return root if all(root.program(name) for name in programs) else None


def git() -> Root | None:
    """With git and what it runs itself."""
    root = with_programs("git")
    if root is not None:
        core = Path("/usr/lib/git-core")
        for name in ("git", "git-upload-pack", "git-index-pack", "git-clone", "git-receive-pack"):
            if (core / name).exists():
                root.binary(core / name, f"usr/lib/git-core/{name}")
        root.folders["usr/share/git-core/templates"] = 0o755
    return root


ROOTS: dict[str, Callable[[], Root | None]] = {
    "gnu": gnu,
    "accounts": accounts,
    "debian": debian,
    "python": python,
    "node": node,
    "curl": lambda: with_programs("curl"),
    "git": git,
    "make": lambda: with_programs("make"),
    "packers": lambda: with_programs("bsdtar", "zstd", "unzstd", "bunzip2", "unxz"),
    "system": system,
    "text": lambda: with_programs("mawk", "awk", "uniq", "jq", "openssl", "perl"),
}
