"""Modes and owners as COPY, ADD and shell commands are told them.

https://docs.docker.com/reference/dockerfile/#copy---chown---chmod; owners tried on Docker Engine 26.
"""

from __future__ import annotations

from dfguard.flow.events import ROOT_OWNER, Attributes, Later
from dfguard.regex import regex

_ROOT = {"root": "0"}


def octal(text: str) -> int | None:
    """A mode in octal digits; None for anything else, a symbolic mode included."""
    if not text or len(text) > 6 or not set(text) <= set("01234567"):
        return None
    mode = int(text, 8)
    return mode if mode <= 0o7777 else None


def owner_of(text: str) -> str:
    """What `user`, `user:group`, `:group` of --chown means: without a group a number counts for both.

    A name other than root stays a name.
    """
    user, _, group = text.partition(":")
    user = _ROOT.get(user, user or "0")
    if not group:
        return f"{user}:{user}" if user.isdecimal() else user
    return f"{user}:{_ROOT.get(group, group)}"


class Given:
    """What --chmod and --chown of a COPY or ADD say; None for what is not given.

    `unsure_mode`: there is a --chmod whose effect is not known: a variable without a value, or a symbolic
    mode, which builders before BuildKit 0.20 ignore.
    """

    __slots__ = ("changes", "mode", "owner", "plain", "unsure_mode", "unsure_owner")

    def __init__(self, chmod: str | None, chown: str | None, *, unsure_owner: bool, unsure_mode: bool) -> None:
        self.mode = octal(chmod) if chmod else None
        self.unsure_mode = unsure_mode or bool(chmod and self.mode is None)
        self.owner = owner_of(chown) if chown else None
        self.unsure_owner = unsure_owner
        self.changes = bool(self.owner or self.mode is not None or self.unsure_mode or self.unsure_owner)
        self.plain = Later(None, self.applied) if self.changes else None

    @property
    def way(self) -> Attributes:
        """A folder that is made on the way to the destination: --chmod reaches it in newer builders only.

        Docker Engine 26 makes it with 0755 always, 28 with the mode of --chmod.
        """
        known = self.mode in (None, 0o755) and not self.unsure_mode
        return Attributes(0o755 if known else None, None if self.unsure_owner else self.owner or ROOT_OWNER)

    def over(self, given: Attributes | Later | None) -> Attributes | Later | None:
        """What a file or folder is given that comes with these attributes."""
        if not self.changes:
            return given
        return self.plain if given is None else Later(given, self.applied)

    def applied(self, attributes: Attributes) -> Attributes:
        """What becomes of a file or folder; a symbolic link has no mode of its own."""
        mode = attributes.mode if self.mode is None or attributes.link is not None else self.mode
        return Attributes(
            None if self.unsure_mode and attributes.link is None else mode,
            None if self.unsure_owner else self.owner or attributes.owner,
            attributes.size,
            attributes.link,
        )


def with_numbers(owner: str, passwd: str | None, group: str | None) -> str:
    """The value of --chown with the numbers of the image; a user without a group brings its own.

    What /etc/passwd and /etc/group do not tell stays a name.
    """
    user, colon, _ = owner.partition(":")
    found = numbered(owner if colon else f"{owner}:", passwd, group)
    return user if found == f"{user}:" else found


_CLAUSE = regex(r"([ugoa]*)((?:[-+=][rwxXstugo]*)+)")
_ACTION = regex(r"([-+=])([rwxXstugo]*)")
_WHO = {"u": 0o4700, "g": 0o2070, "o": 0o1007}
_BITS = {"r": 0o444, "w": 0o222, "x": 0o111}


def changed_mode(text: str, mode: int | None, mask: int | None, *, folder: bool) -> int | None:
    """The mode after `chmod TEXT`, octal or symbolic; None when that is not known.

    POSIX.1-2024, chmod, Extended Description. An octal mode of fewer than five digits leaves the
    set-ID bits of a folder as they are.
    """
    number = octal(text)
    if number is not None:
        if folder and (mode is None or mode & 0o6000) and len(text) < 5:
            return None
        return number
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None or mode is None:
            return None
        for sign, letters in _ACTION.findall(match[2]):
            mode = _acted(mode, match[1], sign, letters, mask, folder)
            if mode is None:
                return None
    return mode


def _acted(mode: int, who: str, sign: str, letters: str, mask: int | None, folder: bool) -> int | None:
    if any(letter in letters for letter in "ugo") or (not who and mask is None):
        return None
    classes = "ugo" if "a" in who or not who else who
    reach = 0
    for name in classes:
        reach |= _WHO[name]
    bits = 0
    for letter in letters:
        if letter == "X":
            bits |= 0o111 if folder or mode & 0o111 else 0
        elif letter == "s":
            bits |= 0o6000 & reach
        elif letter == "t":
            bits |= 0o1000
        else:
            bits |= _BITS[letter] & reach
    bits &= reach | (0o1000 if not who or "a" in who else 0)
    if not who and mask is not None:
        bits &= ~mask
    if sign == "+":
        return mode | bits
    if sign == "-":
        return mode & ~bits
    if folder and mode & 0o6000:
        return None
    return (mode & ~reach) | bits


def new_owner(text: str, owner: str | None) -> str | None:
    """The owner after `chown TEXT`: `user`, `user:group` or `:group`; names other than root stay names.

    None when a half of it that stays is not known, and for `user:`, which needs the group from /etc/passwd.
    """
    separator = ":" if ":" in text or "." not in text else "."
    user, given, group = text.partition(separator)
    if (given and user and not group) or "?" in text:
        return None
    old_user, _, old_group = (owner or ":").partition(":")
    user, group = _ROOT.get(user, user) or old_user, _ROOT.get(group, group) or old_group
    return f"{user}:{group}" if user and group else None


def without_ids(mode: int | None) -> int | None:
    """The mode of a file behind a change of owner: the kernel takes the set-ID bits away."""
    if mode is None:
        return None
    mode &= ~0o4000
    return mode & ~0o2000 if mode & 0o010 else mode


def numbered(owner: str, passwd: str | None, group: str | None) -> str:
    """`user:group` with the numbers that /etc/passwd and /etc/group give; what they do not tell stays a name.

    `user:` gets the group of the user.
    """
    if passwd is None and group is None:
        return owner
    user, colon, of = owner.partition(":")
    line = _line_of(passwd, user) if user and not user.isdecimal() else None
    if line is not None and len(line) > 3:
        user, of = line[2], of or (line[3] if colon else "")
    entry = _line_of(group, of) if of and not of.isdecimal() else None
    if entry is not None and len(entry) > 2:
        of = entry[2]
    return f"{user}:{of}" if of or colon else user


def _line_of(text: str | None, name: str) -> list[str] | None:
    found = (line.split(":") for line in (text or "").splitlines() if line.startswith(name + ":"))
    return next(found, None)
