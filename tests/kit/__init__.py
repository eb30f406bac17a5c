"""The kit's own suites, and what they share. What stands beside this folder is the user's."""
