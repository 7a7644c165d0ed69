"""Rules for single requests, which never become rules for whole connections."""

from __future__ import annotations

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.scope import Scope, Writer
from transire.model.intent import Rule


def http_limit(rule: Rule, scope: Scope, writer: Writer) -> Refusal | None:
    """Why the engine cannot have the requests of a rule, or None, as for one without `http`."""
    if rule.http is None:
        return None
    if rule.tls is not None:
        return _no_origination(scope)
    return writer.http_fault(rule, scope)


def no_requests(rule: Rule, scope: Scope, because: str) -> Refusal:
    """The refusal of an engine that does not look into requests of egress."""
    return Refusal(
        id="http-not-expressible",
        why=f"it lets {rule.http} through, and {because}",
        remedy=f"declare a proxy as the fallback of cluster {scope.cluster.name!r}, which checks "
        "requests, use cilium for hosts that take requests in clear, or leave http out where every "
        "connection to the hosts may pass",
    )


def _no_origination(scope: Scope) -> Refusal:
    release = scope.cluster.release
    return Refusal(
        id="tls-origination",
        why=f"tls: originate has somebody go on by TLS for the pod, and {release.engine} passes "
        "connections on as they are",
        remedy=f"declare a proxy as the fallback of cluster {scope.cluster.name!r}, which goes on "
        "by TLS, or leave http and tls out where every connection to the hosts may pass",
    )
