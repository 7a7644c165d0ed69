"""Which addresses a filter denies, whatever the name that leads there."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network

from transire.model.net import Network, merge_networks
from transire.points.envoy import facts
from transire.points.envoy.read.resources import Opening, resource
from transire.points.envoy.read.tree import Branch


def denied_ranges(
    fields: Mapping[str, Branch], tree: Branch, opening: Opening
) -> tuple[Network, ...]:
    """The ranges of a check of addresses, in place or in a file of its own."""
    if "typed_config" in fields:
        return _denied(fields["typed_config"])
    discovery = fields.get("config_discovery")
    known = discovery.fields(("config_source",), ("type_urls",)) if discovery else {}
    file = opening(known["config_source"]) if "config_source" in known else None
    found = resource(file, facts.RBAC_FILTER, tree) if file else None
    extension = found.typed(facts.EXTENSION, ("name", "typed_config")) if found else None
    if not extension or "typed_config" not in extension:
        tree.note("the check of addresses is not known")
        return ()
    return _denied(extension["typed_config"])


def _denied(check: Branch) -> tuple[Network, ...]:
    rules = (check.typed(facts.RBAC, ("rules",)) or {}).get("rules")
    fields = rules.fields(("action", "policies")) if rules else {}
    if "policies" not in fields or fields.get("action", check).value != "DENY":
        check.note("other than a check that denies is not modelled")
        return ()
    policies = fields["policies"]
    names = tuple(policies.value) if isinstance(policies.value, Mapping) else ()
    found = [each for policy in policies.fields(names).values() for each in _ranges(policy)]
    return merge_networks(found)


def _ranges(policy: Branch) -> list[Network]:
    fields = policy.fields(("permissions", "principals"))
    if "principals" not in fields or fields["principals"].value != [{"any": True}]:
        policy.note("a check for some clients alone is not modelled")
        return []
    permissions = fields["permissions"].items() if "permissions" in fields else []
    return [found for each in permissions for found in _permission(each)]


def _permission(tree: Branch) -> list[Network]:
    """The ranges of one condition, or of several of which any denies."""
    fields = tree.fields(("or_rules", "matcher"))
    if "or_rules" in fields:
        rules = fields["or_rules"].fields(("rules",)).get("rules")
        return [found for each in (rules.items() if rules else ()) for found in _permission(each)]
    matcher = fields["matcher"].fields(("name", "typed_config")) if "matcher" in fields else {}
    config = matcher.get("typed_config")
    address = config.typed(facts.UPSTREAM_ADDRESS, ("upstream_ip",)) if config else None
    if not address or "upstream_ip" not in address:
        tree.note("a condition of another kind is not modelled")
        return []
    parts = address["upstream_ip"].fields(("address_prefix", "prefix_len"))
    try:
        return [ip_network(f"{parts['address_prefix'].value}/{parts['prefix_len'].value}")]
    except (KeyError, ValueError) as error:
        tree.note(f"it is no range of addresses: {error}")
        return []
