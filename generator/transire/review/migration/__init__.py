"""From policies that people wrote to values, and the way from one to the other.

It knows rules and sets, and neither files nor Helm: what is written, compiled and rendered, and how
far that is what the policies come to, is put together by the command.
"""
