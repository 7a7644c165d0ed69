"""`publish` from Git: tags that are made once, pushed together, and never moved."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from support.delivery.published_example import AS_OF, commit, copy, organisation, published, rewrite
from support.policy_repository import git
from transire.api import generate
from transire.charts.versions.version import content_digest
from transire.delivery.registry.result import ChartState, OtherContent, published_schema
from transire.git.repository import Repository, open_repository
from transire.model.problems import GitFailed, Rejected

pytestmark = pytest.mark.slow("long runs in a repository")

TAGS = ["egress-baseline-0.1.0", "egress-tier-0.1.0", "identity-0.1.0", "payments-0.1.0"]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"), "credentials: git-login")


@pytest.fixture
def alone(generated: Path, tmp_path: Path) -> Path:
    return copy(generated, tmp_path / "repository")


@pytest.fixture
def origin(alone: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "--quiet", "--bare", str(alone), "origin.git")
    return tmp_path / "origin.git"


@pytest.fixture
def root(alone: Path, origin: Path) -> Path:
    git(alone, "remote", "add", "origin", str(origin))
    git(alone, "fetch", "--quiet", "origin")
    return alone


def tags(folder: Path) -> dict[str, str]:
    listed = git(folder, "tag", "--list", "--format=%(refname:strip=2) %(objectname)").split()
    return dict(zip(listed[::2], listed[1::2], strict=True))


def content(root: Path, commit: str) -> str:
    """The digest of the team's chart as a commit has it."""
    repository = open_repository(root)
    assert isinstance(repository, Repository)
    folder = "charts/teams/payments/"
    files = repository.files(commit, folder)
    chart = {path.removeprefix(folder): each for path, each in files.items()}
    return f"sha256:{content_digest(chart, folder)}"


def changed(root: Path) -> None:
    """A new version of one team's chart, committed."""
    rewrite(root / "values/teams/payments.yaml", "api.stripe.com", "api.stripe.net")
    generate(root, base="main", as_of=AS_OF)
    commit(root)


def test_what_a_commit_closes_is_named_with_what_ends_open_connections(root: Path) -> None:
    assert published(root).narrowed == ()
    changed(root)
    rewrite(root / "values/teams/payments.yaml", "[22/TCP, 8000-8010/TCP]", "[22/TCP]")
    generate(root, base="main", as_of=AS_OF)
    commit(root)

    done = published(root, base="main")
    found = {each.target: each for each in done.narrowed}

    assert found.keys() == {"payments-prod.prod-eu", "payments-prod.prod-onprem"}
    assert found["payments-prod.prod-eu"].restart == ()
    onprem = found["payments-prod.prod-onprem"]
    assert (onprem.become, onprem.not_by[0]) == ("kept", "a change of policies, sets or labels")
    assert onprem.restart == (
        (
            "kubectl -n payments-prod rollout restart deployment,statefulset,daemonset --selector "
            "app=settlement"
        ),
    )
    document = json.loads(done.to_json())
    jsonschema.Draft7Validator(json.loads(published_schema())).validate(document)
    assert [each["target"] for each in document["narrowed"]] == list(found)


def test_where_there_is_no_base_it_is_not_known_what_closes(root: Path) -> None:
    changed(root)

    assert published(root).note == (
        "what becomes of open connections is not known: origin/HEAD is not set; run `git remote "
        "set-head origin --auto` or name a --base"
    )
    assert published(root).note == ""


def test_tags_are_made_and_pushed_once(root: Path, origin: Path) -> None:
    first, second = published(root), published(root)

    head = git(root, "rev-parse", "HEAD").strip()
    assert dict.fromkeys(TAGS, head) == tags(root) == tags(origin)
    assert [(tag, ChartState.PUBLISHED) for tag in TAGS] == [
        (each.reference, each.state) for each in first.releases
    ]
    assert [each.state for each in second.releases] == [ChartState.PRESENT] * 4
    assert (first.destination, first.note) == ("origin", "")
    document = json.loads(first.to_json())
    jsonschema.Draft7Validator(json.loads(published_schema())).validate(document)


def test_only_a_new_version_gets_a_tag(root: Path, origin: Path) -> None:
    published(root)
    changed(root)
    done = published(root)

    assert [each.reference for each in done.those(ChartState.PUBLISHED)] == ["payments-1.0.0"]
    assert sorted([*TAGS, "payments-1.0.0"]) == sorted(tags(origin))
    assert git(root, "rev-parse", "HEAD").strip() == tags(origin)["payments-1.0.0"]


def test_a_dry_run_makes_no_tag(root: Path, origin: Path) -> None:
    assert [each.state for each in published(root, dry_run=True).releases] == [ChartState.NEW] * 4
    assert {} == tags(root) == tags(origin)


