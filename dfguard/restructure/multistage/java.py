"""Java: an archive with all that the program needs runs in an image with a runtime of the same version."""

from __future__ import annotations

import posixpath
import re

from dfguard.edit import Refusal
from dfguard.restructure.multistage.recipe import Recipe, builds_of, folder_of, started, text_of
from dfguard.restructure.surroundings import Surroundings
from dfguard.toolchains.languages import language

_PROGRAMS = ("mvn", "mvnw", "gradle", "gradlew")
_VERBS = ("package", "install", "verify", "build", "assemble", "bootJar", "shadowJar", "jar")
_NAMED = re.compile(r"(?:temurin|openjdk|jdk|corretto|zulu|liberica|sapmachine)-?(\d+)")
_OF_JAVA = re.compile(r"(?:\A|/)(?:openjdk|eclipse-temurin|amazoncorretto):(\d+)")
_OWN = ("MAVEN_OPTS", "MAVEN_CONFIG", "GRADLE_OPTS", "GRADLE_USER_HOME", "MAVEN_HOME", "GRADLE_HOME")


def recipe(around: Surroundings) -> Recipe | Refusal:
    """How a Java program is built apart."""
    data, start = language("java"), started(around)
    builds = [command for program in _PROGRAMS for command in builds_of(around, program, _VERBS)]
    if len(builds) != 1 or start is None:
        return Refusal("expected one build by Maven or Gradle, and a CMD or ENTRYPOINT")
    words, by_shell = start
    if by_shell or words[0] != "java" or "-jar" not in words or any("agent" in word for word in words):
        return Refusal("expected CMD or ENTRYPOINT to be java -jar in exec form")
    path = words[words.index("-jar") + 1] if words[-1] != "-jar" else ""
    jar = posixpath.normpath(posixpath.join(around.flow.workdir, path))
    folder = folder_of(builds[0], around)
    if folder is None or not jar.startswith((f"{folder}/target/", f"{folder}/build/libs/")) or "*" in jar:
        return Refusal(f"{path} may not be what the build makes")
    whole = _is_whole(around, folder)
    if whole is not None:
        return whole
    version = _version(around.stage.from_.image.raw)
    if version not in data.words("versions"):
        return Refusal("which version of Java the image has is not known")
    musl = "-alpine" if "alpine" in around.stage.from_.image.raw else ""
    runtime = data.text("runtime").format(version=version) + musl
    assumptions = ("the program reads no file beside the archive",)
    return Recipe(data, runtime, ((jar, jar),), _PROGRAMS, assumptions=assumptions, own=_OWN)


def _version(image: str) -> str | None:
    """The version of Java that the tag of an image tells."""
    name = image.partition("@")[0]
    match = _OF_JAVA.search(name) or _NAMED.search(name.rpartition("/")[2].partition(":")[2])
    return match[1] if match else None


def _is_whole(around: Surroundings, folder: str) -> Refusal | None:
    """Whether the archive holds all that the program needs; else why that is not sure."""
    for name in ("pom.xml", "build.gradle", "build.gradle.kts"):
        added = around.flow.view.get(f"{folder}/{name}")
        if added is None or added.origin.file is None or around.context is None:
            continue
        text = text_of(around.context, added.origin.path) or ""
        if "<modules>" in text or "<module>" in text:
            return Refusal("the project has several modules")
        if any(word in text for word in language("java").words("whole")):
            return None
        if not re.search(r"<dependency>|\b(?:implementation|api|runtimeOnly|compile)\b", text):
            return None
        return Refusal(f"{name} does not say that the archive holds its dependencies")
    return Refusal("neither pom.xml nor build.gradle is in the context")
