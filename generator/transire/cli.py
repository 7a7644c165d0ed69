"""The commands: a thin shell over `pipeline`, and the only place that prints and exits.

Answers go to standard output, everything else to standard error. Exit codes: 0 clean or warnings
only, 1 findings of level error or files out of step, 2 usage, 3 cannot judge, 4 Helm or registry
failed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn, TextIO

import click
from rich.console import Console
from rich.table import Table

from transire import pipeline
from transire.model.problems import Level, Problem, Rejected, ToolError, Unjudgeable
from transire.model.query import Query, Verdict
from transire.publish.published import Unfinished

COMPLETION = "_TRANSIRE_COMPLETE"
"""The variable with which click's shell completion asks for words."""

_WIDE = 200
"""Columns of a table that no terminal shows."""

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

HELM = click.Choice(["sdk", "cli"])


def _day(
    _context: click.Context, _parameter: click.Parameter, value: datetime | None
) -> date | None:
    return None if value is None else value.date()


base_option = click.option(
    "--base", metavar="REF", help="The target branch; default: where origin/HEAD points."
)
as_of_option = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="DATE",
    help="The day that dates are held against; default: today.",
)
helm_option = click.option("--helm", type=HELM, help="Which Helm renders; default: what is there.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "directory",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="The policy repository; default: the one around the working directory.",
)
@click.version_option(package_name="transire")
@click.pass_context
def commands(context: click.Context, directory: Path) -> None:
    """Egress policies as code: values files in, versioned Helm charts out."""
    context.obj = directory


@commands.command()
@click.argument("directory", type=click.Path(path_type=Path), default=Path())
@click.option("--upgrade", is_flag=True, help="Renew the charts of an existing repository.")
def init(directory: Path, *, upgrade: bool) -> None:
    """Scaffold a policy repository in DIRECTORY."""
    started = pipeline.init(directory, upgrade_charts=upgrade)
    if started.difference:
        click.echo(started.difference, nl=False)
    for path in started.written:
        click.echo(f"wrote {path}", err=True)
    if upgrade:
        click.echo("next: transire generate", err=True)
        return
    click.echo(
        "next: edit values/platform.yaml and values/teams/, then transire generate", err=True
    )


@commands.command()
@click.argument("teams", nargs=-1, metavar="[TEAM]...")
@base_option
@as_of_option
@helm_option
@click.pass_obj
def generate(
    directory: Path,
    *,
    teams: tuple[str, ...],
    base: str | None,
    as_of: date | None,
    helm: pipeline.HelmChoice | None,
) -> None:
    """Write charts and GitOps objects for all teams, or for those named."""
    generated = pipeline.generate(
        pipeline.find_root(directory), teams=teams, base=base, as_of=as_of, helm=helm
    )
    _show(generated.problems)
    _table(generated.rows)
    if generated.new:
        click.echo(f"versions are compared with nothing: {generated.new}", err=True)
    click.echo(
        f"{len(generated.written)} files written, {len(generated.removed)} removed, "
        f"{generated.rendered} targets rendered by {generated.helm}",
        err=True,
    )


@commands.command()
@click.argument("teams", nargs=-1, metavar="[TEAM]...")
@base_option
@as_of_option
@helm_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(pipeline.REPORTERS)),
    default="text",
    help="How findings are printed.",
)
@click.pass_obj
def check(
    directory: Path,
    *,
    teams: tuple[str, ...],
    base: str | None,
    as_of: date | None,
    helm: pipeline.HelmChoice | None,
    form: str,
) -> None:
    """Check values, guardrails and generated files of all teams, or of those named."""
    root = pipeline.find_root(directory)
    problems = pipeline.check(root, teams=teams, base=base, as_of=as_of, helm=helm)
    click.echo(pipeline.REPORTERS[form](problems), nl=False)
    if any(each.level is Level.ERROR for each in problems):
        sys.exit(Rejected.exit_code)


@commands.command()
@click.option("--docker-config", type=_FILE, metavar="FILE", help="Logins, in Docker's format.")
@click.option("--ca-file", "ca", type=_FILE, metavar="FILE", help="The registry's own authority.")
@click.option("--plain-http", is_flag=True, help="The registry has no TLS.")
@click.option("--sign", default="", metavar="COMMAND", help="Run for each new digest.")
@click.option("--remote", default="origin", metavar="NAME", help="The Git remote that gets tags.")
@click.option("--since", type=_FILE, metavar="FILE", help="What an earlier run wrote as JSON.")
@click.option("--dry-run", is_flag=True, help="Look only.")
@base_option
@as_of_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def publish(
    directory: Path,
    *,
    docker_config: Path | None,
    ca: Path | None,
    plain_http: bool,
    sign: str,
    remote: str,
    since: Path | None,
    dry_run: bool,
    base: str | None,
    as_of: date | None,
    form: str,
) -> None:
    """Pack every chart of the commit at hand and push what is new."""
    options = pipeline.RegistryOptions(
        docker_config=docker_config, ca=ca, plain_http=plain_http, sign=pipeline.sign_command(sign)
    )
    show = pipeline.PUBLISHED_FORMATS[form]
    try:
        published = pipeline.publish(
            pipeline.find_root(directory),
            options=options,
            remote=remote,
            base=base,
            as_of=as_of,
            since=since,
            dry_run=dry_run,
        )
    except Unfinished as unfinished:
        click.echo(show(unfinished.published), nl=False)
        raise
    click.echo(show(published), nl=False)


