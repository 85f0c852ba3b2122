"""generated.py and bases.toml say the same."""

from __future__ import annotations

import pytest

from dfguard.base.generate import SOURCE, TARGET, render


def test_generated_module_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(SOURCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('profile = "bare"', 'profile = "bear"', "not defined"),
        ('user = "root"', 'usr = "root"', "unknown keys"),
        ('names = ["debian"]', 'names = ["debian", "ubuntu"]', "appears twice"),
    ],
)
def test_mistakes_in_the_table_are_refused(old: str, new: str, message: str) -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ValueError, match=message):
        render(text.replace(old, new, 1))
