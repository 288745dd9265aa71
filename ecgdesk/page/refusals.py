"""Why a file or a sheet is not read."""

from ecgdesk.ecg.refusal import Refusal


class UnreadableFile(Refusal):
    """The file as a whole cannot be decoded: no sheet comes out of it."""


class UnreadablePage(Refusal):
    """A sheet was decoded, but it cannot be understood as an ECG."""
