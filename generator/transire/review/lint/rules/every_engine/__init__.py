"""Traps that every engine has."""
