import io
import random
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.report.identity import Identity, new_identity
from ecgdesk.report.pdf import render
from ecgdesk.report.refusals import SigningRefused
from ecgdesk.report.signature import sign
from ecgdesk.report.verification import verify
from tests.report import builders as make
from tests.report import look
from tests.report.certify import certify

AT = datetime.now(timezone(timedelta(hours=1))).replace(microsecond=0)
NAME = "SAMPLE, Ärztin Юлия"


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    return new_identity(NAME, passphrase="word", folder=tmp_path_factory.mktemp("identities"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return new_identity("SAMPLE, Stranger", passphrase="word", folder=tmp_path_factory.mktemp("identities"))


@pytest.fixture(scope="module")
def signed(identity):
    now = datetime.now(UTC)
    return sign(render(make.case(), signed_by=NAME, signed_at=now), identity, at=now)


def flipped(pdf: bytes, place: int) -> bytes:
    changed = bytearray(pdf)
    changed[place] ^= 1
    return bytes(changed)


def inside(pdf: bytes) -> int:
    """A place in the middle of a page's content stream."""
    return pdf.index(b"stream", len(pdf) // 3) + 2000


def test_a_signed_report_is_intact_and_trusted(signed, identity):
    result = verify(signed, trusted=[identity.certificate])

    assert result.good
    assert (result.signer, result.changes, result.reasons) == (NAME, (), ())


def test_the_time_is_the_one_that_was_given(identity):
    result = verify(
        sign(render(make.case(), signed_by=NAME, signed_at=AT), identity, at=AT), trusted=[identity.certificate]
    )

    assert result.at == AT


def test_name_and_time_stand_visibly_on_the_first_page_alone(signed, identity):
    image = look.pixels(signed)
    bare = look.pixels(render(make.case(), signed_by=NAME, signed_at=AT))
    rows, columns = (abs(image - bare).max(axis=2) > 40).nonzero()

    assert b"ETSI.CAdES.detached" in signed
    assert look.pages(signed)[0].count(NAME) >= 1
    assert rows.max() > 0.85 * image.shape[0]  # the seal, lower right
    assert columns.max() > 0.85 * image.shape[1]


def test_the_signer_of_a_self_made_certificate_is_unknown_unless_given(signed, stranger):
    nobody, other = verify(signed, trusted=[]), verify(signed, trusted=[stranger.certificate])

    assert nobody.intact
    assert not nobody.trusted
    assert "nobody vouches" in nobody.reasons[0]
    assert "not among the trusted" in other.reasons[0]


@pytest.mark.parametrize("where", ["content", "near the end", "in the certificate"])
def test_one_changed_byte_is_found(signed, identity, where):
    place = {
        "content": inside(signed),
        "near the end": len(signed) - 60,
        "in the certificate": signed.index(b"/Contents <") + 900,
    }[where]

    result = verify(flipped(signed, place), trusted=[identity.certificate])

    assert not result.intact
    assert not result.good
    assert result.reasons


def test_no_changed_byte_goes_unseen(identity):
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(842, 595), invariant=1)
    canvas.showPage()
    canvas.save()
    small = sign(out.getvalue(), identity, at=datetime.now(UTC))
    signature = range(small.index(b"/Contents <"), small.index(b"/ByteRange"))
    places = {*random.Random(1).sample(range(len(small)), 60), *random.Random(2).sample(signature, 60)}

    assert verify(small, trusted=[identity.certificate]).good
    for place in sorted(places):
        assert not verify(flipped(small, place), trusted=[identity.certificate]).good, place


@pytest.mark.parametrize("what", ["its version", "its signer's version", "a letter of its signer"])
def test_a_signature_that_says_something_else_of_itself_is_found(stranger, what):
    now = datetime.now(UTC)
    signed = sign(render(make.case(), signed_by=stranger.name, signed_at=now), stranger, at=now)
    start = signed.index(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", start)
    written = bytearray(bytes.fromhex(signed[start:end].decode()))
    signer = written.rindex(b"\x02\x01\x01\x30")
    place = {
        "its version": written.index(b"\x02\x01\x01") + 2,
        "its signer's version": signer + 2,
        "a letter of its signer": written.index(b"Stranger", signer) + 1,  # T for t: the same name by RFC 5280, 7.1
    }[what]
    written[place] ^= 0x20 if what == "a letter of its signer" else 2
    changed = signed[:start] + written.hex().encode() + signed[end:]

    result = verify(changed, trusted=[stranger.certificate])

    assert verify(signed, trusted=[stranger.certificate]).good
    assert not result.good


def test_what_was_added_after_signing_is_found(signed, identity):
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/Lang"] = writer.root["/Type"]
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)

    result = verify(out.getvalue(), trusted=[identity.certificate])

    assert result.trusted
    assert not result.intact
    assert re.search(r"\d+ bytes were added", result.changes[0])


@pytest.mark.parametrize("key", [None, rsa.generate_private_key(65537, 2048)])
@pytest.mark.parametrize("usage", [None, {"digital_signature"}, {"content_commitment"}])
def test_a_certificate_of_an_authority_is_trusted_by_the_authoritys(key, usage):
    root = certify("Root", authority=True)
    middle = certify("Middle", authority=True, issuer=root)
    certificate, key = certify("SAMPLE, Three", issuer=middle, key=key, usage=usage)
    now = datetime.now(UTC)
    pdf = render(make.case(scan=make.scan(40, 30)), signed_by="SAMPLE, Three", signed_at=now)

    result = sign(pdf, Identity("SAMPLE, Three", certificate, key, (middle[0],)), at=now)

    assert verify(result, trusted=[root[0]]).good
    assert not verify(result, trusted=[certify("Root", authority=True)[0]]).trusted


def test_an_expired_certificate_is_no_longer_trusted_though_it_was_given():
    certificate, key = certify("SAMPLE, Past", days=-1)
    then = datetime.now(UTC) - timedelta(days=2)
    past = Identity("SAMPLE, Past", certificate, key)
    pdf = render(make.case(), signed_by="SAMPLE, Past", signed_at=then)

    result = verify(sign(pdf, past, at=then), trusted=[certificate])

    assert result.intact
    assert not result.trusted
    assert "expired on" in result.reasons[0]
    with pytest.raises(SigningRefused, match="expired on"):
        sign(pdf, past, at=datetime.now(UTC))


def test_an_unsigned_report_and_a_file_of_another_kind_say_so():
    assert verify(render(make.case()), trusted=[]).reasons == ("The PDF is not signed.",)
    assert verify(b"no pdf", trusted=[]).reasons == ("The file is not a PDF that can be read.",)
    assert not verify(b"", trusted=[]).signed


def test_a_preliminary_copy_is_not_signed(identity):
    with pytest.raises(SigningRefused, match="preliminary"):
        sign(render(make.case()), identity, at=AT)


def test_a_report_is_signed_by_nobody_but_whom_it_names(stranger):
    with pytest.raises(SigningRefused, match="names “SAMPLE, Ärztin Юлия” as its signer"):
        sign(render(make.case(), signed_by=NAME, signed_at=AT), stranger, at=AT)


def test_a_report_is_signed_once(signed, identity):
    with pytest.raises(SigningRefused, match="signed already"):
        sign(signed, identity, at=AT)


def test_what_is_no_pdf_is_not_signed(identity):
    with pytest.raises(SigningRefused, match="not a PDF"):
        sign(b"%PDF-1.7 and nothing more", identity, at=AT)


def test_names_of_signers_are_not_logged(signed, stranger, caplog):
    verify(signed, trusted=[stranger.certificate])

    assert "SAMPLE" not in caplog.text


needs_pdfsig = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs pdfsig of poppler-utils")


@needs_pdfsig
def test_pdfsig_calls_it_valid_and_after_one_changed_byte_invalid(signed, tmp_path):
    file = tmp_path / "report.pdf"

    file.write_bytes(signed)
    fine = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    file.write_bytes(flipped(signed, inside(signed)))
    broken = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout

    assert "Signature is Valid." in fine
    assert "Total document signed" in fine
    assert "ETSI.CAdES.detached" in fine
    assert "Signature is Valid." not in broken
    assert "Signature is Invalid" in broken or "Digest Mismatch" in broken
