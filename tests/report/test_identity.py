import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from ecgdesk.ecg.refusal import Refusal
from ecgdesk.report import identity
from ecgdesk.report.identity import import_identity, list_identities, load_identity, new_identity, read_certificates
from ecgdesk.report.refusals import CertificateRefused, SigningRefused
from tests.report.certify import certify

WORD = "a passphrase of the tests"


@pytest.fixture(autouse=True)
def quick_derivation(monkeypatch):
    monkeypatch.setattr(identity, "KDF_ROUNDS", 1000)


def p12(name="SAMPLE, Two", *, key=None, word=WORD, with_key=True, **made):
    """A PKCS#12 file as another program would make it."""
    certificate, key = certify(name, key=key, **made)
    return pkcs12.serialize_key_and_certificates(
        b"x", key if with_key else None, certificate, None, BestAvailableEncryption(word.encode())
    )


def test_a_new_identity_opens_again_with_its_passphrase(tmp_path):
    made = new_identity("SAMPLE, Ärztin Ωμέγα", passphrase=WORD, folder=tmp_path)

    opened = load_identity("SAMPLE, Ärztin Ωμέγα", passphrase=WORD, folder=tmp_path)

    assert opened.name == made.name
    assert opened.certificate == made.certificate
    assert opened.key.private_numbers() == made.key.private_numbers()


def test_a_new_certificate_is_for_signing_only(tmp_path):
    certificate = new_identity("SAMPLE", passphrase=WORD, folder=tmp_path).certificate

    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (True, True, False)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_identities_are_listed_by_name_without_a_passphrase(tmp_path):
    for name in ("SAMPLE, Two", "SAMPLE, One"):
        new_identity(name, passphrase=WORD, folder=tmp_path)

    cards = list_identities(tmp_path)

    assert [card.name for card in cards] == ["SAMPLE, One", "SAMPLE, Two"]
    assert read_certificates(cards[0].file.read_bytes()) == (cards[0].certificate,)
    assert list_identities(tmp_path / "none") == ()


def test_nothing_on_disk_gives_the_key_away(tmp_path):
    new_identity("SAMPLE", passphrase=WORD, folder=tmp_path / "identities")

    for file in (tmp_path / "identities").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"PRIVATE KEY" not in file.read_bytes()


def test_an_identity_never_shows_its_key_when_printed(tmp_path):
    assert repr(new_identity("SAMPLE", passphrase=WORD, folder=tmp_path)) == "Identity('SAMPLE')"


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())])
def test_a_p12_of_another_program_is_taken_over(tmp_path, key):
    file = tmp_path / "given.p12"
    file.write_bytes(p12(key=key))

    import_identity(file, passphrase=WORD, folder=tmp_path / "identities")

    assert load_identity("SAMPLE, Two", passphrase=WORD, folder=tmp_path / "identities").name == "SAMPLE, Two"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (p12(word="another"), "does not open with this passphrase"),
        (b"no p12 at all", "is damaged or is not a PKCS#12 file"),
        (p12()[:-40], "is damaged or is not a PKCS#12 file"),
        (p12(days=-2), "expired on"),
        (p12(begins=5), "is not valid before .*, and this computer’s clock says"),
        (p12(usage={"key_encipherment"}), "is not made for signing"),
        (p12(with_key=False), "holds no private key"),
        (p12(key=ed25519.Ed25519PrivateKey.generate()), "cannot sign PDFs"),
    ],
)
def test_a_p12_that_cannot_sign_is_refused_in_one_sentence(tmp_path, data, sentence):
    with pytest.raises(SigningRefused, match=sentence) as refusal:
        import_identity(data, passphrase=WORD, folder=tmp_path)

    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)
    assert list_identities(tmp_path) == ()


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SigningRefused, match="cannot be opened"):
        import_identity(tmp_path / "none.p12", passphrase=WORD, folder=tmp_path)


def test_a_name_is_given_once(tmp_path):
    first = new_identity("SAMPLE, One", passphrase=WORD, folder=tmp_path)

    with pytest.raises(SigningRefused, match="already a signing identity"):
        new_identity("sample,  one", passphrase=WORD, folder=tmp_path)

    assert load_identity("SAMPLE, One", passphrase=WORD, folder=tmp_path).certificate == first.certificate


@pytest.mark.parametrize(
    ("name", "word", "sentence"),
    [
        ("  ", WORD, "needs a name"),
        ("x" * 65, WORD, "shorten it"),
        ("a\x07b", WORD, "type it again"),
        ("a", "", "needs a"),
    ],
)
def test_an_identity_without_name_or_passphrase_is_refused(tmp_path, name, word, sentence):
    with pytest.raises(SigningRefused, match=sentence):
        new_identity(name, passphrase=word, folder=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_wrong_passphrase_and_an_unknown_name_are_refused(tmp_path):
    new_identity("SAMPLE, One", passphrase=WORD, folder=tmp_path)

    with pytest.raises(SigningRefused, match="does not open with this passphrase"):
        load_identity("SAMPLE, One", passphrase="wrong", folder=tmp_path)
    with pytest.raises(SigningRefused, match="choose one of: SAMPLE, One"):
        load_identity("SAMPLE, Two", passphrase=WORD, folder=tmp_path)


def test_a_damaged_identity_is_refused(tmp_path):
    new_identity("SAMPLE, One", passphrase=WORD, folder=tmp_path)
    file = next(tmp_path.glob("*.p12"))
    file.write_bytes(file.read_bytes()[:100])

    with pytest.raises(SigningRefused, match="is damaged"):
        load_identity("SAMPLE, One", passphrase=WORD, folder=tmp_path)


def test_one_damaged_certificate_hides_no_other_identity(tmp_path):
    for name in ("SAMPLE, One", "SAMPLE, Two"):
        new_identity(name, passphrase=WORD, folder=tmp_path)
    list_identities(tmp_path)[0].file.write_bytes(b"damaged")

    assert [card.name for card in list_identities(tmp_path)] == ["SAMPLE, Two"]


def test_what_a_crash_left_behind_does_not_block_the_name(tmp_path):
    new_identity("SAMPLE, One", passphrase=WORD, folder=tmp_path)
    next(tmp_path.glob("*.p12")).unlink()

    assert list_identities(tmp_path) == ()
    again = new_identity("SAMPLE, One", passphrase=WORD, folder=tmp_path)
    assert list_identities(tmp_path)[0].certificate == again.certificate


def test_a_file_without_a_certificate_is_refused():
    with pytest.raises(CertificateRefused, match="holds no certificate"):
        read_certificates(b"nothing")
    assert issubclass(CertificateRefused, Refusal)
