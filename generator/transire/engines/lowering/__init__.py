"""The frame in which every engine lowers: order of layers, names of objects, limits, refusals.

It knows no engine. An engine takes part as a `Writer`; what it cannot do is refused here, by its
capabilities, once for all.
"""
