"""One target under atheris, as a program of its own: `python -m support.fuzz.one TARGET FOLDER ...`.

`FOLDER` gets inputs that reach new code, and what was found. Other arguments are libFuzzer's;
`planted` breaks the program first.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import atheris

from support.fuzz.bounds import bounded
from support.fuzz.mutate import Mutator, words_of

with atheris.instrument_imports(include=["transire", "tarfile"]):
    from support.fuzz.targets import TARGETS

_SHORTEST = 96
"""Bytes that an input may have at least, where all kept ones are shorter."""
_HEADROOM = 2 << 30
"""Bytes of addresses beyond those that the process begins with; the system holds to that."""
_HANG = 120
"""Seconds of the clock after which libFuzzer gives an input up that nothing else could end."""
_BYTES_ALONE = 4
"""Of so many mutations one is libFuzzer's own, of bytes."""


def main() -> None:
    """Fuzz until something is found, or libFuzzer's bounds are reached."""
    name, folder, *more = sys.argv[1:]
    target = TARGETS[name]
    if "planted" in more:
        more.remove("planted")
        target.plant.put()
    kept = [content for _, content in target.inputs()]
    words = Mutator(words_of(kept))

    def changed(data: bytes, most: int, seed: int) -> bytes:
        if seed % _BYTES_ALONE == 0:
            mutated: bytes = atheris.Mutate(data, most)
            return mutated
        return words.changed(data, most, seed)

    Path(folder).mkdir(parents=True, exist_ok=True)
    arguments = [
        sys.argv[0],
        folder,
        str(target.folder),
        f"-max_len={max(_SHORTEST, *map(len, kept))}",
        f"-timeout={_HANG}",
        "-rss_limit_mb=0",
        f"-artifact_prefix={folder}/found-",
        "-print_final_stats=1",
        *more,
    ]
    _bound_addresses()
    atheris.Setup(arguments, bounded(target.run), custom_mutator=changed)
    atheris.Fuzz()


def _bound_addresses() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + _HEADROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