def test_without_the_remote_the_tags_stay_here_and_that_is_said(alone: Path) -> None:
    done = published(alone)

    assert sorted(tags(alone)) == TAGS
    assert (
        done.destination,
        done.note,
    ) == ("", "there is no remote 'origin', so the tags are here only")


@pytest.mark.parametrize("where", ["here", "remote"])
def test_a_tag_on_other_content_is_refused_and_the_others_are_made(
    root: Path, origin: Path, where: str
) -> None:
    (root / "charts/teams/payments/README.md").write_text("other\n")
    commit(root)
    other = git(root, "rev-parse", "HEAD").strip()
    git(root, "tag", "payments-0.1.0")
    git(root, "reset", "--quiet", "--hard", "HEAD~1")
    if where == "remote":
        git(root, "push", "--quiet", "origin", "payments-0.1.0")
        git(root, "tag", "--delete", "payments-0.1.0")
    contents = [content(root, each) for each in (other, "HEAD")]
    with pytest.raises(OtherContent) as refused:
        published(root)
    there, here = contents

    assert (
        f"charts/teams/payments/Chart.yaml: error: the tag payments-0.1.0 is on commit {other[:12]} "
        f"already, with the chart {there}, and the chart of this commit is {here}; unless you "
        "published that, the tag was moved, which is tampering (version-published)\n"
        "  help: run `transire generate` for the next version, for a tag never moves; one that was "
        "moved goes back with `git push --force REMOTE COMMIT:refs/tags/payments-0.1.0`, where "
        "COMMIT is the one that was published" == str(refused.value)
    )
    assert there != here
    others = {tag for tag in TAGS if tag != "payments-0.1.0"}
    made = set(tags(root) if where == "remote" else tags(origin))
    assert others <= made
    assert tags(root).get("payments-0.1.0") == (None if where == "remote" else other)
    assert tags(origin).get("payments-0.1.0") == (other if where == "remote" else None)
    states = {each.place: each.state for each in refused.value.published.releases}
    assert states.pop("teams/payments") is ChartState.REFUSED
    assert set(states.values()) == {ChartState.PUBLISHED}


def test_a_tag_on_something_without_the_chart_is_refused(root: Path) -> None:
    git(root, "tag", "payments-0.1.0", git(root, "commit-tree", "-m", "empty", EMPTY).strip())
    with pytest.raises(Rejected) as rejected:
        published(root)

    assert " already, with no such chart, and the chart of this commit is " in str(rejected.value)


EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without files, which every repository knows."""


def test_files_that_do_not_travel_may_differ(root: Path, origin: Path) -> None:
    published(root)
    (root / "charts/egress-tier/tests").mkdir(exist_ok=True)
    (root / "charts/egress-tier/tests/more_test.yaml").write_text("suite: more\n")
    commit(root)

    assert [each.state for each in published(root).releases] == [ChartState.PRESENT] * 4
    assert sorted(tags(origin)) == TAGS


def test_tags_that_an_interrupted_run_made_here_are_pushed_as_they_are(
    root: Path, origin: Path
) -> None:
    git(root, "tag", "payments-0.1.0")
    git(root, "tag", "--annotate", "--message", "by hand", "identity-0.1.0")
    commit(root, empty=True)
    done = published(root)

    assert [each.state for each in done.releases] == [ChartState.PUBLISHED] * 4
    assert tags(root) == tags(origin)
    assert git(root, "rev-parse", "HEAD~1") == git(origin, "rev-parse", "payments-0.1.0")
    assert [each.state for each in published(root).releases] == [ChartState.PRESENT] * 4


def test_a_shallow_clone_sees_what_older_tags_hold(
    root: Path, origin: Path, tmp_path: Path
) -> None:
    published(root)
    changed(root)
    published(root)
    git(root, "push", "--quiet", "origin", "main")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{origin}", "shallow")
    done = published(tmp_path / "shallow")

    assert [each.state for each in done.releases] == [ChartState.PRESENT] * 4


def test_a_remote_that_refuses_leaves_no_tag_there_and_a_second_run_completes(
    root: Path, origin: Path
) -> None:
    hook = origin / "hooks/update"
    hook.write_text('#!/bin/sh\ncase "$1" in *payments*) echo "no room" >&2; exit 1;; esac\n')
    hook.chmod(0o755)
    with pytest.raises(GitFailed) as failed:
        published(root)
    assert str(failed.value).startswith("git push: remote: no room")
    assert tags(origin) == {}

    hook.unlink()
    published(root)
    assert sorted(tags(origin)) == TAGS


def test_a_remote_that_is_not_there_is_said(root: Path, tmp_path: Path) -> None:
    git(root, "remote", "set-url", "origin", str(tmp_path / "gone.git"))
    with pytest.raises(GitFailed) as failed:
        published(root)

    first = str(failed.value).splitlines()[0]
    assert (
        f"git ls-remote: fatal: '{tmp_path}/gone.git' does not appear to be a git repository"
        == (first)
    )
    assert tags(root) == {}
