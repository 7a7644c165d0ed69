"""What earlier runs proved, kept between runs: a folder of signed entries, each by its key.

It knows bytes alone, and nothing of what they are about: whoever keeps something makes the key from
every input byte, and reads of an entry only what this user wrote.
"""
