"""An organisation of any size, with rules as teams write them, on a platform of two clusters.

Each team has ten rules of ten hosts on one cluster of Cilium and one of Calico Enterprise. Two of
its hosts are wildcards, two of each rule are vendors that every team uses. One team in a hundred
has a rule of 500 hosts besides.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = 10
HOSTS = 10
LARGE = 500
VENDORS = 40
CHANGED = "team-00007"
_HOST = re.compile(r"- \w+\.host3\.")

_PLATFORM = """\
apiVersion: transire/v1
kind: Platform
publish:
  registry: oci://registry.example.com/egress
  git: https://git.example.com/platform/egress.git
defaults: {mode: enforce, ports: [443], inCluster: same-namespace}
tier: {name: egress, order: 5000}
clusters:
  prod-eu:
    engine: cilium
    version: "1.19"
    environment: prod
    dns: {profile: coredns}
    network: {podCIDRs: [10.0.0.0/16], serviceCIDRs: [10.96.0.0/12], nodeCIDRs: [192.168.10.0/24]}
    gitops: argocd
  prod-onprem:
    engine: calico-enterprise
    version: "3.22"
    environment: prod
    dns: {profile: openshift}
    network: {podCIDRs: [10.2.0.0/16], serviceCIDRs: [10.98.0.0/16], nodeCIDRs: [192.168.30.0/24]}
    gitops: flux
guardrails:
  allowedPorts: [443, 5432, 8000-8010/TCP]
  maxHostsPerTeam: 1000
  requireTicketFor: [wildcard, cidr]
"""


def write(root: Path, teams: int) -> Path:
    """Values of that many teams, and the charts that are written by hand."""
    (root / "values/teams").mkdir(parents=True)
    (root / "values/platform.yaml").write_text(_PLATFORM, encoding="utf-8")
    for number in range(teams):
        path = root / f"values/teams/{_name(number)}.yaml"
        path.write_text("\n".join([*_team(number), ""]), encoding="utf-8")
    for chart in ("egress-policy", "egress-baseline", "egress-tier"):
        without = shutil.ignore_patterns("targets")
        shutil.copytree(ROOT / "charts" / chart, root / "charts" / chart, ignore=without)
    return root


def change(root: Path, number: int) -> None:
    """One host of one team becomes another, each time a new one."""
    path = root / f"values/teams/{CHANGED}.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(_HOST.sub(f"- edited{number}.host3.", text), encoding="utf-8")


def _name(number: int) -> str:
    return f"team-{number:05}"


def _team(number: int) -> Iterator[str]:
    """The lines of a team's file."""
    name = _name(number)
    yield from ("apiVersion: transire/v1", "kind: TeamEgress", f"team: {name}")
    yield from (f"contact: {name}@example.com", "namespaces:")
    yield from (f"  {name}: [prod-eu, prod-onprem]", "egress:")
    for rule in range(RULES):
        yield from _rule(name, number, rule)
    if number % 100 == 50:  # noqa: PLR2004 - so that ten teams have none, and a hundred have one
        yield from ("  - name: large", "    reason: fetch pages of customers", "    to:")
        yield from (f"      - shop{each}.large.{name}.example.org" for each in range(LARGE))


def _rule(name: str, number: int, rule: int) -> Iterator[str]:
    """The lines of one rule: two vendors, and eight hosts of the team's own or seven and more."""
    yield from (f"  - name: rule-{rule}", f"    reason: call partners for part {rule}")
    if rule % 4:
        yield f"    from: {{app: app-{rule}}}"
    if rule == 3:  # noqa: PLR2004 - one rule of each kind is enough
        yield "    ports: [443, 8000-8010/TCP]"
    wild = {2: f"**.cdn.{name}.example.net", 7: f"*.objects.{name}.example.net"}.get(rule)
    if wild:
        yield "    ticket: SEC-1"
    if wild and not wild.startswith("**"):
        yield "    approximate: [widen]"
    yield "    to:"
    for each in range(2):
        yield f"      - api.vendor{(number + 7 * rule + each) % VENDORS}.example.com"
    yield f"      - api.host{rule}.{name}.example.com"
    for each in range(HOSTS - 4 if wild else HOSTS - 3):
        yield f"      - part{each}.r{rule}.{name}.example.com"
    if wild:
        yield f'      - "{wild}"'
