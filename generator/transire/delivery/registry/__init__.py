"""Charts in an OCI registry: looked up, pushed, tagged, pulled back.

The one place that opens a connection. A login goes to the host that it is for and to no other.
"""
