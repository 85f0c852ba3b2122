"""What a rule yields (Found) and what a user sees (Finding)."""

from __future__ import annotations

from enum import Enum

from dfguard.claim import Claim, Verdict
from dfguard.edit import Fix, HasSpan
from dfguard.source import ImagePlace, LayerPlace, Place, Span
from dfguard.struct import Struct


class Severity(Enum):
    """The consequence of a finding, worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"

    @property
    def rank(self) -> int:
        """0 for the worst, so that sorting puts it first."""
        return ("error", "warning", "info", "hint").index(self.value)


class Confidence(Enum):
    """How sure a finding is, surest first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return ("high", "medium", "low").index(self.value)


def place_of(where: HasSpan | Place) -> Place:
    """The place of a node, a span or an image place."""
    return where if isinstance(where, (Span, LayerPlace, ImagePlace)) else where.span


class Related(Struct):
    """A second place that belongs to a finding, with a word on why ("removed here")."""

    place: Place
    message: str


class Found:
    """What a rule yields: the smallest guilty place and one lower-case sentence about it.

    `place` is anything with a `span`, or a place in an image. `related` are (place, message) pairs.
    `severity` and `confidence` replace the rule's own. `fixes` are ways to mend it, the best first;
    `claim` is what must be true of the image if the finding is right. `secret`: the place is a secret's
    value, which reports show masked; no message, title or claim may hold it.
    """

    __slots__ = ("claim", "confidence", "fixes", "message", "place", "related", "secret", "severity")

    def __init__(
        self,
        place: HasSpan | Place,
        message: str,
        *,
        related: tuple[tuple[HasSpan | Place, str], ...] = (),
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        fixes: tuple[Fix, ...] = (),
        claim: Claim | None = None,
        secret: bool = False,
    ) -> None:
        self.place = place_of(place)
        self.message = message
        self.related = tuple(Related(place_of(where), text) for where, text in related)
        self.severity = severity
        self.confidence = confidence
        self.fixes = fixes
        self.claim = claim
        self.secret = secret

    @property
    def spans(self) -> tuple[Span, ...]:
        """The places in texts, its own first."""
        return tuple(place for place in (self.place, *(one.place for one in self.related)) if isinstance(place, Span))


class Finding(Struct):
    """A Found with its rule's code, name, severity and peers, and the builds that it holds in.

    `not_in` are the builds of the same Dockerfile that it does not hold in. `secret`: the place is a
    secret's value, to be masked wherever it is shown. `verdict`: what a built image says of the claim, None
    when no image was looked at.
    """

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    place: Place
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    claim: Claim | None = None
    peers: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()
    secret: bool = False
    verdict: Verdict | None = None
    not_in: tuple[str, ...] = ()
