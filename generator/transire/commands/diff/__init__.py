"""What a change means: two revisions of the values, compared."""
