"""The platform's section about code owners."""

from __future__ import annotations

from transire.model.owners import OWNER_FORMS, Codeowners, OwnersFile, is_owner
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import choice, filled_line
from transire.yamlio import Node


def codeowners(node: Node, collector: ProblemCollector) -> Codeowners:
    """Who owns what the teams do not.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    platform = fields.need("platform", each(_owner), ())
    security = fields.get("security", each(_owner), ())
    path = fields.get("path", choice(OwnersFile), OwnersFile.ROOT)
    collector.stop_after(misfits)
    if not platform:
        raise Misfit
    return Codeowners(platform=platform, security=security, path=path)


def _owner(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    if is_owner(written):
        return written
    raise collector.refuse(
        node.at,
        "bad-owner",
        f"{shown(written)} is no owner that CODEOWNERS can name",
        f"write {OWNER_FORMS}",
    )
