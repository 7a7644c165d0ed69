"""An engine of tests' own: plain NetworkPolicy under another name, as a new engine would be added.

Its folder is this one, its chart template is made from that of NetworkPolicy, and `program` is the
one line that registers it.
"""
