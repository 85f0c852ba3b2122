"""Regular expressions that are compiled at their first use.

A check of one Dockerfile imports modules with two hundred of them and needs a third; to compile all
takes a quarter of the time that the whole run may take.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Late:
    """Stands for a pattern; what is asked of it is kept, so that it costs nothing from the second time on."""

    def __init__(self, text: Any, flags: int) -> None:
        self._asked = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._asked), name)
        self.__dict__[name] = found
        return found


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, for patterns of modules; to be used by its methods, not as an argument of `re`'s functions."""
    return cast("re.Pattern[AnyStr]", _Late(text, flags))
