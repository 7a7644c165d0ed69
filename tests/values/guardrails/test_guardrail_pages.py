"""Each guardrail's own page, run: its bad example is found, its good one is clean."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from transire.meaning import public_resolvers, suffix_facts
from transire.meaning.premises import metadata_services
from transire.model.ends import instant
from transire.model.problems import Problem, Rejected
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.registry import FIXED, GUARDRAILS, Guardrail, Page, review
from transire.values.load import load

AS_OF = date(2030, 6, 15)

PLATFORM = """\
apiVersion: transire/v1
kind: Platform
publish: {registry: "oci://registry.example.com/egress"}
defaults: {mode: enforce, ports: [443], inCluster: declared}
enrol: [till]
clusters:
  eu:
    engine: cilium
    version: "1.19"
    environment: prod
    dns: {profile: coredns}
    gitops: argocd
    network: {families: [IPv4]}
  test:
    engine: cilium
    version: "1.19"
    environment: staging
    dns: {profile: coredns}
    gitops: argocd
  st:
    engine: calico
    version: "3.30"
    environment: prod
    dns: {profile: coredns}
    gitops: argocd
    fallback: {proxy: {namespace: egress-proxy, pods: {app: squid}, port: 3128}}
guardrails:
  maxHostsPerTeam: 3
  bundleMaxAge: 90
  requireTicketFor: [wildcard, cidr]
"""

TEAM = """\
apiVersion: transire/v1
kind: TeamEgress
team: shop
contact: shop@example.com
namespaces: {shop: [eu, st]}
egress:
"""


BOOKS = """\
apiVersion: transire/v1
kind: TeamEgress
team: books
contact: books@example.com
egress: [{name: api, reason: sell books, to: [api.example.com]}]
"""

BUNDLE = """\
apiVersion: transire/v1
kind: Bundle
bundle: github
owner: platform@example.com
reason: source code and releases
to: [github.com]
"""

WHOLE = {
    "expired-entry",
    "expires-soon",
    "ipv4-side-channel",
    "missing-reason",
    "stale-bundle",
}
"""Guardrails about an entry as a whole: an exception from one of these has no `for`."""

PAGES: dict[str, Page] = {**GUARDRAILS, **FIXED}


def examples(guardrail: Page, heading: str) -> str:
    page = guardrail.__doc__ or ""
    lines = re.search(rf"^{heading}:\n((?:    .*\n)+)", page, re.MULTILINE)
    assert lines is not None, f"{guardrail.ID} has no {heading} example"
    return (
        lines[1]
        .replace("SOON", "2030-06-20")
        .replace("TODAY", AS_OF.isoformat())
        .replace("HOSTS", ", ".join(f"h{number}.example.com" for number in range(4)))
    )


def platform_with(network: str) -> str:
    """The platform with a cluster of plain NetworkPolicy whose network is the example's."""
    cluster = (
        "  edge:\n    engine: kubernetes\n    environment: edge\n    dns: {profile: coredns}\n"
    )
    own = "".join(f"    {line}\n" for line in ("gitops: flux", *network.splitlines()))
    return PLATFORM.replace("guardrails:\n", f"{cluster}{own}guardrails:\n")


def found(root: Path, example: str, as_of: date = AS_OF) -> tuple[Problem, ...]:
    """What is said about rules, one on each line, or about the file that the example names."""
    about_books = example.strip().startswith("# values/teams/books.yaml")
    about_bundle = example.strip().startswith("# values/bundles/github.yaml")
    about_platform = example.strip().startswith("# values/platform.yaml")
    about_file = about_books or about_bundle or about_platform
    rules = "{name: api, reason: charge cards, to: [api.example.com]}" if about_file else example
    entries = "".join(f"  - {line.strip()}\n" for line in rules.splitlines())
    lines = "".join(f"{line.strip()}\n" for line in example.splitlines())
    files = {
        "platform.yaml": platform_with(lines) if about_platform else PLATFORM,
        "bundles/github.yaml": BUNDLE + lines * about_bundle,
        "teams/shop.yaml": TEAM + entries,
        **({"teams/books.yaml": BOOKS + lines} if about_books else {}),
    }
    for path, text in files.items():
        file = root / "values" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    try:
        return review(load(root), as_of)
    except Rejected as rejected:
        return rejected.problems


@pytest.mark.parametrize("guardrail", PAGES.values(), ids=PAGES)
def test_the_bad_example_is_found(guardrail: Page, tmp_path: Path) -> None:
    problems = found(tmp_path, examples(guardrail, "Bad"))

    assert guardrail.ID in {each.id for each in problems}
    places = ("values/teams/", "values/bundles/", "values/platform.yaml")
    assert all(each.at.path.startswith(places) and each.at.line for each in problems)


@pytest.mark.parametrize("guardrail", PAGES.values(), ids=PAGES)
def test_the_good_example_is_clean_under_every_guardrail(guardrail: Page, tmp_path: Path) -> None:
    assert found(tmp_path, examples(guardrail, "Good")) == ()


@pytest.mark.parametrize("guardrail", GUARDRAILS.values(), ids=GUARDRAILS)
def test_a_finding_holds_what_an_exception_has_to_be_for(
    guardrail: Guardrail, tmp_path: Path
) -> None:
    found(tmp_path, examples(guardrail, "Bad"))
    whole = GuardrailContext(organisation=load(tmp_path), as_of=instant(AS_OF))

    findings = list(guardrail.check(whole))
    assert {bool(each.about) for each in findings} == {guardrail.ID not in WHOLE}


@pytest.mark.parametrize("guardrail", PAGES.values(), ids=PAGES)
def test_a_page_says_what_and_why(guardrail: Page) -> None:
    page = guardrail.__doc__ or ""

    assert page.splitlines()[0].endswith(".")
    assert "\nWhat it does: " in page
    assert "\nWhy is this bad? " in page


def test_every_message_is_exactly_this(tmp_path: Path, update_golden: bool) -> None:
    golden = Path(__file__).parent / "messages.txt"
    shown = [
        str(problem)
        for rule_id, guardrail in PAGES.items()
        for problem in found(tmp_path / rule_id, examples(guardrail, "Bad"))
        if problem.id == rule_id
    ]
    text = "\n".join([*shown, ""])
    if update_golden:
        golden.write_text(text, encoding="utf-8")

    assert golden.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("rule_id", "as_of"),
    [
        ("resolver-bypass", public_resolvers.AS_OF),
        ("no-metadata-address", metadata_services.AS_OF),
        ("no-public-suffix-wildcard", suffix_facts.AS_OF),
    ],
)
def test_a_page_holds_the_day_of_the_list_behind_it(rule_id: str, as_of: date) -> None:
    assert re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", GUARDRAILS[rule_id].__doc__ or "") == [
        as_of.isoformat()
    ]
