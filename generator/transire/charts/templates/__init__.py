"""Templates of charts: what they may use, so that every Helm renders them alike.

It reads templates as text and renders nothing.
"""
