"""What the window shows and edits, as plain types and functions that know nothing of Qt."""
