"""The ids of what can be wrong with values files, besides what guardrails find."""

from __future__ import annotations

from transire.model.problems import Level
from transire.model.rule_page import RuleKind, RulePage, brief

MISTAKES: tuple[RulePage, ...] = (
    *brief(
        RuleKind.CHECK,
        Level.ERROR,
        {
            "ambiguous-scalar": "YAML readers take the text for different things without quotes.",
            "bad-cidr": "This is no address range.",
            "bad-date": "This is no day of the calendar.",
            "bad-host": "This is no host, and no wildcard of a form that has one meaning.",
            "bad-label": "Kubernetes takes no label with this key or value.",
            "bad-name": "A name has characters that names of Kubernetes objects cannot have.",
            "bad-owner": "This is no owner that CODEOWNERS can name.",
            "bad-port": "This is no port and no range of ports.",
            "bad-text": "A text is empty, or has characters that nobody can see.",
            "bad-url": "This is no address of a registry or of a Git repository.",
            "cannot-edit": "`transire add` cannot edit the file and leave the rest as it is.",
            "control-character": "The file holds characters that do not show.",
            "duplicate-key": "A map has one key twice, and YAML readers keep different ones.",
            "duplicate-rule": "Two rules of one file have one name.",
            "empty": "A list or a map is empty where that could mean everything or nothing.",
            "empty-file": "The file says nothing.",
            "file-too-large": "The file is larger than any file of values is.",
            "family-contradiction": "A flag of the agent contradicts the cluster's IP families.",
            "fixed-guardrail": "A guardrail that is always an error gets a level or an exception.",
            "merge-conflict": "A merge left its markers in the file.",
            "missing-file": "A file that must be there is not.",
            "missing-key": "A key that must be there is not.",
            "name-mismatch": "The name in a file is not the file's own.",
            "not-utf-8": "The file is not UTF-8 text.",
            "other-terms": "The rule that `transire add` was given has other terms already.",
            "out-of-range": "A number is outside of what it may be.",
            "reserved-tier": "The tier is one that the engine makes itself.",
            "schema": "The file does not match its schema.",
            "symlink-outside": "A link leads out of the repository.",
            "system-namespace": "A namespace of the system is named where no policy may select it.",
            "tab": "The file is indented with tabs, which YAML forbids.",
            "too-deep": "Lists and maps are nested too deeply.",
            "unknown-engine": "There is no engine of that name.",
            "unknown-entry": "An exception names an entry that its team does not have.",
            "unknown-environment": "No cluster has that environment.",
            "unknown-file": "A file in `values/` is none that is read.",
            "unknown-guardrail": "There is no guardrail of that name.",
            "unknown-key": "The key is none of those that the file may have.",
            "unknown-team": "An exception names a team that has no file.",
            "unknown-value": "The value is none of those that are known.",
            "unreadable-file": "The file cannot be read.",
            "unsupported-version": "The version of the engine is not modelled.",
            "until-twice": "A mode has two ends.",
            "until-without-audit": "A mode other than audit has an end.",
            "wrong-type": "The value is of another kind than it must be.",
            "yaml-alias": "The file has an anchor or an alias, which hides what is said twice.",
            "yaml-directive": "The file has a directive of YAML.",
            "yaml-documents": "The file has more than one document.",
            "yaml-syntax": "The file is not YAML.",
            "yaml-tag": "A value has a tag, which readers understand differently.",
        },
    ),
    *brief(
        RuleKind.CHECK,
        Level.WARNING,
        {
            "expired-exception": "An exception is past its day and lets nothing pass any more.",
            "unneeded-exception": "No finding needs the exception any more.",
        },
    ),
)
"""One sentence for each."""
