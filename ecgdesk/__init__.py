"""ecgdesk: an offline reading desk for paper 12-lead ECGs."""

__version__ = "0.1.0"
