"""One module or folder for each verb, as a function over frozen values.

A verb puts the steps of `pipeline` and the reports of `review` together. It may use every room
below; it prints nothing, and no room below knows it.
"""
