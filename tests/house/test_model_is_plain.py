"""The lowest room holds plain values: it stands on the standard library and on how names are spelled."""

from __future__ import annotations

import sys

import grimp

PLAIN = {"idna"}
OUTSIDE = {"os", "io", "pathlib", "subprocess", "socket", "urllib", "tempfile", "shutil", "asyncio"}
"""Standard modules that reach out of the process."""


def imported_by_model() -> set[str]:
    graph = grimp.build_graph("transire", include_external_packages=True, cache_dir=None)
    modules = {"transire.model", *graph.find_descendants("transire.model")}
    direct = {
        each for module in modules for each in graph.find_modules_directly_imported_by(module)
    }
    return direct - modules


def test_the_model_imports_nothing_but_plain_modules() -> None:
    found = imported_by_model()

    assert "dataclasses" in found
    assert not {each for each in found if each.startswith("transire")}
    assert found - sys.stdlib_module_names == PLAIN
    assert not found & OUTSIDE
