"""Which frontend reads what, and which one a file asks for."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.features import FLAG_FEATURES, Feature, feature_uses, read_frontend
from dfguard.dockerfile.flagchecks import FLAGS
from dfguard.dockerfile.parse import parse
from dfguard.source import Source


@pytest.mark.parametrize(
    ("image", "foreign", "version", "labs"),
    [
        ("docker/dockerfile:1.4", False, (1, 4), False),
        ("docker.io/docker/dockerfile:1.10.2", False, (1, 10), False),
        ("docker/dockerfile:1.7-labs", False, (1, 7), True),
        ("docker/dockerfile:1.0.0-experimental", False, (1, 0), True),
        ("docker/dockerfile:1.7.0-rc1-labs", False, (1, 7), True),
        ("docker/dockerfile:1.4@sha256:00", False, (1, 4), False),
        ("docker/dockerfile:1", False, None, False),
        ("docker/dockerfile:1-labs", False, None, True),
        ("docker/dockerfile:experimental", False, None, True),
        ("docker/dockerfile", False, None, False),
        ("docker/dockerfile@sha256:00", False, None, False),
        ("docker/dockerfile-upstream:1.5", False, (1, 5), False),
        ("docker/dockerfile-upstream:master", False, None, False),
        ("docker/dockerfile:2.1", False, None, False),
        ("example.com/other:1.4", True, None, False),
    ],
)
def test_the_pinned_frontend(image: str, foreign: bool, version: tuple[int, int] | None, labs: bool) -> None:
    found = read_frontend(parse(Source("Dockerfile", f"# syntax={image}\nFROM a\n")))
    assert found is not None
    assert (found.image, found.span.text) == (image, image)
    assert (found.foreign, found.version, found.labs) == (foreign, version, labs)


def test_no_frontend() -> None:
    assert read_frontend(parse(Source("Dockerfile", "FROM a\n# syntax=docker/dockerfile:1\n"))) is None


@pytest.mark.parametrize(
    ("line", "features"),
    [
        (
            "RUN --mount=type=secret,id=a,env=A --network=none x",
            ["RUN --mount", "env= of a secret mount", "RUN --network"],
        ),
        ("RUN --mount=type=secret,id=env x", ["RUN --mount"]),
        ("COPY --chmod=755 --link a b", ["COPY --chmod", "COPY --link"]),
        ("COPY --chmod=$M a b", ["COPY --chmod", "a variable in --chmod"]),
        ("ADD --chmod=u+x a b", ["ADD --chmod", "a symbolic mode in --chmod"]),
        ("ADD https://example.com/a.git#v1 /a", ["ADD of a git repository"]),
        ("ADD https://example.com/a.tar /a", []),
        ("RUN <<EOF\nEOF", ["a heredoc"]),
        ("COPY << EOF /a\nEOF", ["a heredoc with a blank behind <<"]),
        ("ONBUILD COPY --from=a --link b c", ["ONBUILD COPY --from", "COPY --link"]),
        ("COPY --from=a b c", []),
        ("ENV A=${B-c} C=${B:-c} D=${B##c}", ["${name-default} without a colon", "a substitution by pattern"]),
        ("RUN echo ${B##c}", []),
        ("HEALTHCHECK --start-interval=1s --retries=2 CMD x", ["HEALTHCHECK --start-interval"]),
    ],
)
def test_what_a_line_uses(line: str, features: list[str]) -> None:
    found = feature_uses(parse(Source("Dockerfile", f"FROM x\n{line}\n")))
    assert [use.feature.name for use in found] == features


@pytest.mark.parametrize(
    ("feature", "version", "labs", "expected"),
    [
        (Feature("x", (1, 4), (1, 3)), (1, 4), False, True),
        (Feature("x", (1, 4), (1, 3)), (1, 3), False, False),
        (Feature("x", (1, 4), (1, 3)), (1, 3), True, True),
        (Feature("x", (1, 4)), (1, 3), True, False),
        (Feature("x", None, (1, 14)), (1, 99), False, False),
        (Feature("x", None, (1, 14)), (1, 14), True, True),
    ],
)
def test_versions(feature: Feature, version: tuple[int, int], labs: bool, expected: bool) -> None:
    assert feature.is_in(version, labs) is expected


def test_every_flag_of_the_table_is_one_that_the_parser_knows() -> None:
    assert all(flag in FLAGS[keyword] for keyword, flag in FLAG_FEATURES)
    first_version = {"chown", "from", "platform", "interval", "timeout", "start-period", "retries"}
    known = {(keyword, flag) for keyword, flags in FLAGS.items() for flag in flags if flag not in first_version}
    assert known == set(FLAG_FEATURES)
