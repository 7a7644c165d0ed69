"""What tests of the source hold it against: words of engines, and a kind of import contract.

It reads the program's source and who imports whom, and runs none of it.
"""
