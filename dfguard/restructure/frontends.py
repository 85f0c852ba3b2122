"""Whether the frontend of a file reads a piece of syntax, and the edit that names one which does.

Without `# syntax=` it is the one inside the builder: that of Docker 23 and later reads `RUN --mount`.
"""

from __future__ import annotations

from dfguard.dockerfile.features import FLAG_FEATURES, SECRET_ENV, Feature
from dfguard.edit import Edit, Refusal
from dfguard.restructure.surroundings import Surroundings

MOUNT = FLAG_FEATURES["RUN", "mount"]
_MOVING = "docker/dockerfile:1"


def reads(around: Surroundings, feature: Feature) -> tuple[Edit, ...] | Refusal:
    """The edits that make the frontend read a feature, none where it does."""
    frontend = around.frontend
    if frontend is None or (not frontend.foreign and frontend.version is None):
        return ()
    if frontend.foreign or frontend.version is None:
        return Refusal(f"{frontend.image} is no frontend of Docker's own")
    if feature.is_in(frontend.version, frontend.labs):
        return ()
    return (Edit.replace(frontend, _MOVING),)


def knows_secret_env(around: Surroundings) -> bool:
    """Whether a secret can surely be mounted as a variable: the file asks for a frontend that is new enough."""
    frontend = around.frontend
    if frontend is None or frontend.foreign:
        return False
    return frontend.version is None or SECRET_ENV.is_in(frontend.version, frontend.labs)
