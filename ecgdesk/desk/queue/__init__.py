"""The list of cases at the left of the window."""
