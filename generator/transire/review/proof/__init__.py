"""What people read: verdicts, findings and differences."""
