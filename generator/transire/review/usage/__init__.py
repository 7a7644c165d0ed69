"""What logs saw of the entries of values: used, not seen, denied though wanted, passed by another.

Stands on `meaning`, so that an entry is used by exactly the flows that it means, and on the records
of `flowlogs`. What a log cannot show is unknown here, and never unused.
"""
