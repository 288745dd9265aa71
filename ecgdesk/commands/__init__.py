"""What each command of the command line does; `ecgdesk.cli` only parses."""
