"""What `publish` holds against the values: what changed since the base, and all that is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import needs
from support.delivery.fake_registry import FakeRegistry
from support.delivery.published_example import AS_OF, commit, copy, organisation, published, rewrite
from support.policy_repository import git
from transire.api import generate
from transire.commands.publish.commit_charts import sources
from transire.commands.publish.up_to_date import changed_places
from transire.delivery.registry.result import ChartState
from transire.model.problems import Rejected, UsageError

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

EVERYTHING = {
    "egress-baseline", "egress-policy", "egress-tier", "teams/identity", "teams/payments",
}  # fmt: skip
TEAM = "values/teams/payments.yaml"
OBJECT = "argocd/prod-eu/applications/teams/payments.yaml"


@pytest.fixture(scope="module")
def generated(server: FakeRegistry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation")
    return organisation(folder, f"registry: oci://{server.address}/egress")


@pytest.fixture
def root(generated: Path, tmp_path: Path) -> Path:
    """The organisation with a second commit, so that the branch has a base."""
    return commit(copy(generated, tmp_path / "repository"), empty=True)


def refused(root: Path, base: str | None = "main") -> list[str]:
    """Where and why `publish` refuses, without what helps."""
    with pytest.raises(Rejected) as rejected:
        published(root, base=base)
    return [
        f"{each.at.path} {each.id}" for each in sorted(rejected.value.problems, key=lambda p: p.at)
    ]


def drift(root: Path) -> Path:
    """Values that nobody generated charts from, committed."""
    rewrite(root / TEAM, "api.stripe.com", "api.stripe.net")
    return commit(root)


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("docs/notes.md", set()),
        (TEAM, {"teams/payments"}),
        ("charts/teams/payments/README.md", {"teams/payments"}),
        (OBJECT, {"teams/payments"}),
        ("flux/prod-onprem/releases/teams/payments.yaml", {"teams/payments"}),
        (".transire/owned/teams/payments.json", {"teams/payments"}),
        ("values/teams/payments.txt", EVERYTHING),
        ("values/platform.yaml", EVERYTHING),
        ("values/bundles/github.yaml", EVERYTHING),
        ("values/exceptions.yaml", EVERYTHING),
        ("charts/egress-policy/values.yaml", EVERYTHING),
        ("charts/egress-baseline/targets/prod-eu.yaml", EVERYTHING),
        ("argocd/prod-eu/applications/platform.yaml", EVERYTHING),
        ("argocd/argocd-cm.yaml", EVERYTHING),
        (".transire/owned/platform.json", EVERYTHING),
        (".transire/owned/stranger", EVERYTHING),
        ("CODEOWNERS", EVERYTHING),
    ],
)
def test_a_file_concerns_its_team_or_everything(root: Path, path: str, places: set[str]) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        opened.write(b"# more\n")
    commit(root)

    assert places == changed_places(sources(root), "main")


def test_what_is_gone_has_changed(root: Path) -> None:
    (root / "charts/teams/payments/README.md").unlink()
    commit(root)

    assert changed_places(sources(root), "main") == {"teams/payments"}


@pytest.mark.parametrize("chart", ["egress-baseline", "egress-tier"])
def test_without_a_chart_of_the_platform_everything_is_looked_at(root: Path, chart: str) -> None:
    (root / "charts" / chart / "Chart.yaml").unlink()
    commit(root)
    commit(root, empty=True)

    assert changed_places(sources(root), "main") == EVERYTHING
    assert f"charts/{chart}/Chart.yaml chart-missing" in refused(root)


def test_without_a_base_everything_is_looked_at(root: Path) -> None:
    assert changed_places(sources(root), None) == EVERYTHING


def test_a_base_that_does_not_exist_is_said(root: Path, fake: FakeRegistry) -> None:
    with pytest.raises(UsageError, match=r"^--base nothing names no commit of this repository$"):
        published(root, base="nothing")
    assert fake.asked == []


@pytest.mark.slow("long runs in a repository")
def test_a_change_that_was_not_generated_is_refused_before_the_registry_is_asked(
    root: Path, fake: FakeRegistry
) -> None:
    published(root)
    fake.asked.clear()
    drift(root)

    found = refused(root)

    assert "charts/teams/payments/targets/payments-prod.prod-eu.yaml outdated-file" in found
    assert not [each for each in found if "identity" in each]
    assert fake.asked == []


@pytest.mark.slow("long runs in a repository")
def test_what_is_new_is_held_against_the_values_whenever_it_was_committed(
    root: Path, fake: FakeRegistry
) -> None:
    published(root)
    rewrite(root / TEAM, "api.stripe.com", "api.stripe.net")
    generate(root, base="main", as_of=AS_OF)
    rewrite(root / TEAM, "api.stripe.net", "api.stripe.org")
    commit(root)
    commit(root, empty=True)
    fake.asked.clear()

    assert "charts/teams/payments/targets/payments-prod.prod-eu.yaml outdated-file" in refused(root)
    assert [line for line in fake.asked if not line.startswith(("HEAD", "GET"))] == []


@pytest.mark.slow("long runs in a repository")
def test_old_drift_of_one_team_does_not_stop_the_others(root: Path, fake: FakeRegistry) -> None:
    published(root)
    drift(root)
    rewrite(root / "values/teams/identity.yaml", "contact: ", "contact: the-")
    generate(root, teams=["identity"], base="main", as_of=AS_OF)
    commit(root)

    done = published(root, base="main")

    assert [each.place for each in done.those(ChartState.PUBLISHED)] == ["teams/identity"]
    assert fake.tags().count("egress/teams/payments:0.1.0") == 1


@pytest.mark.slow("long runs in a repository")
def test_a_chart_of_no_team_is_refused(root: Path, fake: FakeRegistry) -> None:
    published(root)
    stranger = root / "charts/teams/stranger"
    copy(root / "charts/teams/payments", stranger)
    rewrite(stranger / "Chart.yaml", 'name: "payments"', 'name: "stranger"')
    commit(root)
    commit(root, empty=True)

    assert refused(root) == ["charts/teams/stranger foreign-file"]
    assert not [each for each in fake.tags() if "stranger" in each]


@pytest.mark.slow("long runs in a repository")
@pytest.mark.usefixtures("fake")
def test_a_pin_that_is_not_that_of_the_chart_is_refused(root: Path) -> None:
    published(root)
    (digest,) = {
        line.split('"')[1]
        for line in (root / OBJECT).read_text(encoding="utf-8").splitlines()
        if "targetRevision" in line
    }
    rewrite(root / OBJECT, digest, "sha256:" + "0" * 64)
    commit(root)

    assert refused(root) == [f"{OBJECT} edited-file"]
    assert digest == next(
        each.digest for each in published(root, base="HEAD").releases if each.name == "payments"
    )


def test_a_description_that_names_no_chart_is_said(root: Path) -> None:
    rewrite(root / "charts/teams/payments/Chart.yaml", 'name: "payments"', "title: payments")
    commit(root)
    with pytest.raises(Rejected) as rejected:
        published(root, base="main")

    assert str(rejected.value) == (
        "charts/teams/payments/Chart.yaml: error: the description of the chart names no chart "
        "(chart-broken)\n"
        "  help: restore it from Git, or run `transire generate`"
    )


@pytest.mark.slow("long runs in a repository")
def test_tags_are_held_against_the_values_as_well(root: Path) -> None:
    rewrite(root / "values/platform.yaml", "  registry: oci://", "  # registry: oci://")
    generate(root, base="main", as_of=AS_OF)
    rewrite(root / TEAM, "api.stripe.com", "api.stripe.org")
    commit(root)
    commit(root, empty=True)

    assert "charts/teams/payments/targets/payments-prod.prod-eu.yaml outdated-file" in refused(root)
    assert git(root, "tag", "--list") == ""
