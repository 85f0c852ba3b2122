"""Modes and owners as COPY, ADD and shell commands are told them.

https://docs.docker.com/reference/dockerfile/#copy---chown---chmod; owners tried on Docker Engine 26.
"""

from __future__ import annotations

from dfguard.flow.events import ROOT_OWNER, Attributes

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

    __slots__ = ("mode", "owner", "unsure_mode", "unsure_owner")

    def __init__(self, chmod: str | None, chown: str | None, *, unsure_owner: bool, unsure_mode: bool) -> None:
        self.mode = octal(chmod) if chmod else None
        self.unsure_mode = unsure_mode or bool(chmod and self.mode is None)
        self.owner = owner_of(chown) if chown else None
        self.unsure_owner = unsure_owner

    @property
    def way(self) -> Attributes:
        """A folder that is made on the way to the destination: --chmod does not reach it."""
        return Attributes(0o755, None if self.unsure_owner else self.owner or ROOT_OWNER)

    @property
    def changes(self) -> bool:
        """Whether a file does not simply keep what it has."""
        return bool(self.owner or self.mode is not None or self.unsure_mode or self.unsure_owner)

    def applied(self, attributes: Attributes) -> Attributes:
        """What becomes of a file or folder; a symbolic link has no mode of its own."""
        mode = attributes.mode if self.mode is None or attributes.link is not None else self.mode
        return Attributes(
            None if self.unsure_mode else mode,
            None if self.unsure_owner else self.owner or attributes.owner,
            attributes.size,
            attributes.link,
        )
