"""Manifests that lie, and plans that no disk could hold. Every message in full."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from transire.model.problems import Rejected
from transire.workspace.file_plan import Edit, Owner, Plan, path_fault
from transire.workspace.ownership import LIMIT
from transire.workspace.writer import apply

MANIFEST = ".transire/owned/teams/payments.json"
UNIT = Owner(name="teams/payments", files={"charts/teams/payments/Chart.yaml": b"name: payments\n"})
DIGEST = f"sha256:{sha256(b'victim').hexdigest()}"


def manifest(**changed: object) -> bytes:
    document = {"apiVersion": "transire/v1", "kind": "OwnedFiles", "files": {}} | changed
    return json.dumps(document).encode()


def claiming(path: str, digest: object = DIGEST) -> bytes:
    return manifest(files={path: digest})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{\n<<<<<< HEAD\n", "it is not JSON from line 2 on"),
        (b"\xff", "it is not UTF-8"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b" " * (LIMIT + 1), "it has more than 16777216 bytes"),
        (b"[]", "its apiVersion is not 'transire/v1'"),
        (manifest(apiVersion="transire/v2"), "its apiVersion is not 'transire/v1'"),
        (manifest(kind="Journal"), "it is not of kind 'OwnedFiles'"),
        (manifest(more=1), "it is not of kind 'OwnedFiles'"),
        (manifest(files=[]), "'files' is not a map"),
        (
            b'{"apiVersion": "transire/v1", "kind": "OwnedFiles", "kind": "x", "files": {}}',
            "a key is written twice",
        ),
        (
            claiming("charts/teams/payments/x", "sha256:1"),
            "'charts/teams/payments/x' has no digest such as sha256:<64 hexadecimal digits>",
        ),
        (
            claiming("charts/teams/payments/x", 1),
            "'charts/teams/payments/x' has no digest such as sha256:<64 hexadecimal digits>",
        ),
        (
            claiming("argocd/eu/applications/teams/ledger.yaml"),
            "'argocd/eu/applications/teams/ledger.yaml' is no file that teams/payments can own",
        ),
        (claiming("README.md"), "'README.md' is no file that teams/payments can own"),
        (
            claiming("charts/teams/ledger/Chart.yaml"),
            "'charts/teams/ledger/Chart.yaml' is no file that teams/payments can own",
        ),
        (
            claiming("charts/teams/payments/../../../README.md"),
            "'charts/teams/payments/../../../README.md' is no file that teams/payments can own",
        ),
        (
            claiming("charts/teams/payments/.git/config"),
            "'charts/teams/payments/.git/config' is no file that teams/payments can own",
        ),
    ],
)
def test_a_manifest_that_cannot_be_believed_stops_the_run(
    tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / "README.md").write_bytes(b"victim")
    (tmp_path / MANIFEST).parent.mkdir(parents=True)
    (tmp_path / MANIFEST).write_bytes(content)

    with pytest.raises(Rejected) as refused:
        apply(tmp_path, Plan(units=(UNIT,)))

    expected = (
        f"{MANIFEST}: error: this list of generated files cannot be used: {why} (broken-manifest)\n"
        f"  help: delete {MANIFEST} and charts/teams/payments, then run "
        "`transire generate payments`"
    )
    assert expected == str(refused.value)
    assert (tmp_path / "README.md").read_bytes() == b"victim"
    assert not (tmp_path / "charts").exists()


def test_doing_what_the_help_says_repairs_a_broken_manifest(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(UNIT,)))
    whole = (tmp_path / MANIFEST).read_bytes()
    (tmp_path / MANIFEST).unlink()
    (tmp_path / "charts/teams/payments/Chart.yaml").unlink()

    apply(tmp_path, Plan(units=(UNIT,)))

    assert whole == (tmp_path / MANIFEST).read_bytes()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "it is not JSON from line 1 on"),
        (
            b'{"apiVersion": "transire/v1", "kind": "Journal", "units": {"../x": {}}}',
            "'../x' is neither 'platform' nor teams/<team>",
        ),
        (
            b'{"apiVersion": "transire/v1", "kind": "Journal", "units": {"platform": []}}',
            "'platform' is not a map",
        ),
        (
            b'{"apiVersion": "transire/v1", "kind": "Journal", "units": {"platform": {"x": "y"}}}',
            "'x' has no list of digests",
        ),
        (
            b'{"apiVersion": "transire/v1", "kind": "Journal", "units": {"platform": {"x": ["'
            + DIGEST.encode()
            + b'"]}}}',
            "'x' is no file that platform can own",
        ),
    ],
)  # fmt: skip
def test_a_journal_that_cannot_be_believed_stops_the_run(
    tmp_path: Path, content: bytes, why: str
) -> None:
    journal = tmp_path / ".transire/work/journal.json"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(content)

    with pytest.raises(Rejected) as refused:
        apply(tmp_path, Plan(units=(UNIT,)))

    expected = (
        ".transire/work/journal.json: error: this list of generated files cannot be used: "
        f"{why} (broken-manifest)\n  help: delete .transire/work and run `transire generate`"
    )
    assert expected == str(refused.value)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("charts/teams/payments/../x", "leaves the repository"),
        ("charts/teams/payments//x", "has an empty part"),
        ("charts/teams/payments/", "has an empty part"),
        ("charts/teams/payments/./x", "has the part '.'"),
        ("charts/teams/payments/.git/hooks/pre-commit", "lies in Git's own folder"),
        ("charts/teams/payments/a\\b", "has a character that no file of ours has"),
        ("charts/teams/payments/a\x00b", "has a character that no file of ours has"),
        ("charts/teams/payments/a\u202eb", "has a character that no file of ours has"),
        ("charts/teams/payments/a\udcffb", "has a character that no file of ours has"),
        ("charts/teams/payments/" + "ü" * 128, "has a part of more than 255 bytes"),
        ("charts/teams/ledger/x", "is no place of teams/payments"),
        ("values/platform.yaml", "is no place of teams/payments"),
    ],
)
def test_a_path_outside_the_units_places_is_refused(tmp_path: Path, path: str, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        apply(tmp_path, Plan(units=(Owner(name="teams/payments", files={path: b""}),)))

    (problem,) = refused.value.problems
    assert problem.id == "bad-path"
    assert problem.message.endswith(f" {why}, so nothing is written there")
    assert problem.help == "rename the file, team, namespace or cluster that the path is made of"
    assert list(tmp_path.iterdir()) == []


def test_a_bad_path_is_named_in_full() -> None:
    plan = Plan(units=(Owner(name="platform", files={"charts/x": b""}),))

    expected = (
        "charts/x: error: 'charts/x' is no place of platform, so nothing is written there "
        "(bad-path)\n"
        "  help: rename the file, team, namespace or cluster that the path is made of"
    )
    assert expected == "\n".join(map(str, plan.problems()))


@pytest.mark.parametrize("path", ["/etc/passwd", "", "..", "a/../../b", "a/..", ".git/config"])
def test_no_edit_leaves_the_repository(path: str) -> None:
    (problem,) = Plan(edits=(Edit(path=path, before=None, after=b""),)).problems()

    assert problem.id == "bad-path"
    assert path_fault(path) is not None


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            "argocd/Prod/a.yaml",
            "argocd/prod/b.yaml",
            "argocd/Prod and argocd/prod are one path where a disk ignores case",
        ),
        (
            "argocd/a.yaml",
            "argocd/A.yaml",
            "argocd/a.yaml and argocd/A.yaml are one path where a disk ignores case",
        ),
        (
            "argocd/u\u0308.yaml",
            "argocd/\u00fc.yaml",
            "argocd/u\u0308.yaml and argocd/\u00fc.yaml are one path where a disk ignores case",
        ),
        ("argocd/a", "argocd/a/b", "argocd/a would be a file and a folder at once"),
        ("argocd/a/b", "argocd/a", "argocd/a would be a file and a folder at once"),
    ],
)
def test_paths_that_collide_are_refused(first: str, second: str, message: str) -> None:
    plan = Plan(units=(Owner(name="platform", files={first: b"", second: b""}),))

    expected = f"{second}: error: {message} (path-collision)\n  help: rename one of the two"
    assert expected == "\n".join(map(str, plan.problems()))


def test_a_file_is_either_generated_or_edited() -> None:
    plan = Plan(
        units=(Owner(name="platform", files={"flux/a": b""}),),
        edits=(Edit(path="flux/a", before=b"", after=b"x"),),
    )

    expected = (
        "flux/a: error: flux/a is written for platform and by hand (path-collision)\n"
        "  help: rename one of the two"
    )
    assert expected == "\n".join(map(str, plan.problems()))
