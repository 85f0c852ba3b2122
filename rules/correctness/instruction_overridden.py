"""A stage has several CMD, ENTRYPOINT or HEALTHCHECK: only the last of each counts.

The earlier ones do nothing. Mostly they are left over, or somebody expected all of them to run.

```dockerfile bad
FROM node:22.11.0-slim
CMD ["npm", "run", "migrate"]
# <- ^^^
CMD ["npm", "start"]
```

```dockerfile fixed
FROM node:22.11.0-slim
# <- ^^^
CMD ["npm", "start"]
```

```dockerfile good
FROM node:22.11.0-slim AS base
CMD ["npm", "run", "dev"]
FROM base
ONBUILD CMD ["npm", "test"]
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["npm", "start"]
```

A stage that is FROM another may set its own; triggers behind ONBUILD count for the image that runs them.
To run several programs, write a script that starts them, or make several images.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Cmd, Dockerfile, Entrypoint, Fix, Found, Healthcheck, Stage, drop, rule


@rule(
    "DG708",
    "instruction-overridden",
    peers=(
        "DL4003", "DL4004", "DL3012", "MultipleInstructionsDisallowed", "DS-0016", "DS016", "DS-0007", "DS007",
        "DS-0023", "DS023", "DF038", "DF039", "DF041", "MULTIPLE_INSTRUCTIONS",
    ),
)  # fmt: skip
def check(stage: Stage, dockerfile: Dockerfile) -> Iterator[Found]:
    """Visit the stages, and look for what a later instruction of the same kind replaces."""
    for kind in (Cmd, Entrypoint, Healthcheck):
        *earlier, last = [None, *(i for i in stage.instructions if isinstance(i, kind))]
        for instruction in earlier:
            if instruction is not None and last is not None:
                yield Found(
                    instruction.keyword,
                    f"{last.name} on line {last.start_line} replaces this one, which does nothing: keep one a stage",
                    related=((last, "this one counts"),),
                    fixes=(Fix.identical(f"delete this {last.name}", drop(dockerfile, instruction)),),
                )
