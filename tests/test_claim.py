"""Claims as plain JSON data."""

from __future__ import annotations

import json

import pytest

from dfguard.claim import (
    All,
    Claim,
    ConfigHas,
    HistoryShows,
    HistoryShowsSecret,
    InstructionId,
    LayerHolds,
    LayerHoldsPythonSecret,
    LayerHoldsSecret,
    Not,
    Some,
    ViewHolds,
    Wasted,
    from_json,
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
        (
            LayerHoldsSecret("/a", AT, ".env"),
            {"kind": "LayerHoldsSecret", "path": "/a", "instruction": WHERE, "name": ".env"},
        ),
        (
            LayerHoldsPythonSecret("/a.py", AT, "KEY"),
            {"kind": "LayerHoldsPythonSecret", "path": "/a.py", "instruction": WHERE, "name": "KEY"},
        ),
        (HistoryShowsSecret(AT, "A"), {"kind": "HistoryShowsSecret", "instruction": WHERE, "name": "A"}),
        (Some((ViewHolds("/a"),)), {"kind": "Some", "claims": [{"kind": "ViewHolds", "path": "/a"}]}),
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
    assert from_json(json.loads(json.dumps(to_json(claim)))) == claim


def test_claims_are_not_nested_without_end() -> None:
    data = to_json(ViewHolds("/a"))
    for _ in range(5000):
        data = {"kind": "Not", "claim": data}
    with pytest.raises(ValueError, match="nested 20 deep at most"):
        from_json(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("LayerHolds", "a claim has a kind of LayerHolds, .*, not None"),
        ({"kind": "Claim"}, "not 'Claim'"),
        ({"kind": ["All"]}, "not \\['All'\\]"),
        ({"kind": "ViewHolds"}, "ViewHolds has the fields path, not"),
        ({"kind": "ViewHolds", "path": "/a", "mode": 1}, "ViewHolds has the fields path, not mode, path"),
        ({"kind": "ViewHolds", "path": None}, "ViewHolds.path is a text, not None"),
        ({"kind": "LayerHolds", "path": "/a", "instruction": 3}, "LayerHolds.instruction has the numbers"),
        ({"kind": "LayerHolds", "path": "/a", "instruction": {"stage": True, "index": 1}}, "has the numbers"),
        ({"kind": "All", "claims": {}}, "All.claims is a list, not {}"),
        ({"kind": "Not", "claim": {"kind": "All", "claims": [3]}}, "a claim has a kind of"),
    ],
)
def test_what_is_no_claim_is_refused_with_the_part_named(data: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_json(data)
