"""What the report's room refuses."""

from ecgdesk.ecg.refusal import Refusal


class SigningRefused(Refusal):
    """An identity that cannot be made, opened or used, or a document that cannot be signed."""


class CertificateRefused(Refusal):
    """A file given as a trusted certificate that holds none."""
