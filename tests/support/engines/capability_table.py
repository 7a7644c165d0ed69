"""The table of engines and what each can express, as the README shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from transire.engines.api.capabilities import Audit, Capabilities, Never, Since
from transire.engines.api.engine import Engine

LABELS = {
    "hosts": "destinations by name",
    "filled_sets": "hosts delegated to a set that something else fills (`networkSet`)",
    "dns_names": "names that may be asked (`dns.restrict`)",
    "server_names": "TLS server names (`hardening: [sni]`, `[sni-optional]`)",
    "http": "methods and paths of HTTP",
    "service_accounts": "pods by service account",
    "agent_flags": "flags of the agent change verdicts (`agent`)",
    "nodes": "nodes without their addresses (`{entity: nodes}`)",
    "api_server": "the API server (`{entity: kube-apiserver}`)",
    "mesh": "pods of another cluster of a mesh (`cluster`)",
    "ingress": "what takes requests from outside (`{entity: ingress}`)",
    "icmp": "echo requests (`ports: [ICMP]`)",
    "tier": "policies in a tier of their own",
    "native_definitions": "native definitions, with fewer checks (`definitions`)",
    "audit": "`mode: audit`",
}
"""What each capability is called in a table, by its field."""


def capability_table(engines: Iterable[Engine]) -> str:
    """Capabilities as rows and engines as columns, in Markdown, with an end of the last line.

    Raises:
        KeyError: if a capability has no words here.
    """
    columns = list(engines)
    rows = [
        ["engine", *(each.title for each in columns)],
        ["---"] * (len(columns) + 1),
        [
            "written, and modelled releases",
            *(f"`{each.name}`, {each.releases}" for each in columns),
        ],
        *(
            [LABELS[each.name], *(_cell(engine, each.name) for engine in columns)]
            for each in fields(Capabilities)
        ),
    ]
    return "".join(f"{_line(row)}\n" for row in rows)


def _line(row: list[str]) -> str:
    return f"|{'|'.join(row)}|" if row[0] == "---" else f"| {' | '.join(row)} |"


def _cell(engine: Engine, name: str) -> str:
    value: Since | Never | Audit = getattr(engine.capabilities, name)
    return str(value.support if isinstance(value, Audit) else value)
