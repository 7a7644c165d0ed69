"""The examples of guardrails' pages as a policy repository, and what is found there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from transire.model.problems import Problem, Rejected
from transire.values.guardrails.registry import FIXED, GUARDRAILS, Page, review
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

WHOLE = {"ipv4-side-channel", "stale-bundle"}
"""Guardrails about what nothing can be added to: an exception from one of these has no `for`."""

PAGES: dict[str, Page] = {**GUARDRAILS, **FIXED}


def examples(guardrail: Page, heading: str) -> str:
    """What the page gives under `Bad` or `Good`, its placeholders filled in."""
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


def written(root: Path, example: str) -> None:
    """Write the values of rules, one on each line, or of the file that the example names."""
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


def problems_of(root: Path, as_of: date = AS_OF) -> tuple[Problem, ...]:
    """What is found in the values at that time."""
    try:
        return review(load(root), as_of)
    except Rejected as rejected:
        return rejected.problems


def found(root: Path, example: str, as_of: date = AS_OF) -> tuple[Problem, ...]:
    """What is found in the values of an example, written there first."""
    written(root, example)
    return problems_of(root, as_of)
