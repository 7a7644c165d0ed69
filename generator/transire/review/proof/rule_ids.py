"""The ids of what the proof finds, and of what lint could not look at."""

from __future__ import annotations

from transire.model.problems import Level
from transire.model.rule_page import RuleKind, RulePage, brief

MISTAKES: tuple[RulePage, ...] = (
    *brief(
        RuleKind.CHECK,
        Level.ERROR,
        {
            "governs-ingress": "An object would also decide what may come in.",
            "no-own-deny": "An object denies nothing by itself: with another lost, all is open.",
            "not-enrolled": "The baseline changes a namespace that is not enrolled.",
            "not-proved": "What Helm renders allows something else than the values mean.",
            "platform-object": "An object of the platform is not what its values file means.",
            "pruned-field": "The API server would drop a field of an object of ours.",
            "read-otherwise": "What is not known of a cluster decides what the objects allow.",
            "refused-object": "The cluster would refuse an object of ours.",
            "stray-object": "An object is not in its target's namespace, or no policy.",
        },
    ),
    *brief(
        RuleKind.LINT,
        Level.ERROR,
        {"not-judged": "An object has something that is not modelled, so it was not judged."},
    ),
)
"""One sentence for each."""
