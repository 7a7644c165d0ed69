"""What was seen on the network: one reader for each log, and one record for all of them.

Knows names, addresses and ports, and nothing of values, policies or engines: what a line lacks
stays unknown, and what a reader does not understand is counted and named.
"""
