"""Claims as plain JSON data."""

from __future__ import annotations

import json

import pytest

from dfguard.claim import (
    All,
    Claim,
    ConfigHas,
    HistoryShows,
    InstructionId,
    LayerHolds,
    Not,
    ViewHolds,
    Wasted,
    to_json,
)

AT = InstructionId(0, 3)
WHERE = {"stage": 0, "index": 3}


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (LayerHolds("/a", AT), {"kind": "LayerHolds", "path": "/a", "instruction": WHERE}),
        (ViewHolds("**/a"), {"kind": "ViewHolds", "path": "**/a"}),
        (ConfigHas("User"), {"kind": "ConfigHas", "key": "User", "value": None}),
        (HistoryShows("x", AT), {"kind": "HistoryShows", "text": "x", "instruction": WHERE}),
        (Wasted("/a", AT), {"kind": "Wasted", "path": "/a", "instruction": WHERE}),
        (Not(ViewHolds("/a")), {"kind": "Not", "claim": {"kind": "ViewHolds", "path": "/a"}}),
        (
            All((Not(ViewHolds("/a")), ConfigHas("User", "root"))),
            {
                "kind": "All",
                "claims": [
                    {"kind": "Not", "claim": {"kind": "ViewHolds", "path": "/a"}},
                    {"kind": "ConfigHas", "key": "User", "value": "root"},
                ],
            },
        ),
        (All(()), {"kind": "All", "claims": []}),
    ],
)
def test_claims_are_json(claim: Claim, expected: dict[str, object]) -> None:
    assert to_json(claim) == expected
    assert json.loads(json.dumps(to_json(claim))) == expected
