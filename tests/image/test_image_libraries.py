"""Trees of other people's files, and the doubtful secrets in them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from image_archives import docker_archive, layer_tar

from dfguard.cli.main import main
from dfguard.image.libraries import Library, counted, library_of

sys.path.insert(0, str(Path(__file__).parent.parent / "secrets"))

from secret_fakes import checksummed

WEAK = b'{"password": "hunter2"}\n'
STRONG = b'{"password": "kX7vb2Qpw41zR9"}\n'


@pytest.mark.parametrize(
    ("path", "tree", "package"),
    [
        ("/srv/node_modules/aws-sdk/a.js", "/srv/node_modules", "aws-sdk"),
        ("/srv/node_modules/@types/node/url.d.ts", "/srv/node_modules", "@types/node"),
        ("/srv/node_modules/a/node_modules/b/c.js", "/srv/node_modules", "a"),
        ("/usr/local/lib/python3.12/site-packages/six.py", "/usr/local/lib/python3.12/site-packages", "six.py"),
        ("/go/pkg/mod/github.com/x/y.go", "/go/pkg/mod", "github.com"),
        ("/usr/share/doc/curl/README", "/usr/share", "doc"),
        ("/usr/lib/x", "/usr/lib", "x"),
        ("/usr/lib/ruby/3.1.0/bundler/vendor/uri/a.rb", "/usr/lib", "ruby"),
        ("/usr/lib/ruby/gems/3.1.0/gems/rbs-2.1.0/a.rb", "/usr/lib/ruby/gems/3.1.0/gems", "rbs-2.1.0"),
        ("/usr/lib/python3/dist-packages/a/b.py", "/usr/lib/python3/dist-packages", "a"),
    ],
)
def test_a_library_is_told_by_its_outermost_tree(path: str, tree: str, package: str) -> None:
    assert library_of(path) == Library(tree, package)


@pytest.mark.parametrize("path", ["/app/pkg/a", "/etc/my.cnf", "/node_modules", "/usr/local/bin/x", "/usr/lib", "/a"])
def test_what_may_be_the_applications_own_is_no_library(path: str) -> None:
    assert library_of(path) is None


def test_packages_are_counted_and_the_largest_named() -> None:
    assert counted("abcaabdef") == "a 3, b 2, c 1, d 1 and 2 in 2 more"


def test_doubtful_ones_of_a_tree_are_one_finding_that_names_all_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Own files and sure ones stand by themselves, and nothing is lost."""
    weak = ["node_modules/a/1.json", "node_modules/a/2.json", "node_modules/b/1.json"]
    token = f"T = '{checksummed('gh' + 'p_')}'\n".encode()
    own = {"config.json": WEAK, "app/config.json": STRONG}
    layer = layer_tar(dict.fromkeys(weak, WEAK) | own | {"node_modules/c/t.js": token})
    later = layer_tar({"node_modules/.wh.a": b"", "node_modules/d/1.json": WEAK})
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive([layer, later]))
    main(["image", str(path), "--pedantic", "--format", "json"])
    found = [each for each in json.loads(capsys.readouterr().out)["findings"] if each["code"] == "DG901"]
    folded = {each["location"]["path"]: each for each in found if each["related"]}
    places = {first: [one["location"]["path"] for one in each["related"]] for first, each in folded.items()}
    assert places == {f"/{weak[0]}": [f"/{weak[0]}", f"/{weak[1]}"]}
    assert folded[f"/{weak[0]}"]["message"].startswith("2 files under '/node_modules' that may hold secrets (a 2), ")
    alone = {each["location"]["path"] for each in found if not each["related"]}
    assert {
        "/config.json",
        "/app/config.json",
        "/node_modules/c/t.js",
        f"/{weak[2]}",
        "/node_modules/d/1.json",
    } <= alone
