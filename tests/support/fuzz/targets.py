"""Every target by name, with a defect that it has to find within its share of ten minutes.

The defects are those that a hasty change makes: a check that is left out, a case that is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from support.fuzz import files, texts
from support.fuzz.target import Plant, Target

Function = Callable[..., Any]


def _when(wanted: Callable[[Any], bool], fault: Exception) -> Callable[[Function], Function]:
    """A function that fails where its first argument is of one kind."""

    def broken(right: Function) -> Function:
        def wrong(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any function
            if wanted(arguments[0]):
                raise fault
            return right(*arguments, **named)

        return wrong

    return broken


def _parent_too(right: Function) -> Function:
    """`**.a-b.example` stands for a-b.example as well."""

    def wrong(pattern: Any, name: str) -> bool:  # noqa: ANN401 - a host
        return bool(right(pattern, name) or ("-" in name and pattern.text == f"**.{name}"))

    return wrong


def _not_the_whole(right: Function) -> Function:
    """A part of a value is never all of it."""

    def wrong(term: Any, value: str) -> bool:  # noqa: ANN401 - a demand of a selector
        return bool(right(term, value)) and value != term.text

    return wrong


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        each.name: each
        for each in (
            Target(
                name="hosts",
                run=texts.hosts,
                plant=Plant(where="support.fuzz.texts:matches", broken=_parent_too),
            ),
            Target(
                name="selectors",
                run=texts.selectors,
                plant=Plant(
                    where="transire.engines.calico.objects.selector:HasPart.accepts",
                    broken=_not_the_whole,
                ),
            ),
            Target(
                name="queries",
                run=texts.queries,
                plant=Plant(
                    where="transire.queries.query_json:_what",
                    broken=_when(lambda form: form.fields.get("host") == "", IndexError()),
                ),
            ),
            Target(
                name="clusters",
                run=texts.clusters,
                plant=Plant(
                    where="transire.queries.cluster_json:_node",
                    broken=_when(lambda form: form.fields.get("name") == "", IndexError()),
                ),
            ),
            Target(
                name="values",
                run=files.values,
                plant=Plant(
                    where="transire.model.net:_check_numbers",
                    broken=_when(lambda number: len(number or "") > 5, OverflowError()),
                ),
            ),
            Target(
                name="manifests",
                run=files.manifests,
                plant=Plant(
                    where="transire.k8s.networkpolicy:_port_fault",
                    broken=_when(
                        lambda tree: "endPort" in tree and "port" not in tree, KeyError("port")
                    ),
                ),
            ),
            Target(
                name="logs",
                run=files.logs,
                plant=Plant(
                    where="transire.flowlogs.tally:Tally.unread",
                    broken=lambda right: (
                        lambda tally, source, number, why: right(
                            tally, source, number, why if "port" not in why else why[len(why)]
                        )
                    ),
                ),
            ),
            Target(
                name="archives",
                run=files.archives,
                plant=Plant(
                    where="transire.charts.unpacked:_cut",
                    broken=_when(lambda name: "/" not in name, AttributeError()),
                ),
            ),
            Target(
                name="charts",
                run=files.charts,
                plant=Plant(
                    where="support.fuzz.files:read_chart_file",
                    broken=_when(lambda content: content.startswith(b"version:"), IndexError()),
                ),
            ),
            Target(
                name="schemas",
                run=files.schemas,
                plant=Plant(
                    where="transire.charts.values_schema:_open",
                    broken=_when(
                        lambda schema: isinstance(schema, dict) and schema.get("required") == [""],
                        IndexError(),
                    ),
                ),
            ),
        )
    }
)
