"""What people and scripts are shown: proofs, differences, lint, reports."""
