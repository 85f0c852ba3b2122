"""The presets: which rules each one switches on.

The severities that rules have under a preset stand in the rules (`@rule(presets=...)`).
"""

from __future__ import annotations

PRESETS = {
    "recommended": "all stable rules, with their own severities",
    "strict": "as recommended; base images without a digest are errors",
    "security": "only what concerns secrets, privileges, and where images and downloads come from",
    "kubernetes": "as recommended; what a cluster refuses or pulls anew weighs more: root, moving tags",
    "all": "every rule, those in preview too, and findings of low confidence",
}
# Beginnings of codes. Rules on secrets are all in; of the others, those whose finding an attacker could use.
_SECURITY = (
    "DG1", "DG201", "DG212", "DG217", "DG218", "DG220", "DG221", "DG237", "DG243", "DG244", "DG301", "DG302",
    "DG307", "DG506", "DG601", "DG605", "DG606", "DG743", "DG8", "DG901", "DG902", "DG903", "DG904", "DG905",
    "DG906", "DG910", "DG911", "DG914", "DG915",
)  # fmt: skip


def holds(preset: str, code: str) -> bool:
    """Whether a preset switches on a stable rule."""
    return preset != "security" or code.startswith(_SECURITY)


def security() -> tuple[str, ...]:
    """The beginnings of codes that the preset `security` is made of."""
    return _SECURITY
