"""Traps in policies that people wrote by hand."""
