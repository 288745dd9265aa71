"""Checking a signed report: who signed it, whether that person is known here, and what changed since.

| question | by |
|---|---|
| is the signature genuine | digest and signature value of the CMS object (ETSI EN 319 142-1), by pyHanko |
| is it whole | the signed byte range must reach from the first byte of the file to the last |
| is the signer known | a path from the certificate to one of the trusted ones (RFC 5280), no revocation service asked |
"""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto.cms import ContentInfo, IssuerAndSerialNumber  # type: ignore[import-untyped]
from asn1crypto.x509 import Certificate as AsnCertificate  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from ecgdesk.report.certificate import Certificate, common_name, unfit

# It would log each untrusted certificate's name with a traceback; names belong into the result only.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)

# Usage and validity are judged by unfit(): pyHanko passes over both where the signer's certificate is itself trusted.
_ANY_USAGE = KeyUsageConstraints(key_usage=())


@dataclass(frozen=True)
class Verification:
    """What a check of one PDF showed.

    `signed`: it holds a signature. `intact`: every byte is as it was when it was signed. `trusted`: the certificate
    leads to one of those that were given as trusted, and is valid today. `signer`, `at`: as the signature states them,
    empty and None without a signature; nobody else vouches for the time. `changes`: what changed since, one sentence
    each. `reasons`: why it is not intact or not trusted, one sentence each; empty for a good one.
    """

    signed: bool
    intact: bool
    trusted: bool
    signer: str = ""
    at: datetime | None = None
    changes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return self.signed and self.intact and self.trusted


def verify(pdf: bytes, *, trusted: Sequence[Certificate]) -> Verification:
    """Checks the last signature of the PDF against the trusted certificates (a self-made one counts as its own root).

    Never raises for a bad file: what is no PDF, or has no signature, is a Verification that says so.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = reader.embedded_signatures
    except Exception:  # a tampered file may break any part of a PDF reader
        return Verification(False, False, False, reasons=("The file is not a PDF that can be read.",))
    if not signatures:
        return Verification(False, False, False, reasons=("The PDF is not signed.",))
    signature = signatures[-1]
    try:
        status = validate_pdf_signature(signature, _context(trusted), key_usage_settings=_ANY_USAGE, skip_diff=True)
        certificate = load_der_x509_certificate(status.signing_cert.dump())
        changes = _changes(status, signature, pdf)
    except Exception:  # nor may a tampered signature break the check
        reason = "The signature is malformed and proves nothing."
        return Verification(True, False, False, changes=(reason,), reasons=(reason,))
    distrust = _distrust(status, certificate, trusted)
    genuine = status.intact and status.valid
    reasons = [*changes, *(distrust if genuine else ())]  # of a broken signature nobody asks who made it
    return Verification(
        signed=True,
        intact=not changes,
        trusted=genuine and not distrust,
        signer=common_name(certificate),
        at=status.signer_reported_dt,
        changes=tuple(changes),
        reasons=tuple(reasons),
    )


def _context(trusted: Sequence[Certificate]) -> ValidationContext:
    roots = [AsnCertificate.load(certificate.public_bytes(Encoding.DER)) for certificate in trusted]
    return ValidationContext(trust_roots=roots, allow_fetching=False)


def _changes(status: Any, signature: Any, pdf: bytes) -> list[str]:
    changes = []
    if not status.intact:
        changes.append("Bytes of the signed part were altered after signing.")
    elif not status.valid:
        changes.append("The signature does not belong to the certificate that it names.")
    elif not _is_plain(pdf, signature):
        changes.append("Bytes of the signature itself were altered.")
    if status.coverage is SignatureCoverageLevel.ENTIRE_REVISION:
        end = signature.byte_range[2] + signature.byte_range[3]
        changes.append(f"{len(pdf) - end} bytes were added to the file after signing.")
    elif status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        changes.append("The signature does not cover the whole file.")
    return changes


def _is_plain(pdf: bytes, signature: Any) -> bool:
    """Whether the signature is written as a signer writes it: what a changed byte there would leave valid all the same.

    Its hexadecimal digits are of one case, nothing but zeros stands behind it, its lengths are those of its contents
    (DER), and what it says of itself is so (RFC 5652, 5.1 and 5.3): both versions are 1, the digest announced is the
    one used, and the signer is named to the letter as in the certificate.
    """
    start, end = signature.byte_range[1], signature.byte_range[2]
    digits = pdf[start + 1 : end - 1]
    written = signature.pkcs7_content
    content = ContentInfo.load(written)
    length = len(content.dump())
    if written[:length] != ContentInfo.load(written).dump(force=True) or any(written[length:]):
        return False
    data, signer = signature.signed_data, signature.signer_info
    named = signer["sid"].chosen
    return (
        (digits.isupper() or digits.islower())
        and data["version"].native == signer["version"].native == "v1"
        and [algorithm.dump() for algorithm in data["digest_algorithms"]] == [signer["digest_algorithm"].dump()]
        and named.dump() == IssuerAndSerialNumber(_issuer_and_serial(signature.signer_cert)).dump()
    )


def _issuer_and_serial(certificate: AsnCertificate) -> dict[str, Any]:
    return {"issuer": certificate.issuer, "serial_number": certificate.serial_number}


def _distrust(status: Any, certificate: Certificate, trusted: Sequence[Certificate]) -> list[str]:
    name = common_name(certificate)
    why = unfit(certificate, at=datetime.now(UTC))
    if why:
        return [f"The certificate of “{name}” {why}."]
    if status.revoked:
        return [f"The certificate of “{name}” was revoked."]
    if status.trusted:
        return []
    if not trusted:
        return [f"No certificate was given as trusted, so nobody vouches for “{name}”."]
    return [f"The certificate of “{name}” is not among the trusted ones and was issued by none of them."]
