"""The scaffolded jobs for GitLab, run: what is checked, said and published."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support import needs
from support.ci.changes import merge
from support.ci.fake_forge import Forge, forge
from support.ci.gitlab_runner import GitLab, Ran
from support.delivery.real_registry import PASSWORD, USER, certificates, installed, real_registry
from support.policy_repository import edit, git, run

TOKEN = {"TRANSIRE_GITLAB_TOKEN": "glpat-token"}
MARKER = "<!-- transire diff -->\n"


@pytest.fixture
def said() -> Iterator[Forge]:
    with forge() as kept:
        yield kept


@pytest.fixture
def gitlab(tmp_path: Path, origin: Path, installing: dict[str, str], said: Forge) -> GitLab:
    (tmp_path / "runner").mkdir()
    environment = {**installing, "CI_API_V4_URL": said.address}
    return GitLab(origin=origin, temp=tmp_path / "runner", environment=environment)


def push(clone: Path) -> str:
    """Push what is there to the branch of a merge request; its commit."""
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "change")
    git(clone, "push", "--quiet", "origin", "change")
    return git(clone, "rev-parse", "HEAD").strip()


def advance(origin: Path, folder: Path, before: str, after: str) -> None:
    """Somebody else's change reaches the target branch."""
    git(folder.parent, "clone", "--quiet", str(origin), str(folder))
    edit(folder, "values/teams/storefront.yaml", before, after)
    assert run(folder, "generate", "storefront").code == 0
    git(folder, "commit", "--quiet", "--all", "--message", "other")
    git(folder, "push", "--quiet", "origin", "HEAD:main")


def cases(ran: Ran) -> list[str]:
    """The names in the JUnit report."""
    report = ran.folder / "transire-reports/check.xml"
    return [each.get("name", "") for each in ET.parse(report).iter("testcase")]  # noqa: S314 - our own file


def test_a_sound_change_passes(
    gitlab: GitLab, clone: Path, installing_for_real: dict[str, str]
) -> None:
    real = GitLab(origin=gitlab.origin, temp=gitlab.temp, environment=installing_for_real)
    checked = real.run("egress-check", push(clone))

    assert (checked.code, checked.out) == (0, "no findings\n")
    assert not git(checked.folder, "status", "--porcelain")


def test_a_mistake_fails_and_is_reported(gitlab: GitLab, clone: Path) -> None:
    edit(clone, "values/teams/messaging.yaml", "api.push.example.com", "api.push.example.org")
    checked = gitlab.run("egress-check", push(clone))

    assert checked.code == 1
    assert "(out-of-step)" in checked.out
    assert cases(checked)


def test_what_is_checked_is_what_the_merge_gives(
    gitlab: GitLab, clone: Path, tmp_path: Path
) -> None:
    advance(gitlab.origin, tmp_path / "other", "*.search.example.com", "*.find.example.com")
    commit = push(clone)
    checked, explained = (gitlab.run(each, commit) for each in ("egress-check", "egress-diff"))

    assert (checked.code, explained.code) == (0, 0), checked.out + explained.err
    assert "*.find.example.com" in (checked.folder / "values/teams/storefront.yaml").read_text(
        encoding="utf-8"
    )
    assert "api.adyen.com" in explained.out
    assert "find.example.com" not in explained.out


def test_a_change_that_cannot_be_merged_fails(gitlab: GitLab, clone: Path, tmp_path: Path) -> None:
    edit(clone, "values/teams/storefront.yaml", "*.search.example.com", "*.look.example.com")
    assert run(clone, "generate").code == 0
    advance(gitlab.origin, tmp_path / "other", "*.search.example.com", "*.find.example.com")
    checked = gitlab.run("egress-check", push(clone))

    assert checked.code == 1
    assert "CONFLICT (content): Merge conflict in values/teams/storefront.yaml" in checked.out


def test_a_fork_is_compared_with_the_project_it_came_from(
    gitlab: GitLab, clone: Path, tmp_path: Path
) -> None:
    push(clone)
    git(tmp_path, "clone", "--quiet", "--bare", str(gitlab.origin), "fork.git")
    advance(gitlab.origin, tmp_path / "other", "*.search.example.com", "*.find.example.com")
    fork = GitLab(origin=tmp_path / "fork.git", temp=gitlab.temp, environment=gitlab.environment)
    explained = fork.run(
        "egress-diff",
        git(clone, "rev-parse", "HEAD").strip(),
        CI_PROJECT_ID="6",
        CI_MERGE_REQUEST_PROJECT_URL=str(gitlab.origin).removesuffix(".git"),
    )

    assert explained.code == 0, explained.err
    assert "find.example.com" not in explained.out
    assert explained.out.endswith(
        "no note is written, for there is no TRANSIRE_GITLAB_TOKEN: the artifact says what the "
        "change means\n"
    )


