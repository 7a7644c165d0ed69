"""The organisation's rules about values, one module per rule."""
