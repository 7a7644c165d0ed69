"""Traps in Cilium's policies."""
