"""Traps in rules that let pods resolve names."""
