"""What tests share, a folder for each subject; beside them, what tests of every room need."""
