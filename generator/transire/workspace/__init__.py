"""Generated files on disk: what shall be there, what is, what conflicts, and one writer.

Only `writer` changes files, with a journal, so that a run that is killed leaves no torn file. It
knows what belongs to whom by path, and nothing of what is in the files.
"""
