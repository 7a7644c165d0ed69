"""`diff`: two revisions of a policy repository, and what the change between them means.

It reads both revisions, and hands what they hold to `review.diff`, which compares.
"""
