"""What package managers are told: option values, variables, files and addresses are no packages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dfguard.shell.packages import Install, PackageCommand, read_package_command
from dfguard.shell.script import read_script
from dfguard.source import Source


def calls(text: str, lookup: Callable[[str], str | None] | None = None) -> list[PackageCommand]:
    """The calls of package managers in a script."""
    script = read_script(Source("Dockerfile", text).whole, lookup=lookup)
    assert not script.gaps
    return [call for call in map(read_package_command, script.commands) if call]


def asked(text: str, lookup: Callable[[str], str | None] | None = None) -> list[str]:
    """The packages of the last call as `name@version{kind}`; the kind is left out for names."""
    return [
        (package.name or package.raw)
        + (f"@{package.version}" if package.version is not None else "")
        + (f"{{{package.kind}}}" if package.kind != "name" else "")
        for package in calls(text, lookup)[-1].packages
    ]


# the false positives that hadolint's users reported: https://github.com/hadolint/hadolint/issues/NUMBER


@pytest.mark.parametrize(
    ("issue", "text", "expected"),
    [
        (
            928,
            'apt-get update \\\n && buildDeps="python3=3.6.7-1~18.04" \\\n'
            " && apt-get install -y --no-install-recommends $buildDeps \\\n && true",
            ["python3@3.6.7-1~18.04{variable}"],
        ),
        (
            345,
            "apt-get install --no-install-recommends -y ./wkhtmltox_0.12.5-1.bionic_amd64.deb",
            ["./wkhtmltox_0.12.5-1.bionic_amd64.deb{file}"],
        ),
        (
            685,
            "apt-get install -y --no-install-recommends bind9utils=1:9.11.3+dfsg-1ubuntu1.15",
            ["bind9utils@1:9.11.3+dfsg-1ubuntu1.15"],
        ),
        (287, "pip install --index-url https://example.com/simple foobar==1.0.0", ["foobar@1.0.0"]),
        (67, 'pip install whisper=="$GRAPHITE_VERSION"', ["whisper@$GRAPHITE_VERSION"]),
        (67, 'pip install "whisper==$GRAPHITE_VERSION"', ["whisper@$GRAPHITE_VERSION"]),
        (
            67,
            "pip install https://github.com/x/carbon/tarball/0.9.x",
            ["https://github.com/x/carbon/tarball/0.9.x{url}"],
        ),
        (
            177,
            "apt-get install -y --no-install-recommends -t jessie-backports openjdk-8-jdk=8u131-b11-1~bpo8+1",
            ["openjdk-8-jdk@8u131-b11-1~bpo8+1"],
        ),
        (915, "pip install --no-cache-dir .", [".{file}"]),
        (188, "apt-get install --no-install-recommends -yqq wget=1.16-1+deb8u4", ["wget@1.16-1+deb8u4"]),
        (19, "apt-get install -y git=1:2.5.0* ruby=1:2.1.*", ["git@1:2.5.0*", "ruby@1:2.1.*"]),
        (157, "pip install --ignore-installed pip==9.0.1", ["pip@9.0.1"]),
        (229, "pip3 install pykafka Templer==1.1.4 --constraint http://x/y.txt?h=z", ["pykafka", "Templer@1.1.4"]),
        (389, "pip install /app", ["/app{file}"]),
        (407, "pip install --extra-index-url $MIRROR awscli==1.18.22", ["awscli@1.18.22"]),
        (467, "pip3 install --requirement requirements.txt", []),
        (1175, 'python -m pip install "${NAME}==${VERSION}"', ['"${NAME}==${VERSION}"@${VERSION}{variable}']),
        (290, "apk add --no-cache --repository https://x/edge/testing flow=0.78.0-r0", ["flow@0.78.0-r0"]),
        (408, "apk -X https://x/edge/main add --no-cache lttng-ust=2.10.4-r0", ["lttng-ust@2.10.4-r0"]),
        (906, "apk add --no-cache --virtual buildonly git~=2.38", ["git@~=2.38"]),
        (662, "apk add glibc-2.32-r0.apk", ["glibc-2.32-r0.apk{file}"]),
        (956, "apk add --no-cache '!pyc' !doc python3=3.12.3-r1", ["python3@3.12.3-r1"]),
        (1165, "apk add --no-cache git~2.52.0", ["git@~2.52.0"]),
        (196, "set -ex; apk add --no-cache ca-certificates=20171114-r0", ["ca-certificates@20171114-r0"]),
        (782, "apk add --no-cache musl-dev>=1.1 pkgconfig", ["musl-dev", "pkgconfig"]),
        (
            1030,
            "V=3.12-3.12.1-4.el9_4.1 P=3.12-pip-23.2.1-4.el9; microdnf install -y python${V} python${P}",
            ["python3.12@3.12.1-4.el9_4.1{variable}", "python3.12-pip@23.2.1-4.el9{variable}"],
        ),
    ],
)
def test_reported_false_positives(issue: int, text: str, expected: list[str]) -> None:
    assert asked(text) == expected, issue


def test_a_version_with_a_default_is_a_version() -> None:
    """https://github.com/zabio3/godolint/issues/17"""
    text = 'pip install --no-cache-dir yamllint=="${V:-v1.26.3}"'
    assert asked(text) == ["yamllint@${V:-v1.26.3}"]
    assert asked(text, {"V": "v1.2"}.get) == ["yamllint@v1.2"]
    assert asked(text, {"V": ""}.get) == ["yamllint@v1.26.3"]


