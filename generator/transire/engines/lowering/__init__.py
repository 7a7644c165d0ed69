"""The frame in which every engine lowers: layers, names, limits, refusals."""
