"""`publish`: which charts are due, what the registry has, and what is pushed, tagged and signed.

It decides; `delivery.registry` does the requests and `git` makes the tags.
"""
