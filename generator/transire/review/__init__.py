"""What people and scripts are shown: proofs, differences, lint, findings, reports.

Each folder is a subject of its own and imports no other, except the frame of pages. Nothing here
reads files or prints.
"""
