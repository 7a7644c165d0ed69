"""Settings for logs and metrics as text and JSON; `observe.schema.json` is the shape of that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from transire.delivery.monitoring.observe import Observability, setting_text
from transire.model.problems import printable

SCHEMA = "transire.observe/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""


def as_text(found: Observability) -> str:
    """One YAML document for each file, and comments: it can be cut apart, or applied by hand."""
    documents = [f"# {each.file}\n{setting_text(each)}" for each in found.settings]
    return "---\n".join([*documents, "".join(f"# {printable(line)}\n" for line in _rest(found))])


def _rest(found: Observability) -> Iterator[str]:
    if not found.windows:
        yield (
            f"no flows are logged: no namespace on {found.cluster.name} is in audit, and no "
            "--until or --target names others"
        )
    for window in found.windows:
        end = "without an end" if window.end is None else f"until {window.end}"
        yield f"logged: {window.namespace} {end}"
    for metric in found.absent:
        yield (
            f"not in Prometheus: {metric.name}, read by {', '.join(metric.alerts)}; "
            f"{metric.switch!r} turns it on, and counters are there from their first event on"
        )
    for each in found.unseen:
        yield f"not seen: {each.what}; instead: {each.instead}"


def as_json(found: Observability) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "cluster": found.cluster.name,
        "namespaces": [
            {"namespace": each.namespace, "end": None if each.end is None else str(each.end)}
            for each in found.windows
        ],
        "settings": [
            {
                "file": each.file,
                "title": each.title,
                "apply": each.applied,
                "notes": list(each.notes),
                "content": each.tree,
            }
            for each in found.settings
        ],
        "absent": [
            {"metric": each.name, "switch": each.switch, "alerts": list(each.alerts)}
            for each in found.absent
        ],
        "unseen": [{"what": each.what, "instead": each.instead} for each in found.unseen],
    }
    return json.dumps(document, indent=2) + "\n"


OBSERVE_FORMATS: Mapping[str, Callable[[Observability], str]] = MappingProxyType(
    {"text": as_text, "json": as_json}
)
"""How settings are shown, by the name that `--format` takes."""