def test_variables_set_outside_are_known() -> None:
    known = {"BUILD_PACKAGES": "bash=5.0.0-r0 git", "V": "1.2"}.get
    assert asked("apk add --no-cache $BUILD_PACKAGES", known) == ["bash@5.0.0-r0{variable}", "git{variable}"]
    assert asked("apt-get install curl=$V", known) == ["curl@1.2"]
    assert asked("apt-get install python$V", known) == ["python1.2{variable}"]


# one manager after the other


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get -o X=Y -y install -o=A=B -oC=D --option E=F a", ["a"]),
        ("apt-get install -y a:arm64 b/sid c- g++ libstdc++6 d=1.2:3", ["a", "b", "g++", "libstdc++6", "d@1.2:3"]),
        ("apt install ./a.deb /tmp/*.deb b.deb ~/c.deb", [
            "./a.deb{file}", "/tmp/*.deb{file}", "b.deb{file}", "~/c.deb{file}"]),
        ("apt-get install $(cat x) `cat y` $Z lib$Z a=$Z", [
            "$(cat x){variable}", "`cat y`{variable}", "$Z{variable}", "lib$Z{variable}", "a@$Z"]),
        ("apt-get -qq --default-release x -c f install a", ["a"]),
        ("xargs apt-get install -y < list", ["{variable}"]),
        ("apt-get install -y a -- b", ["a", "b"]),
        ("apt-get remove -y --purge a b", ["a", "b"]),
        ("apk add -t .deps -U a b@edge 'c<1' d=1.2-r0@edge !e f~1", ["a", "b", "c@<1", "d@1.2-r0", "f@~1"]),
        ("apk add --no-cache --virtual=.deps --arch x86 ./a.apk so:libb.so.1", ["./a.apk{file}", "so:libb.so.1"]),
        ("apk del .deps", [".deps"]),
        ("dnf -y --setopt=a=b install --enablerepo x a b-1.2-3.el9 c-1.2.3 gcc-toolset-12 dotnet-sdk-8.0", [
            "a", "b@1.2-3.el9", "c@1.2.3", "gcc-toolset-12", "dotnet-sdk-8.0"]),
        ("dnf install -y --use-host-config --installroot /staging a", ["a"]),
        ("yum install -y https://x/y.rpm /tmp/z.rpm ./w.rpm @dev /usr/bin/ps", [
            "https://x/y.rpm{url}", "/tmp/z.rpm{file}", "./w.rpm{file}", "@dev", "/usr/bin/ps"]),
        ("microdnf module install nodejs:20", ["nodejs:20"]),
        ("pip install -U -r a.txt -c b.txt -f x -i $I --prefix /p -t /t d==1", ["d@1"]),
        ("pip install 'a[x,y]>=1,<2' 'b ; python_version<\"3\"' c~=1 'd == 1.0' e===1", [
            "a@>=1,<2", "b", "c@~=1", "d@1.0", "e@1"]),
        ("pip install git+https://x/y@z 'a @ https://x' ./a /b/c.whl d.whl ../e -e .[dev] -e git+ssh://x", [
            "git+https://x/y@z{url}", "a @ https://x{url}", "./a{file}", "/b/c.whl{file}", "d.whl{file}", "../e{file}",
            ".[dev]{file}", "git+ssh://x{url}"]),
        ("pip install --no-binary :all: --only-binary=:none: --config-settings a=b a", ["a"]),
        ("python3.11 -u -W ignore -m pip --no-cache-dir install a", ["a"]),
        ("/opt/venv/bin/pip3.12 install a", ["a"]),
        ("$VENV/bin/python -mpip install a", ["a"]),
        ("npm install -g --registry https://x a@1 @b/c@^2 @d/e f@latest --prefix /p", [
            "a@1", "@b/c@^2", "@d/e", "f@latest"]),
        ("npm i --unsafe-perm true --omit dev a ./b file:c ../d e.tgz", [
            "a", "./b{file}", "file:c{file}", "../d{file}", "e.tgz{file}"]),
        ("npm add user/repo github:a/b git+https://x/y a@npm:b@1 https://x/y.tgz", [
            "user/repo{url}", "github:a/b{url}", "git+https://x/y{url}", "a@npm:b@1", "https://x/y.tgz{url}"]),
        ("npm ci --omit=dev", []),
    ],
)  # fmt: skip
def test_packages(text: str, expected: list[str]) -> None:
    assert asked(text) == expected


