"""What logs saw of the entries of values, and what manifests declare that workloads want of them.

Stands on `meaning`, so that an entry is used by exactly the flows that it means, and on the records
of `flowlogs`. What a log cannot show is unknown here, and never unused.
"""
