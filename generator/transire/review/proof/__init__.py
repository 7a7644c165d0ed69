"""The proof: what Helm renders for a target allows exactly what its values mean.

It takes compiled targets and rendered objects, reads them by their engine, and gives findings with
a flow on which the two differ.
"""
