"""Values files in, one frozen `Organisation` out, or every mistake at once.

What people write is read, held against schemas and guardrails, and edited here. It may look up
which engines there are; it knows no chart.
"""
