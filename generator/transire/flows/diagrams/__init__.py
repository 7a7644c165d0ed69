"""Decision diagrams over strings and whole numbers, and the functions they are made of.

It knows nothing of hosts, ports or pods.
"""
