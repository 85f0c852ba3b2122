r"""`docker login` in a RUN: the credentials of the registry stay in `config.json` of the image.

The program writes them to a file of the home folder, base64 at best, and whoever can pull the image can log in with
them. An image seldom needs to log in while it is built; where it does, mount the file for that one command:
`docker build --secret id=docker,src=$HOME/.docker/config.json .`

```dockerfile bad
FROM docker:27.3.1-cli
ARG REGISTRY_USER
RUN --mount=type=secret,id=password \
    docker login -u ${REGISTRY_USER} --password-stdin registry.example.com < /run/secrets/password
#   ^^^^^^^^^^^^
```

```dockerfile good
FROM docker:27.3.1-cli
RUN --mount=type=secret,id=docker,target=/root/.docker/config.json \
    docker pull registry.example.com/tools/helper:1.4
```

Not reported where the same RUN logs out again or removes the file, and in stages that do not ship.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Command, Confidence, Found, InstructionId, LayerHolds, Run, Script, Stage, regex, rule

_FILES = regex(r"\.docker|config\.json|auth\.json|\.config/helm|registry|\$HOME|~")

_KEPT = {
    "helm": "**/.config/helm/registry/config.json",
    **dict.fromkeys(("podman", "buildah", "skopeo"), "**/containers/**/auth.json"),
}


@rule(
    "DG118",
    "registry-login-kept",
    severity="error",
    programs=("docker", "podman", "buildah", "skopeo", "oras", "nerdctl", "crane", "helm"),
    no_fix="the engine that runs the build does the login; what the RUN needs it for is for its author to say",
)
def check(command: Command, stage: Stage, script: Script, run: Run) -> Iterator[Found]:
    """Visit the commands of registry clients."""
    words = [argument for argument in command.operands[:2] if argument.text in ("login", "registry", "auth")]
    if not stage.ships or not words or words[-1].text != "login" or "--get-login" in command.span.text:
        return
    if undone(command, script):
        return
    yield Found(
        command.span.sub(0, words[-1].span.end - command.span.start),
        f"{command.program} keeps the credentials of the registry in a file of this layer: "
        "expected the file as a secret mount",
        confidence=Confidence.MEDIUM if command.conditional else Confidence.HIGH,
        claim=LayerHolds(_KEPT.get(command.program, "**/.docker/config.json"), InstructionId(stage.index, run.index)),
    )


def undone(command: Command, script: Script) -> bool:
    """Whether a command behind it in the same script logs out, or removes the file."""
    behind = (other for other in script.commands if other.span.start > command.span.end)
    return any(
        (other.program == command.program and "logout" in other.span.text)
        or (other.program == "rm" and _FILES.search(other.span.text))
        for other in behind
    )