@pytest.mark.parametrize(
    ("text", "manager", "action"),
    [
        ("apt-get update", "apt-get", "update"),
        ("apt-get -qqy dist-upgrade", "apt-get", "upgrade"),
        ("apt purge a", "apt", "remove"),
        ("apt-get clean", "apt-get", "clean"),
        ("apt-get source a", "apt-get", "other"),
        ("apt-get $VERB a", "apt-get", "other"),
        ("apk update", "apk", "update"),
        ("apk upgrade --available", "apk", "upgrade"),
        ("apk cache clean", "apk", "clean"),
        ("apk cache download", "apk", "other"),
        ("dnf5 clean all", "dnf", "clean"),
        ("yum -y update", "yum", "upgrade"),
        ("yum makecache", "yum", "update"),
        ("microdnf install a", "microdnf", "install"),
        ("dnf group install x", "dnf", "install"),
        ("pip uninstall -y a", "pip", "remove"),
        ("pip cache purge", "pip", "clean"),
        ("pip download a", "pip", "other"),
        ("python -m pip install a", "pip", "install"),
        ("npm cache clean --force", "npm", "clean"),
        ("npm uninstall a", "npm", "remove"),
        ("npm run build", "npm", "other"),
        ("npm ci", "npm", "install"),
        ("sudo -E apt-get install a", "apt-get", "install"),
        ("bash -c 'apt-get install a'", "apt-get", "install"),
    ],
)
def test_managers_and_actions(text: str, manager: str, action: str) -> None:
    call = calls(text)[-1]
    assert (call.manager, call.action) == (manager, action)
    assert isinstance(call, Install) is (action == "install")


@pytest.mark.parametrize(
    "text",
    ["apt-get --version", "apt-cache search a", "python -m venv x", "python pip install a", "python -m build pip",
     "npx a", "echo apt-get install a", "aptitude", "python -c 'import pip' install a"],
)  # fmt: skip
def test_other_commands_are_no_calls(text: str) -> None:
    assert calls(text) == []


# options


def test_options_in_any_spelling() -> None:
    (call,) = calls("apt-get -qqy --no-install-recommends install -t x --fix-missing a")
    assert call.has("--yes") and call.has("-y") and call.has("--assume-yes")
    assert call.has("--quiet", "--nope")
    assert call.has("--no-install-recommends")
    assert not call.has("--install-recommends")
    assert call.value("--target-release") == "x"
    assert call.value("--yes") is None
    assert [option.name for option in call.options][:3] == ["-q", "-q", "-y"]


def test_values_in_order() -> None:
    (call,) = calls("pip install -r a.txt --requirement=b.txt -rc.txt -r $X")
    assert [value.raw for value in call.values("-r")] == ["a.txt", "b.txt", "c.txt", "$X"]
    assert [value.span.text for value in call.values("-r")] == ["a.txt", "b.txt", "c.txt", "$X"]
    assert call.value("-r") is None


def test_pip_takes_the_beginning_of_a_long_option() -> None:
    (call,) = calls("pip install --no-cache --require a.txt --index-u https://x b")
    assert call.has("--no-cache-dir")
    assert call.value("--index-url") == "https://x"
    assert not call.has("--requirement")
    assert [package.name for package in call.packages] == ["a.txt", "b"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("-o APT::Install-Recommends=false", "false"),
        ("-o APT::Install-Recommends=0", "false"),
        ('-oapt::install-recommends="No"', "false"),
        ("--option=APT::Install-Recommends=1", "true"),
        ("-o APT::Install-Recommends=true -o APT::Install-Recommends=off", "false"),
        ("-o Acquire::Retries=3", None),
        ("", None),
    ],
)
def test_settings_of_apt(option: str, value: str | None) -> None:
    (call,) = calls(f"apt-get {option} install a")
    assert call.config("APT::Install-Recommends") == value


def test_other_settings_keep_their_value() -> None:
    (call,) = calls("apt-get install -o Acquire::Retries=1 -o Dpkg::Options::=--force-confold a")
    assert call.config("acquire::retries") == "1"
    assert call.config("Dpkg::Options::") == "--force-confold"


def test_settings_of_dnf() -> None:
    (call,) = calls("dnf install --setopt=install_weak_deps=False --setopt tsflags=nodocs a")
    assert call.config("install_weak_deps") == "false"
    assert call.config("tsflags") == "nodocs"


# places


def test_places_in_the_dockerfile() -> None:
    text = "apt-get update && apt-get install -y \\\n  '😀curl' \\\n  git=1 && true"
    call = calls(text)[-1]
    assert call.verb.span.text == "install"
    assert call.span.text == text[text.index("apt-get install") : text.index(" && true")]
    assert [package.span.text for package in call.packages] == ["'😀curl'", "git=1"]


def test_names_beyond_any_length_are_not_matched() -> None:
    for program in ("apt-get install", "apk add", "dnf install", "pip install", "npm install"):
        (package,) = calls(f"{program} a{'-1' * 20_000}/")[0].packages
        assert (package.name, package.kind) == ("", "variable")
