"""Traps in whole objects: fields that are dropped, kinds that nobody reads, names, directions."""
