"""Traps in lists of rules and peers: items apart, empty lists, and rules that undo each other."""
