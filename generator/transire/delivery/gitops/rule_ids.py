"""The ids of what can be wrong with charts, generated files and where they are published."""

from __future__ import annotations

from transire.model.problems import Level
from transire.model.rule_page import RuleKind, RulePage, brief

MISTAKES: tuple[RulePage, ...] = (
    *brief(
        RuleKind.CHECK,
        Level.ERROR,
        {
            "admission-deadlock": "The admission policy would refuse Argo CD itself.",
            "admission-too-long": "An admission policy lists more namespaces than a cluster takes.",
            "bad-path": "A generated file would lie where no file can be.",
            "broken-manifest": "A list of generated files was changed, mostly by a merge.",
            "chart-annotations": "The list of changes has no place in the chart's annotations.",
            "chart-beside": "Helm would install something that is none of the chart's templates.",
            "chart-broken": "The description of a chart is not YAML.",
            "chart-field": "The description of a chart lets Helm install more, less or nothing.",
            "chart-file-too-big": "A file of a chart is too big to travel in every release.",
            "chart-ignore": "The `.helmignore` of a chart is read differently from tool to tool.",
            "chart-link": "A chart holds something else than plain files.",
            "chart-missing": "A folder that must be a chart is none.",
            "chart-name": "A chart does not have the name of its folder.",
            "chart-schema": "A chart has no schema for its values, or not that of this release.",
            "chart-target": "The chart that teams' charts are stamped from has targets of its own.",
            "chart-template": "A template could render differently from tool to tool.",
            "chart-tests": "A chart would carry its tests into every release.",
            "chart-values": "Helm 3 and Helm 4 take a default of a chart differently.",
            "chart-version": "The version of a chart is not three numbers on a line of its own.",
            "codeowners-too-large": "The file is too large for GitHub, which would ask nobody.",
            "edited-file": "A generated file was changed by hand.",
            "file-exists": "A file is where `transire init` would write one.",
            "foreign-file": "A file that nobody generated lies where only generated ones may.",
            "missing-file": "A file that must be there is not.",
            "no-repository": "There is no policy repository here to renew.",
            "out-of-step": "Several generated files are not what the values give now.",
            "outdated-file": "A generated file is not what the values give now.",
            "path-collision": "Two generated files would be one where a disk ignores case.",
            "policy-writer-enrolled": "Pods that policies hold could write policies.",
            "publish-folder": "Charts would be looked for in another folder of the Git repository.",
            "publish-address": "The address that charts go to is one that a tool misreads.",
            "publish-nowhere": "Charts have nowhere to go.",
            "published-twice": "Two teams would publish one namespace of a cluster.",
            "release-name-taken": "Two releases would have one name.",
            "release-too-big": "A release is too big for a cluster to keep.",
            "surplus-file": "A generated file is one that the values do not hold any more.",
            "team-name-reserved": "The tags of a team would be those of the platform's chart.",
            "values-format": "A chart reads values in another format than this release writes.",
        },
    ),
    *brief(
        RuleKind.CHECK,
        Level.WARNING,
        {
            "codeowners-not-read": "CODEOWNERS is where no forge looks for it.",
            "codeowners-not-renewed": "The lines at the top could not be renewed from the values.",
            "contact-not-owner": "A team's contact is no owner, so only the platform reviews it.",
            "file-of-others": "A file of somebody is where forges look, and needs lines of ours.",
        },
    ),
)
"""One sentence for each."""
