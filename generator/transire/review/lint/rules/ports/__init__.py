"""Traps in ports: how they are written, and whose they are."""
