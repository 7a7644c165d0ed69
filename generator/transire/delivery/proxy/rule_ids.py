"""The ids of what the chart of a generated proxy cannot have."""

from __future__ import annotations

from transire.model.problems import Level
from transire.model.rule_page import RuleKind, RulePage, brief

MISTAKES: tuple[RulePage, ...] = brief(
    RuleKind.CHECK,
    Level.ERROR,
    {
        "proxy-image": "The image of the proxy is not named by its digest.",
        "proxy-list-size": "A list of the proxy does not fit into a ConfigMap.",
        "proxy-replicas": "One pod of the proxy cannot be ended without an outage.",
        "proxy-resolvers": "The proxy has no resolver that its policy could let it reach.",
        "proxy-service-account": "Pods are told apart by account, which no policy sees.",
    },
)
"""One sentence for each."""