@commands.command()
@click.argument("team")
@click.option("--target", metavar="NAMESPACE.CLUSTER", help="One target; default: all of them.")
@helm_option
@click.pass_obj
def render(
    directory: Path, *, team: str, target: str | None, helm: pipeline.HelmChoice | None
) -> None:
    """Print what Helm renders for TEAM, as a YAML stream."""
    root = pipeline.find_root(directory)
    for name, manifest in pipeline.render(root, team=team, target=target, helm=helm):
        click.echo(f"# target: {name}\n{manifest}")


@commands.command()
@click.argument("team")
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@click.option("--rule", default="", metavar="NAME", help="The rule that gets the hosts.")
@click.option("--reason", default="", metavar="TEXT", help="Why; a new rule needs one.")
@click.option("--ticket", default="", metavar="ID", help="The approval.")
@click.option("--ports", default="", metavar="443,...", help="Ports of a new rule.")
@click.pass_obj
def add(
    directory: Path,
    *,
    team: str,
    hosts: tuple[str, ...],
    rule: str,
    reason: str,
    ticket: str,
    ports: str,
) -> None:
    """Add HOSTs to a rule of TEAM's values file, keeping comments and order."""
    added = pipeline.add(
        pipeline.find_root(directory),
        team=team,
        hosts=hosts,
        rule=rule,
        reason=reason,
        ticket=ticket,
        ports=tuple(each.strip() for each in ports.split(",") if each.strip()),
    )
    for host in added.present:
        click.echo(f"{host} is already in {added.rule}", err=True)
    for host in added.added:
        click.echo(f"added {host} to {added.rule} in {added.path}", err=True)


@commands.command()
@click.option("--from", "source", metavar="NAMESPACE[/k=v,...]", help="The pod that connects.")
@click.option("--to", "destination", metavar="DEST", help="Where: host:port, ip:port, pod:, dns:.")
@click.option("--target", metavar="NAMESPACE.CLUSTER", help="One of our own targets.")
@click.option(
    "-f", "files", type=_FILE, multiple=True, metavar="FILE", help="Any manifests; may be repeated."
)
@click.option("--engine", metavar="NAME[@VERSION]", help="Who judges the files.")
@click.option("--cluster", type=_FILE, metavar="FILE", help="What the cluster holds, as JSON.")
@click.option("--queries", type=click.File(encoding="utf-8"), metavar="FILE|-", help="JSON lines.")
@click.option("--format", "form", type=click.Choice(list(pipeline.VERDICT_FORMATS)), default="text")
@helm_option
@click.pass_obj
def explain(
    directory: Path,
    *,
    source: str | None,
    destination: str | None,
    target: str | None,
    files: tuple[Path, ...],
    engine: str | None,
    cluster: Path | None,
    queries: TextIO | None,
    form: str,
    helm: pipeline.HelmChoice | None,
) -> None:
    r"""Say why a flow is allowed or denied, and what to know besides.

    \b
    DEST is host:port[/proto], ip:port[/proto], [v6]:port[/proto],
    pod:NAMESPACE/k=v,...:port[/proto] or dns:name[@ip:port[/proto]].
    """
    if (target is None) == (not files) or (engine is None) == bool(files):
        raise click.UsageError("name either --target, or -f FILE with --engine NAME[@VERSION]")
    if (queries is None) != (source is not None and destination is not None):
        raise click.UsageError("ask with --from and --to, or with --queries")
    if target is not None:
        subject = pipeline.subject_of_target(pipeline.find_root(directory), target, helm)
    else:
        subject = pipeline.subject_of_files(files, engine or "")
    asked: Iterable[Query] = (
        [pipeline.single_query(source or "", destination or "")]
        if queries is None
        else pipeline.many_queries(queries, queries.name)
    )
    show, unjudged = pipeline.VERDICT_FORMATS[form], False
    for each in pipeline.explain(subject, pipeline.cluster_of(cluster), asked):
        unjudged |= each.decision.verdict is Verdict.UNJUDGEABLE
        reading = each.reading
        click.echo(show(each.query, each.decision, reading.refused, reading.pruned, each.caveats))
    if unjudged:
        sys.exit(Unjudgeable.exit_code)


@commands.command()
@click.option(
    "-f", "files", type=_FILE, multiple=True, required=True, metavar="FILE", help="Manifests."
)
@click.option("--engine", required=True, metavar="NAME[@VERSION]", help="Who enforces them.")
@click.option("--format", "form", type=click.Choice(list(pipeline.LINT_FORMATS)), default="text")
def lint(*, files: tuple[Path, ...], engine: str, form: str) -> None:
    """Find traps in policies that people wrote by hand."""
    findings = pipeline.lint(files, engine)
    click.echo(pipeline.LINT_FORMATS[form](findings), nl=False)
    code = pipeline.lint_exit_code(findings)
    if code:
        sys.exit(code)


def _show(problems: Sequence[Problem]) -> None:
    for each in problems:
        click.echo(str(each), err=True)


def _table(rows: Sequence[pipeline.Row]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("team", "namespace", "cluster", "engine", "mode"):
        table.add_column(column, overflow="fold")
    table.add_column("hosts", justify="right")
    table.add_column("version")
    table.add_column("look at next", overflow="fold")
    for row in rows:
        table.add_row(
            row.team,
            row.namespace,
            row.cluster,
            row.engine,
            row.mode,
            str(row.hosts),
            row.version,
            row.next,
        )
    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def main() -> NoReturn:
    """Run the command line and exit by the contract."""
    try:
        if COMPLETION in os.environ:
            commands.main(prog_name="transire")
        # Not click's own `main`, which would end with 1, our code for findings, where the reader
        # of a pipe had enough.
        with commands.make_context("transire", sys.argv[1:]) as context:
            commands.invoke(context)
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except ToolError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader had enough, as in `transire render payments | head`; the interpreter must not
        # try to flush into the closed pipe once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
