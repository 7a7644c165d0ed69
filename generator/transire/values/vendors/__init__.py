"""What vendors publish about their own addresses and names, read strictly, as the text of a bundle.

One module for each vendor. A file that is cut off, or holds what its vendor was not known to
publish, is refused with the place: a bundle of the rest would be narrower or wider than somebody
believes. Files are given and never fetched.
"""
