"""One module per rule; its docstring is its page, and the examples on it run as tests."""
