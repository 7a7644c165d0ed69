"""No two modules import each other, not even for types, and not around any corner."""

from __future__ import annotations

from copy import deepcopy

import grimp
import pytest

from transire.flows.diagrams.graphs import components


def built() -> grimp.ImportGraph:
    """Who imports whom in the package, for types alone included."""
    return grimp.build_graph("transire", cache_dir=None, exclude_type_checking_imports=False)


def circles(imports: grimp.ImportGraph) -> list[list[str]]:
    """The sets of modules of which each leads to all others, sorted."""
    modules = sorted(imports.modules)
    place = {module: at for at, module in enumerate(modules, start=1)}
    targets = [list(place.values())]
    targets += [
        sorted(place[each] for each in imports.find_modules_directly_imported_by(module))
        for module in modules
    ]
    return sorted(
        sorted(modules[each - 1] for each in component)
        for component in components(lambda state: targets[state])
        if len(component) > 1
    )


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return built()


def test_no_modules_import_each_other(imports: grimp.ImportGraph) -> None:
    assert len(imports.modules) > 400
    assert circles(imports) == []


def test_a_circle_is_found(imports: grimp.ImportGraph) -> None:
    changed = deepcopy(imports)
    changed.add_import(
        importer="transire.flows.diagrams.automaton", imported="transire.flows.diagrams.diagram"
    )

    assert circles(changed) == [
        [
            "transire.flows.diagrams.automaton",
            "transire.flows.diagrams.diagram",
            "transire.flows.diagrams.string_functions",
        ]
    ]
