"""Traps in Calico's policies."""
