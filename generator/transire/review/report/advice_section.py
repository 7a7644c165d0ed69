"""What to set in clusters: the chapter of the page with advice."""

from __future__ import annotations

from transire.engines.api.advice import Advice, Standing
from transire.review.advice.advice import advice_for
from transire.review.advice.formats import UNKNOWN
from transire.review.page import Section, joined, table, tag
from transire.review.report.facts import Report
from transire.review.report.table_rows import TableRow, mono

_HEAD = ("setting", "now", "advised", "why", "risk of changing it")


def advice_section(report: Report) -> Section:
    """For each cluster what is otherwise, to be looked at or to be weighed."""
    parts = []
    for cluster in report.organisation.platform.clusters:
        found = advice_for(report.organisation, cluster)
        rows = [_row(each) for each in found.advice if each.standing is not Standing.FINE]
        unseen = tag("ul", *(tag("li", each.what, "; ", each.instead) for each in found.unseen))
        body = joined(
            (
                table(_HEAD, rows, caption=f"Advice for {cluster.name}") if rows else "",
                joined((tag("p", "Not seen there:"), unseen)) if found.unseen else "",
            )
        )
        title = tag("summary", f"{cluster.name}: {cluster.release}")
        parts.append(tag("details", title, body))
    return Section(
        id="advice",
        title="Advice",
        lead="What to set so that names, caches and connections work. Settings of agents are those "
        "of the platform's file; transire advise -f reads them of a cluster.",
        body=joined(parts),
    )


def _row(each: Advice) -> TableRow:
    return mono(each.setting), each.now or UNKNOWN, each.value, each.why, each.risk
