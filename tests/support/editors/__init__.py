"""Editors, as the language server behind most of them."""
