"""Signing a report: PAdES baseline B-B (ETSI EN 319 142-1), SubFilter ETSI.CAdES.detached, by pyHanko.

The signature certifies the document (DocMDP, no changes allowed, ISO 32000-1 12.8.2.2): a viewer shows any later
change. No time-stamp service and no revocation service is asked: nothing leaves the machine.
"""

import io
from datetime import datetime
from typing import Any

from asn1crypto.keys import PrivateKeyInfo  # type: ignore[import-untyped]
from asn1crypto.x509 import Certificate as AsnCertificate  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ecgdesk.report.canvas import CREATOR
from ecgdesk.report.certificate import Certificate, unfit
from ecgdesk.report.identity import Identity
from ecgdesk.report.paper import Box, seal_box
from ecgdesk.report.refusals import SigningRefused
from ecgdesk.report.seal import draw_seal

FIELD = "Signature"
PRELIMINARY_KEYWORD = "preliminary"  # in the document's information: render() marks what was drawn as unsigned


def sign(pdf: bytes, identity: Identity, *, at: datetime) -> bytes:
    """The PDF with a visible and a cryptographic signature on page 1; `at` is timezone-aware.

    The PDF is render()'s for this signer: `render(case, signed_by=identity.name, signed_at=at)`. Raises
    SigningRefused for what is no PDF, is signed already, says that it is not signed or names another signer, and for a
    certificate that may not sign at that time.
    """
    if at.tzinfo is None:
        raise ValueError("the time of signing needs a time zone")
    if why := unfit(identity.certificate, at=at):
        raise SigningRefused(f"The certificate of “{identity.name}” {why}; sign with another identity.")
    writer = _opened(pdf, identity)
    page_width = float(writer.prev.root["/Pages"]["/Kids"][0]["/MediaBox"][2])
    box = seal_box(page_width)
    signer = _SignerAt(
        PdfSignatureMetadata(
            field_name=FIELD,
            name=identity.name,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            tight_size_estimates=True,  # no padding behind the signature, in which bytes could change unseen
        ),
        signer=_signer(identity),
        stamp_style=_stamp(draw_seal(identity, at=at, box=box)),
        new_field_spec=SigFieldSpec(FIELD, on_page=0, box=_corners(box)),
        at=at,
    )
    out: io.BytesIO = signer.sign_pdf(writer)
    return out.getvalue()


class _SignerAt(PdfSigner):
    """Signs with the time that is also printed, not with the clock of a moment later."""

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at

    def init_signing_session(self, *args: Any, **kwargs: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self._at
        return session


class _Signer(SimpleSigner):
    """Foresees the longest signature of its key, as ECDSA's differ in length and the reserved room is exact."""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        made: bytes = self.sign_raw(data, digest_algorithm)
        return made.ljust(_longest_signature(self.signing_key)) if dry_run else made


class _Drawn(PdfContent):
    """The one page of a PDF in memory, as the appearance of the signature field."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.resources.xobject["/Seal"] = page
        x0, y0, x1, y1 = (float(side) for side in page.get_object()["/BBox"])
        self.box = BoxConstraints(width=x1 - x0, height=y1 - y0)
        return b"/Seal Do"


def _opened(pdf: bytes, identity: Identity) -> IncrementalPdfFileWriter:
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signed = bool(writer.prev.embedded_signatures)
        trailer = writer.prev.trailer_view
        # [] follows the reference to the object, get() does not
        information = trailer["/Info"] if "/Info" in trailer else {}  # noqa: SIM401
        keywords, author = (str(information.get(key, "")) for key in ("/Keywords", "/Author"))
    except (PdfReadError, ValueError) as error:
        raise SigningRefused("The file is not a PDF that can be signed; make the report again.") from error
    if signed:
        raise SigningRefused("This report is signed already; make it again from its case to sign it anew.")
    if PRELIMINARY_KEYWORD in keywords:
        raise SigningRefused("This copy says “preliminary, not signed”; make the report again with its signer's name.")
    if information.get("/Creator") == CREATOR and author != identity.name:
        raise SigningRefused(f"This report names “{author}” as its signer; make it again for “{identity.name}”.")
    return writer


def _signer(identity: Identity) -> _Signer:
    key = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    issuers = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    issuers.register_multiple(_asn(certificate) for certificate in identity.chain)
    return _Signer(signing_cert=_asn(identity.certificate), signing_key=PrivateKeyInfo.load(key), cert_registry=issuers)


def _longest_signature(key: PrivateKeyInfo) -> int:
    """Bytes: of ECDSA, two DER integers with a sign byte each in a DER sequence; RSA's have one length, the key's."""
    number: int = (key.bit_size + 7) // 8
    return 2 * (number + 3) + 3 if key.algorithm == "ec" else number


def _asn(certificate: Certificate) -> AsnCertificate:
    return AsnCertificate.load(certificate.public_bytes(Encoding.DER))


def _stamp(appearance: bytes) -> StaticStampStyle:
    whole = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MIN, margins=Margins(0, 0, 0, 0))
    return StaticStampStyle(
        border_width=0, background=_Drawn(appearance), background_layout=whole, background_opacity=1.0
    )


def _corners(box: Box) -> tuple[int, int, int, int]:
    return int(box.x), int(box.y), int(box.right), int(box.top)
