"""Cases in an encrypted database."""
