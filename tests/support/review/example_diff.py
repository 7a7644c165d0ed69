"""One small diff with a bit of everything, for the formats."""

from __future__ import annotations

from datetime import date

from support.review.reviewed import basis, changed, diff, hosts, manifest, nets, seen, side, some
from transire.engines.api.capabilities import OpenConnections
from transire.model.ends import End
from transire.review.diff.changes import PlatformSetting

WEB = some(app="checkout")


def _policy(*names: str) -> dict[str, object]:
    return {"egress": [{"toFQDNs": [{"matchName": each} for each in names]}]}


PROD = side(environment="prod")
BEFORE = hosts("api.stripe.example", who=WEB) | hosts("*.corp.example")
CARDS = hosts("api.stripe.example", "api.adyen.example", who=WEB)
CORP = hosts("**.corp.example")
AFTER = CARDS | CORP
RULES = (
    (basis("allow-cards", "take card payments", "PAY-101", End.on(date(2027, 6, 30))), CARDS),
    (basis("corp", "reach what the company runs", "SEC-17"), CORP),
)
LEDGER = side(team="ledger", open_connections=OpenConnections.KEPT)

WIDER = [
    changed(
        seen(BEFORE, PROD, (manifest(spec=_policy("api.stripe.example")),)),
        seen(
            AFTER,
            PROD,
            (manifest(spec=_policy("api.stripe.example", "api.adyen.example")),),
            rules=RULES,
        ),
        cluster=cluster,
    )
    for cluster in ("eu", "us")
]
NARROWER = changed(
    seen(
        nets("198.51.100.0/24"),
        LEDGER,
        rules=((basis("books", "send the books to the auditor"), nets("198.51.100.0/24")),),
    ),
    seen(nets("198.51.100.16/28"), LEDGER),
    namespace="ledger",
)
SETTINGS = (
    PlatformSetting(name="clusters.eu.version", before="1.18", after="1.19"),
    PlatformSetting(name="enrol", before="", after="batch"),
)
DIFF = diff(*WIDER, NARROWER, settings=SETTINGS)
