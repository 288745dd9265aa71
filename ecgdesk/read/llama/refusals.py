"""What this reader refuses, each with one sentence for the user; and how it is stopped."""

from ecgdesk.ecg.refusal import Refusal


class BundleRejected(Refusal):
    """A model bundle that is damaged, incomplete or not of a kind that may be loaded."""


class ModelUnavailable(Refusal):
    """There is no model to read with here, or this machine cannot hold it."""


class ModelFailed(Refusal):
    """The model's process ended or failed on a page."""


class Stopped(Exception):
    """The user took the request back."""
