"""Traps in host names and patterns of them, on engines that have such."""
