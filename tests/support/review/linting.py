"""Manifests linted as the program does it: with what the engine's own reading found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from support.engines.case_files import documents, release
from transire.commands import lint as command
from transire.commands.given_files import Given
from transire.helm.repeated_keys import repeated_keys
from transire.k8s.manifests import Manifest
from transire.k8s.placeholders import Unrendered, placeholder_in
from transire.model.engine import Definitions, Release
from transire.model.net import Network
from transire.queries.cluster_state import ClusterState
from transire.review.lint.finding import Facts, LintFinding
from transire.review.lint.registry import LintRule, lint


def manifests_of(text: str, source: str = "policy.yaml") -> tuple[Manifest, ...]:
    """The objects of a YAML stream."""
    parts = [part for part in re.split(r"^---$", text, flags=re.MULTILINE) if part.strip()]
    return tuple(
        Manifest(source=source, index=index, body=body, repeated=repeated_keys(part))
        for index, (body, part) in enumerate(zip(documents(text), parts, strict=True))
    )


def facts_of(
    manifests: Sequence[Manifest],
    on: Release,
    service_cidrs: tuple[Network, ...] = (),
    cluster: ClusterState | None = None,
) -> Facts:
    """What the engine finds, in an empty cluster unless one is given."""
    facts = command.facts_of(Given(manifests=tuple(manifests)), on, cluster)
    return replace(facts, service_cidrs=service_cidrs)


def linted(
    text: str,
    on: str,
    service_cidrs: tuple[Network, ...] = (),
    cluster: ClusterState | None = None,
) -> tuple[LintFinding, ...]:
    """What lint finds in a YAML stream on an engine such as `cilium@1.19`."""
    given, engine = manifests_of(text), release(on)
    unrendered = tuple(
        Unrendered(manifest=each, placeholder=found)
        for each in given
        if (found := placeholder_in(each.body))
    )
    manifests = tuple(each for each in given if not any(each is one.manifest for one in unrendered))
    facts = facts_of(manifests, engine, service_cidrs, cluster)
    return lint(manifests, engine, replace(facts, unrendered=unrendered))


NATIVE = ClusterState(definitions=Definitions.NATIVE)


def linted_example(rule: LintRule, heading: str) -> tuple[LintFinding, ...]:
    """What lint finds in an example, in a cluster as the rule is about one."""
    cluster = NATIVE if rule.ID == "taken-by-native" else None
    return linted(example(rule, heading), rule.EXAMPLE, cluster=cluster)


def example(rule: LintRule, heading: str) -> str:
    """The YAML of an example on a rule's page."""
    lines = re.search(rf"^{heading}:\n((?:    .*\n)+)", rule.__doc__ or "", re.MULTILINE)
    assert lines is not None, f"{rule.ID} has no {heading} example"
    ports = ", ".join(f'{{port: "{8000 + place}", protocol: TCP}}' for place in range(41))
    return re.sub(r"^    ", "", lines[1], flags=re.MULTILINE).replace("FORTY-ONE PORTS", ports)


def shown(finding: LintFinding) -> str:
    """The whole finding for golden files, the correction included."""
    where = f"{str(finding.object).strip()} {finding.path or '/'}"
    lines = [
        f"{where}: {finding.level}: {finding.message} ({finding.rule})",
        f"  help: {finding.help}",
    ]
    lines += [f"  | {line}" for line in finding.fix.diff.splitlines()] if finding.fix else []
    return "\n".join(lines)
