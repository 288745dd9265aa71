"""How the command line gets a passphrase: from the environment, else from the person at the terminal."""

import getpass
import os
import sys

from ecgdesk.ecg.refusal import Refusal


def ask(prompt: str) -> str:
    """`ECGDESK_PASSPHRASE` where it is set, else typed at the terminal. Raises Refusal where nobody can type."""
    stated = os.environ.get("ECGDESK_PASSPHRASE")
    if stated:
        return stated
    if not sys.stdin.isatty():
        raise Refusal("A passphrase is needed and nobody can type one here: set ECGDESK_PASSPHRASE.")
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise Refusal("No passphrase was given; start it again and type one.") from None
