"""Findings in the forms that people and forges read, one module each, and the pages of rules."""
