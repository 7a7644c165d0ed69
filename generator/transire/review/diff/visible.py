"""Text from values and charts that was not written for people: only what can be seen of it."""

from __future__ import annotations

UNSEEN = "�"
"""Stands for a character that shows nothing or moves others, such as a line break or a direction
mark."""


def visible(text: str) -> str:
    """The text in one line, every character that cannot be seen replaced."""
    return "".join(each if each.isprintable() else UNSEEN for each in text)
