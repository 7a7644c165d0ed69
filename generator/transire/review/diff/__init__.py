"""What a change really opens and closes, for a reviewer: compared, worded, shown in four forms.

It compares flows and objects that it is given, and reads neither Git nor a repository.
"""
