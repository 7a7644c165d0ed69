"""One small diff with a bit of everything, for the formats."""

from __future__ import annotations

from support.review.reviewed import changed, diff, hosts, manifest, nets, seen, side, some
from transire.review.diff.changes import PlatformSetting

WEB = some(app="checkout")


def _policy(*names: str) -> dict[str, object]:
    return {"egress": [{"toFQDNs": [{"matchName": each} for each in names]}]}


PROD = side(environment="prod")
BEFORE = hosts("api.stripe.example", who=WEB) | hosts("*.corp.example")
AFTER = hosts("api.stripe.example", "api.adyen.example", who=WEB) | hosts("**.corp.example")

WIDER = [
    changed(
        seen(BEFORE, PROD, (manifest(spec=_policy("api.stripe.example")),)),
        seen(
            AFTER,
            PROD,
            (manifest(spec=_policy("api.stripe.example", "api.adyen.example")),),
        ),
        cluster=cluster,
    )
    for cluster in ("eu", "us")
]
NARROWER = changed(
    seen(nets("198.51.100.0/24"), side(team="ledger")),
    seen(nets("198.51.100.16/28"), side(team="ledger")),
    namespace="ledger",
)
SETTINGS = (
    PlatformSetting(name="clusters.eu.version", before="1.18", after="1.19"),
    PlatformSetting(name="enrol", before="", after="batch"),
)
DIFF = diff(*WIDER, NARROWER, settings=SETTINGS)
