"""X.509 certificates (RFC 5280): reading them, and whether one may sign today."""

from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from ecgdesk.report.refusals import CertificateRefused

Certificate = x509.Certificate


def read_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """The certificates of a PEM file, in its order. Raises CertificateRefused when it holds none."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise CertificateRefused(
            "The file holds no certificate in PEM form; give the signer's .pem file (“-----BEGIN CERTIFICATE-----”)."
        ) from error


def common_name(certificate: Certificate) -> str:
    """Whose certificate it is, as it says."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def unfit(certificate: Certificate, *, at: datetime) -> str:
    """Why this certificate may not sign at that time, as the end of a sentence about it; empty when it may."""
    if at > certificate.not_valid_after_utc:
        return f"expired on {certificate.not_valid_after_utc.date().isoformat()}"
    if at < certificate.not_valid_before_utc:
        begins = certificate.not_valid_before_utc.date().isoformat()
        return f"is not valid before {begins}, and this computer’s clock says {at.date().isoformat()}"
    return "" if _for_signing(certificate) else "is not made for signing"


def _for_signing(certificate: Certificate) -> bool:
    """RFC 5280, 4.2.1.3: without the extension a key may do everything."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:  # extensions that cannot be read allow nothing
        return False
    return usage.digital_signature or usage.content_commitment
