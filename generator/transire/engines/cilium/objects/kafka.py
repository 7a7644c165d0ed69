"""What the agent refuses in a Kafka rule that the schema took.

Source: `PortRule.Sanitize` in `pkg/policy/api/kafka`, later in the proxy's own repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_KEYS = frozenset(
    {
        "produce", "fetch", "offsets", "metadata", "leaderandisr", "stopreplica",
        "updatemetadata", "controlledshutdown", "offsetcommit", "offsetfetch", "findcoordinator",
        "joingroup", "heartbeat", "leavegroup", "syncgroup", "describegroups", "listgroups",
        "saslhandshake", "apiversions", "createtopics", "deletetopics", "deleterecords",
        "initproducerid", "offsetforleaderepoch", "addpartitionstotxn", "addoffsetstotxn",
        "endtxn", "writetxnmarkers", "txnoffsetcommit", "describeacls", "createacls",
        "deleteacls", "describeconfigs", "alterconfigs",
    }
)  # fmt: skip
_VERSION = re.compile(r"[+-]?[0-9]{1,64}")
_HIGHEST_VERSION = 32767
_TOPIC = re.compile(r"[a-zA-Z0-9\\._-]+")


def kafka_faults(rule: Mapping[str, str], at: str) -> Iterator[str]:
    """The faults of a rule, in the agent's order."""
    key, version, topic = (rule.get(each, "") for each in ("apiKey", "apiVersion", "topic"))
    if key and rule.get("role"):
        yield f"{at} has role and apiKey, one of them belongs"
    if key and key.lower() not in _KEYS:
        yield f"{at}/apiKey {key[:80]!r} is no kind of request that Kafka has"
    if version and not _is_version(version):
        yield f"{at}/apiVersion {version[:80]!r} is not a number between 0 and {_HIGHEST_VERSION}"
    if topic and not _TOPIC.fullmatch(topic):
        yield f"{at}/topic {topic[:80]!r} is not the name of a topic"


def _is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None and 0 <= int(text) <= _HIGHEST_VERSION
