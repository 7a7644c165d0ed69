"""A kind of import contract: every module from outside of the program is on a list.

A list of what is forbidden holds what somebody thought of; this one holds what is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOT = "transire"


class OutsideContract(Contract):
    """Every import from outside is allowed, and every line that allows one is needed.

    - `anywhere`: modules that every room may import.
    - `only`: `MODULE: PLACE...`, with rooms or modules of the program that may import it.
    """

    type_name = "outside"

    anywhere = fields.ListField(subfield=fields.StringField())
    only = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """Look at every import of the graph."""
        places = self._places()
        used: set[tuple[str, str]] = set()
        astray: list[str] = []
        for importer, imported in sorted(_imports(graph)):
            allowing = [each for each in places.get(imported, ()) if _is_in(importer, each)]
            used |= {(imported, each) for each in allowing}
            if not allowing:
                astray.append(f"{importer} imports {imported}")
        listed = {(module, place) for module, some in places.items() for place in some}
        spare = [f"{module} is on the list for {place}" for module, place in listed - used]
        return ContractCheck(
            kept=not astray and not spare, metadata={"lines": astray + sorted(spare)}
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print what is imported and not on the list, then what is on it and not imported."""
        for line in check.metadata["lines"]:
            output.print_error(line)

    def _places(self) -> Mapping[str, list[str]]:
        lines = dict(each.split(": ") for each in self.only)  # type: ignore[attr-defined]
        everywhere = {each: [""] for each in self.anywhere}  # type: ignore[attr-defined]
        return everywhere | {module: rooms.split() for module, rooms in lines.items()}


def _imports(graph: ImportGraph) -> Iterator[tuple[str, str]]:
    """A module's name below the program, and what it imports from outside."""
    for module in graph.modules:
        if module.partition(".")[0] == ROOT:
            importer = module.partition(".")[2] or "__init__"
            for imported in graph.find_modules_directly_imported_by(module):
                if imported.partition(".")[0] != ROOT:
                    yield importer, imported


def _is_in(importer: str, place: str) -> bool:
    return not place or importer == place or importer.startswith(f"{place}.")
