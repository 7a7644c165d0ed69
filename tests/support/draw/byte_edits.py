"""A file with one byte changed, left out or added."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st


@st.composite
def byte_edits(draw: st.DrawFn, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The path of one of the files, none of which is empty, and its content after the edit."""
    path = draw(st.sampled_from(sorted(files)))
    content = files[path]
    place = draw(st.integers(0, len(content) - 1))
    byte = draw(st.sampled_from(b" #a0:-\n.*") | st.integers(0, 255))
    kept = draw(st.sampled_from([place, place + 1]))
    new = draw(st.booleans())
    return path, content[:place] + (bytes([byte]) if new else b"") + content[kept:]
