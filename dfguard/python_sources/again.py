"""A Python file of an image, looked at again: does it hold the credential that was found in a source?"""

from __future__ import annotations


def holds_credential(data: bytes, holder: str) -> bool | None:
    """Whether a credential is written out in a file and given to `holder` ("" for nothing with a name).

    None for a file that is not read as Python, whatever the reason.
    """
    from dfguard.python_sources.find import find
    from dfguard.python_sources.text import Unreadable, decode

    try:
        return any(found.holder == holder for found in find(decode("", data)).credentials)
    except Unreadable:
        return None
