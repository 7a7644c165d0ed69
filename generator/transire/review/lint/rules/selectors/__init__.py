"""Traps in selectors of pods and namespaces."""
