"""`publish` to a registry: what is pushed, what is refused, and what is left where it ends early."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from support import needs
from support.delivery.fake_registry import FakeRegistry
from support.delivery.published_example import AS_OF, commit, copy, organisation, published, rewrite
from support.paths import ROOT
from support.policy_repository import git
from transire.api import generate
from transire.charts.archive import packed
from transire.charts.oci_artifact import Artifact, artifact
from transire.charts.unpacked import unpack
from transire.commands.publish import publish as publishing
from transire.commands.publish.commit_charts import sources
from transire.delivery.registry.result import ChartState, OtherContent, Published, published_schema
from transire.model.problems import Rejected

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

CHARTS = ("egress-baseline", "egress-policy", "egress-tier", "teams/identity", "teams/payments")


@pytest.fixture(scope="module")
def generated(server: FakeRegistry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation")
    return organisation(folder, f"registry: oci://{server.address}/egress")


@pytest.fixture
def root(generated: Path, tmp_path: Path) -> Path:
    return copy(generated, tmp_path / "repository")


def refused(root: Path, fake: FakeRegistry) -> str:
    with pytest.raises(Rejected) as rejected:
        published(root)
    assert [line for line in fake.asked if not line.startswith(("HEAD", "GET"))] == []
    return str(rejected.value)


def published_or_refused(root: Path) -> Published:
    """What was done, whether or not something was refused."""
    try:
        return published(root)
    except OtherContent as others:
        return others.published


@pytest.mark.slow("long runs in a repository")
def test_every_chart_is_published_once_and_a_second_run_only_looks(
    root: Path, fake: FakeRegistry
) -> None:
    first = published(root)
    fake.asked.clear()
    second = published(root)

    assert [(place, ChartState.PUBLISHED) for place in CHARTS] == [
        (each.place, each.state) for each in first.releases
    ]
    assert [f"egress/{place}:0.1.0" for place in CHARTS] == fake.tags()
    assert [(place, ChartState.PRESENT) for place in CHARTS] == [
        (each.place, each.state) for each in second.releases
    ]
    assert [f"HEAD /v2/egress/{place}/manifests/0.1.0" for place in CHARTS] == sorted(fake.asked)


@pytest.mark.slow("long runs in a repository")
def test_what_was_done_is_json_of_the_published_shape(root: Path, fake: FakeRegistry) -> None:
    document = json.loads(published(root).to_json())

    jsonschema.Draft7Validator(json.loads(published_schema())).validate(document)
    assert git(root, "rev-parse", "HEAD").strip() == document["commit"]
    assert f"oci://{fake.address}/egress" == document["destination"]
    manifest = json.loads(fake.manifests["egress/teams/payments:0.1.0"])
    assert {
        "chart": "teams/payments",
        "name": "payments",
        "version": "0.1.0",
        "content": _content(root, "teams/payments"),
        "state": "published",
        "reference": f"oci://{fake.address}/egress/teams/payments:0.1.0",
        "archive": manifest["layers"][0]["digest"],
        "reproduced": True,
        "signed": False,
        "reason": "",
    } == {key: each for key, each in document["releases"][-1].items() if key != "digest"}


def _content(root: Path, place: str) -> str:
    lines = (root / "charts" / place / "Chart.yaml").read_text().splitlines()
    (line,) = [each for each in lines if each.startswith("# content ")]
    return line.removeprefix("# content ")


@pytest.mark.slow("long runs in a repository")
def test_digests_are_known_before_anything_is_pushed(root: Path, fake: FakeRegistry) -> None:
    charts = sources(root).charts
    known = {each.chart.place: each.digests for each in charts}
    assert fake.asked == []

    assert known.keys() == set(CHARTS)
    for each in published(root).releases:
        assert (known[each.place].archive, known[each.place].manifest) == (
            each.archive,
            each.digest,
        )
        assert f"egress/{each.place}@{each.digest}" in fake.manifests


@pytest.mark.slow("long runs in a repository")
def test_what_is_published_is_what_is_in_the_commit(root: Path, fake: FakeRegistry) -> None:
    published(root)

    manifest = json.loads(fake.manifests["egress/teams/payments:0.1.0"])
    files = unpack(fake.blobs[manifest["layers"][0]["digest"]])
    folder = root / "charts/teams/payments"
    assert {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    } == files


@pytest.mark.slow("long runs in a repository")
def test_a_dry_run_says_what_is_new_and_pushes_nothing(root: Path, fake: FakeRegistry) -> None:
    assert [each.state for each in published(root, dry_run=True).releases] == [ChartState.NEW] * 5
    assert fake.tags() == []


@pytest.mark.slow("long runs in a repository")
def test_only_a_new_version_is_pushed(root: Path, fake: FakeRegistry) -> None:
    published(root)
    rewrite(root / "values/teams/payments.yaml", "api.stripe.com", "api.stripe.net")
    generate(root, base="main", as_of=AS_OF)
    commit(root)
    fake.asked.clear()
    done = published(root)

    assert [(each.place, each.version) for each in done.those(ChartState.PUBLISHED)] == [
        ("teams/payments", "1.0.0")
    ]
    assert {"egress/teams/payments"} == {
        line.split(" ")[1].removeprefix("/v2/").partition("/manifests/")[0].partition("/blobs/")[0]
        for line in fake.asked
        if not line.startswith("HEAD") or "/blobs/" in line
    }


@pytest.mark.slow("long runs in a repository")
def test_nothing_is_packed_to_know_that_it_is_there(
    root: Path, fake: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(root)
    del fake.manifests["egress/teams/payments:0.1.0"]
    names: list[str] = []

    def counted(files: Mapping[str, bytes]) -> Artifact:
        names.append(files["Chart.yaml"].decode().splitlines()[1])
        return packed(files)

    monkeypatch.setattr(publishing, "packed", counted)
    done = published(root)

    assert names == ['name: "payments"']
    assert [each.place for each in done.those(ChartState.PUBLISHED)] == ["teams/payments"]


# What is refused


@pytest.mark.slow("long runs in a repository")
def test_other_content_under_a_published_version_is_refused(root: Path, fake: FakeRegistry) -> None:
    published(root)
    for name in ("README.md", "values.yaml", "templates/NOTES.txt", "templates/more.yaml"):
        file = root / "charts/egress-policy" / name
        file.write_text("# other\n" + (file.read_text() if file.exists() else ""))
    generate(root, base="main", as_of=AS_OF)
    commit(root)
    fake.asked.clear()

    there = _digest(fake.manifests["egress/egress-policy:0.1.0"])
    here = published_or_refused(root).releases[1].digest
    fake.asked.clear()

    assert (
        refused(root, fake)
        == f"charts/egress-policy/Chart.yaml: error: version 0.1.0 is published already as {there}, "
        "with other content in README.md, templates/NOTES.txt, templates/more.yaml and 1 more, and "
        f"the chart of this commit is {here}; unless you published that, it is tampering "
        "(version-published)\n"
        "  help: raise the number after `version:`, for what is published never changes"
    )
    assert there != here


@pytest.mark.slow("long runs in a repository")
def test_a_version_that_is_something_else_is_refused(root: Path, fake: FakeRegistry) -> None:
    pinned = published(root).releases[-1].digest
    key = "egress/teams/payments"
    del fake.manifests[f"{key}@{pinned}"]
    other = b'{"layers": []}'
    odd = artifact(b"no archive", {"name": "payments", "version": "0.1.0", "apiVersion": "v2"})
    for manifest, what in (
        (other, "something that is no Helm chart"),
        (odd.manifest, "something else: it cannot be unpacked: not a gzip file"),
    ):
        fake.manifests[f"{key}:0.1.0"] = manifest
        fake.manifests[f"{key}@{_digest(manifest)}"] = manifest
        fake.blobs[odd.digests.archive] = odd.archive
        fake.asked.clear()
        assert (
            "charts/teams/payments/Chart.yaml: error: version 0.1.0 is published already as "
            f"{_digest(manifest)}, with {what}, and the chart of this commit is {pinned}; unless "
            "you published that, it is tampering (version-published)\n"
            "  help: run `transire generate`, with --base for the branch that was published: what "
            "is published never changes" == refused(root, fake)
        )


def _digest(content: bytes) -> str:
    return artifact(content, {"name": "", "version": ""}).digests.archive


@pytest.mark.slow("long runs in a repository")
def test_the_same_content_packed_otherwise_gets_the_pinned_digest_beside(
    root: Path, fake: FakeRegistry, tmp_path: Path
) -> None:
    published(root)
    key = "egress/teams/payments"
    pinned = fake.manifests[f"{key}:0.1.0"]
    manifest = json.loads(pinned)
    manifest["annotations"]["org.opencontainers.image.created"] = "2026-01-01T00:00:00Z"
    other = json.dumps(manifest).encode()
    fake.manifests[f"{key}:0.1.0"] = fake.manifests[f"{key}@{_digest(other)}"] = other
    del fake.manifests[f"{key}@{_digest(pinned)}"]
    log = tmp_path / "signed"
    hook = "import sys; open(sys.argv[1], 'a').write(sys.argv[-1])"
    first = published(root, sys.executable, "-c", hook, str(log))
    fake.asked.clear()
    second = published(root)

    states = [ChartState.PRESENT] * 4
    assert [*states, ChartState.PUBLISHED] == [each.state for each in first.releases]
    assert [*states, ChartState.PRESENT] == [each.state for each in second.releases]
    for done in (first, second):
        assert [each.reproduced for each in done.releases] == [True, True, True, True, False]
        assert _digest(pinned) == done.releases[-1].digest
    assert log.read_text() == f"{fake.address}/{key}@{_digest(pinned)}"
    assert other == fake.manifests[f"{key}:0.1.0"]
    assert pinned == fake.manifests[f"{key}@{_digest(pinned)}"]
    assert [line for line in fake.asked if not line.startswith(("HEAD", "GET"))] == []


def test_a_dirty_tree_is_refused(root: Path, fake: FakeRegistry) -> None:
    (root / "new").touch()

    assert (
        refused(root, fake)
        == ".: error: the working tree has changes that are not committed (dirty-tree)\n"
        "  help: commit them, or take them back"
    )


def test_without_a_commit_nothing_is_published(
    generated: Path, fake: FakeRegistry, tmp_path: Path
) -> None:
    root = copy(generated, tmp_path / "repository")
    shutil.rmtree(root / ".git")
    said = refused(root, fake)
    git(root, "init", "--quiet")

    assert (
        f".: error: charts are published from a commit, and {root} is not in a Git repository "
        "(no-commit)\n  help: commit everything, then publish" == said
    )
    assert (
        refused(root, fake)
        == ".: error: charts are published from a commit, and there is no commit yet (no-commit)\n"
        "  help: commit everything, then publish"
    )


def test_files_out_of_step_are_refused(root: Path, fake: FakeRegistry) -> None:
    rewrite(root / "charts/teams/payments/values.yaml", "engine:", "engine: ")
    (root / "charts/teams/identity/README.md").unlink()
    commit(root)

    assert [
        line.replace("this generated ", "the ")
        for line in refused(root, fake).splitlines()
        if not line.startswith("  help:")
    ] == [
        "charts/teams/payments/values.yaml: error: the file was changed by hand (edited-file)",
        "charts/teams/identity/README.md: error: the file is missing (missing-file)",
    ]


@pytest.mark.slow("long runs in a repository")
def test_what_git_ignores_cannot_be_published(root: Path, fake: FakeRegistry) -> None:
    (root / ".gitignore").write_text("NOTES.md\n")
    commit(root)
    (root / "charts/egress-tier/NOTES.md").write_text("mine alone\n")
    generate(root, base="main", as_of=AS_OF)
    commit(root)

    assert (
        refused(root, fake)
        == "charts/egress-tier/NOTES.md: error: the file is not the commit's, so the chart could not "
        "be made again (not-committed)\n"
        "  help: commit it as it is; mind .gitignore, and line ends in .gitattributes"
    )


def test_the_page_shows_a_document_of_the_published_shape() -> None:
    page = (ROOT / "docs/publishing.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```json\n(.*?)```", page, flags=re.DOTALL)

    jsonschema.Draft7Validator(json.loads(published_schema())).validate(json.loads(shown))


@pytest.mark.slow("long runs in a repository")
def test_charts_that_flux_would_not_take_without_a_signature_are_noted(
    root: Path, fake: FakeRegistry, tmp_path: Path
) -> None:
    registry = f"registry: oci://{fake.address}/egress"
    verify = f"{registry}\n  verify: {{provider: cosign, secret: egress-cosign}}"
    rewrite(root / "values/platform.yaml", registry, verify)
    generate(root, base="main", as_of=AS_OF)
    commit(root)
    log = tmp_path / "signed"
    hook = "import sys; open(sys.argv[1], 'a').write(sys.argv[-1])"

    looked = published(root, dry_run=True, base="main")
    signed = published(root, sys.executable, "-c", hook, str(log), base="main")
    again = published(root, base="main")

    assert looked.note == (
        "Flux takes signed charts only (publish.verify), and this run signs none: sign each "
        "digest, or run it with --sign"
    )
    assert (signed.note, again.note) == ("", "")