def test_a_note_says_what_the_change_means_and_is_renewed(
    gitlab: GitLab, clone: Path, said: Forge
) -> None:
    commit = push(clone)
    forged = ("somebody", MARKER + "## Egress: no change\n")
    said.said.append(forged)
    first = gitlab.run("egress-diff", commit, **TOKEN)
    before = said.said[-1]
    said.said[1] = ("project_bot", MARKER + "outdated")
    second = gitlab.run("egress-diff", commit, **TOKEN)

    assert (first.code, second.code) == (0, 0), first.err
    assert before == ("project_bot", f"{first.out}\n<sub>Commit {commit}</sub>\n")
    assert said.said == [forged, before]
    assert said.asked[-2:] == [
        "GET /projects/5/merge_requests/7/notes?per_page=100&page=1",
        "PUT /projects/5/merge_requests/7/notes/1",
    ]


def test_a_note_that_is_refused_says_what_is_missing(
    gitlab: GitLab, clone: Path, said: Forge
) -> None:
    said.refuses = True
    ran = gitlab.run("egress-diff", push(clone), **TOKEN)

    assert (ran.code, ran.err) == (
        1,
        ("GitLab refuses the note (403 Forbidden): TRANSIRE_GITLAB_TOKEN needs the scope api\n"),
    )


def test_what_cannot_be_explained_replaces_the_old_explanation(
    gitlab: GitLab, clone: Path, said: Forge
) -> None:
    said.said.append(("project_bot", MARKER + "## Egress: no change\n"))
    edit(clone, "values/platform.yaml", "mode: enforce", "mode: enforced")
    ran = gitlab.run("egress-diff", push(clone), **TOKEN)

    ((_, text),) = said.said
    assert ran.code == 1
    assert text.startswith(MARKER + "## Egress: not known\n")


def test_nothing_in_the_repository_is_run(
    gitlab: GitLab, clone: Path, tmp_path: Path, installing_by_pip: dict[str, str]
) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n"
    for name in ("pip", "venv", "json", "os", "transire", "yaml", "sitecustomize"):
        (clone / f"{name}.py").write_text(trap, encoding="utf-8")
    commit = push(clone)
    hostile = {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": f"$(touch {tmp_path}/sprung)"}
    real = replace(gitlab, environment={**gitlab.environment, **installing_by_pip})
    ran = real.run("egress-diff", commit, **TOKEN, **hostile)

    assert ran.code == 0, ran.err
    assert not (tmp_path / "sprung").exists()


@installed
def test_what_is_merged_is_published_once(gitlab: GitLab, clone: Path, tmp_path: Path) -> None:
    pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    tls = certificates(tmp_path / "tls")
    with real_registry(tmp_path / "registry", tls=tls, login=True) as host:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        secret = tmp_path / "config.json"
        secret.write_text(json.dumps({"auths": {host: {"auth": login}}}), encoding="utf-8")
        edit(clone, "values/platform.yaml", "oci://registry.example.com", f"oci://{host}")
        assert run(clone, "generate").code == 0
        merge(clone)
        commit = git(clone, "rev-parse", "HEAD").strip()
        advance(gitlab.origin, tmp_path / "other", "*.search.example.com", "*.find.example.com")
        known = {
            "CI_COMMIT_BRANCH": "main",
            "TRANSIRE_DOCKER_CONFIG": str(secret),
            "TRANSIRE_CA_FILE": f"{tls}/ca.crt",
            "TRANSIRE_PUBLISH_BRANCH": "published",
        }
        # A newer commit is on the branch already; this one is published all the same.
        first, second = (gitlab.run("egress-publish", commit, **known) for _ in range(2))
        refused = gitlab.run("egress-publish", commit, **{**known, "TRANSIRE_DOCKER_CONFIG": ""})

    assert (first.code, second.code) == (0, 0), first.err + second.err
    states = [
        {
            each["state"]
            for each in json.loads((ran.folder / "transire-reports/published.json").read_bytes())[
                "releases"
            ]
        }
        for ran in (first, second)
    ]
    assert states == [{"published"}, {"present"}]
    assert refused.code == 4
    assert git(gitlab.origin, "rev-parse", "published").strip() == commit


def test_without_a_word_on_what_to_install_nothing_runs(gitlab: GitLab, clone: Path) -> None:
    checked = gitlab.run("egress-check", push(clone), TRANSIRE_REQUIREMENT="")

    assert (checked.code, checked.out, checked.err) == (
        2,
        "",
        (
            "nothing says what to install: set the variable TRANSIRE_REQUIREMENT of this project to "
            "what pip installs, such as the address of a wheel, git+https://...@COMMIT or a name in "
            "an index of your own\n"
        ),
    )
