"""The command that explains: `rules`."""

from __future__ import annotations

import click

from transire import api
from transire.cli import completion
from transire.cli.options import format_option
from transire.cli.printing import say


@click.command()
@click.argument("rule", required=False, metavar="[ID]", shell_complete=completion.rules)
@click.option("--all", "every", is_flag=True, help="List every id that a finding can show.")
@format_option("text", "markdown", "json", what="rules are")
def rules(*, rule: str | None, every: bool, form: str) -> None:
    """List guardrails and rules of lint, or explain the one named ID."""
    formats = api.RULE_FORMATS if rule is None else api.PAGE_FORMATS
    say(formats[form](api.rules(rule, every=every)), form=form)
