"""`transire` with the toy engine beside the others; TOY_CHARTS is the folder with its charts."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType

from support.toy.engine import TOY
from transire.engines import registry
from transire.workspace import scaffold

registry.ENGINES = MappingProxyType({**registry.ENGINES, TOY.name: TOY})
scaffold._root = lambda: Path(os.environ["TOY_CHARTS"])  # noqa: SLF001 - a release has them there

if __name__ == "__main__":
    from transire.cli import main

    main()
