"""A team's file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from transire.model.intent import Team
from transire.model.names import is_dns_label
from transire.values.egress_rules import RuleReader
from transire.values.guardrails.fixed.namespace_owned_twice import Claims
from transire.values.mapping_reader import Fields
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.publications import PublicationReader
from transire.values.references import References
from transire.values.rule_places import targets
from transire.values.scalars import filled_line, name
from transire.values.team_claims import allowance
from transire.yamlio import Document


def team(
    document: Document, collector: ProblemCollector, *, references: References, claims: Claims
) -> Team:
    """What the file holds.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = collector.misfits
    fields = Fields.of(document.root, collector)
    called = fields.need("team", name, "")
    stem = PurePosixPath(document.path).stem
    if called not in {"", stem}:
        check_file_name("team", called, stem, fields, collector)
    contact = fields.need("contact", filled_line, "")
    contact_entry = fields.entry("contact")
    allowed = allowance(called, fields.entry("team"), references.teams, collector)
    reader = PublicationReader(references=references, allowance=allowed)
    publications = fields.need("namespaces", reader.read, ())
    for each_one in publications:
        claims.claim(each_one, collector)
    held = None if collector.misfits > misfits else targets(publications, references)
    book = RuleReader(references=references, source=f"{document.path}#", places=held)
    rules = fields.need("egress", book.rules, ())
    made = Team(
        name=called,
        contact=contact,
        path=document.path,
        publications=publications,
        rules=rules,
        at=fields.at,
        contact_at=contact_entry.value.at if contact_entry else fields.at,
    )
    if collector.misfits > misfits:
        collector.keep(replace(made, name=stem))
        raise Misfit
    return made


def check_file_name(
    kind: str, called: str, stem: str, fields: Fields, collector: ProblemCollector
) -> None:
    """Note that the name inside a file is not the file's own."""
    entry = fields.entry(kind)
    if entry is not None:
        collector.note(
            entry.value.at,
            "name-mismatch",
            f"{kind} {shown(called)} is in a file named {shown(f'{stem}.yaml')}",
            _same_name(kind, called, stem),
        )


def _same_name(kind: str, called: str, stem: str) -> str:
    """What to do where a file and its content have two names; only a name is proposed."""
    if is_dns_label(stem):
        return f"write {kind}: {stem}, or rename the file where no other is called {called}.yaml"
    return f"rename the file to {called}.yaml, where no other is called that"
