"""Signing identities: a person's private key and certificate, kept under a passphrase.

In the caller's folder each identity is two files, named by a hash of the person's name:

| file | what |
|---|---|
| `HASH.p12` | PKCS#12 (RFC 7292): key and certificates, PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA-256 |
| `HASH.pem` | the certificate alone, public: what others need to trust the signer |

A certificate made here is self-signed: ECDSA on P-256, key usage digitalSignature and nonRepudiation (ETSI EN
319 412-2 for natural persons), not a certificate authority.
"""

import hashlib
import logging
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

from ecgdesk.report.certificate import Certificate, common_name, read_certificates, unfit
from ecgdesk.report.refusals import CertificateRefused, SigningRefused
from ecgdesk.report.whole import write_whole

__all__ = [
    "Certificate",
    "Identity",
    "IdentityCard",
    "import_identity",
    "list_identities",
    "load_identity",
    "new_identity",
    "read_certificates",
]

log = logging.getLogger(__name__)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

VALIDITY = timedelta(days=3650)
CLOCK_SKEW = timedelta(hours=1)  # a second machine's clock may lag behind the one that made the certificate
LONGEST_NAME = 64  # RFC 5280, ub-common-name
KDF_ROUNDS = 600_000  # OWASP Password Storage Cheat Sheet 2023, PBKDF2-HMAC-SHA256


@dataclass(frozen=True, eq=False)
class IdentityCard:
    """The public half of an identity: what can be listed without its passphrase."""

    name: str
    certificate: Certificate
    file: Path  # the PEM file to hand to others

    @property
    def expires(self) -> datetime:
        return self.certificate.not_valid_after_utc


@dataclass(frozen=True, eq=False)
class Identity:
    """An opened identity. `chain`: the certificates of its issuers, as far as the file held them."""

    name: str
    certificate: Certificate
    key: PrivateKey
    chain: tuple[Certificate, ...] = ()

    def __repr__(self) -> str:
        return f"Identity({self.name!r})"  # never the key

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def new_identity(name: str, *, passphrase: str, folder: Path) -> Identity:
    """Makes a key and a self-signed certificate for `name` and keeps them in `folder`.

    Raises SigningRefused for an empty or over-long name, an empty passphrase, and a name that is already there.
    """
    name = _checked_name(name)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _keep(Identity(name, certificate, key), passphrase=passphrase, folder=folder)


def import_identity(file: bytes | Path, *, passphrase: str, folder: Path) -> Identity:
    """Takes over a PKCS#12 file; it is kept under the passphrase that opened it.

    The identity's name is the certificate's common name. Raises SigningRefused for a file that is no PKCS#12, a
    wrong passphrase, a file without key and certificate, an expired certificate, and a name that is already there.
    """
    data = file if isinstance(file, bytes) else _read(file)
    identity = _open(data, passphrase=passphrase, what="The file")
    _refuse_unfit(identity)
    return _keep(identity, passphrase=passphrase, folder=folder)


def list_identities(folder: Path) -> tuple[IdentityCard, ...]:
    """All identities in the folder, by name; none when there is no folder."""
    cards = []
    for file in folder.glob("*.p12"):
        public = file.with_suffix(".pem")
        try:
            certificate = read_certificates(public.read_bytes())[0]
        except (OSError, CertificateRefused):
            log.warning("the certificate of an identity cannot be read; the others are listed")
            continue
        cards.append(IdentityCard(common_name(certificate), certificate, public))
    return tuple(sorted(cards, key=lambda card: card.name.casefold()))


def load_identity(name: str, *, passphrase: str, folder: Path) -> Identity:
    """Opens a kept identity.

    Raises SigningRefused for an unknown name, a wrong passphrase, a broken file and a certificate that may not sign
    today.
    """
    file = folder / f"{_stem(name)}.p12"
    if not file.exists():
        known = ", ".join(card.name for card in list_identities(folder))
        hint = f"choose one of: {known}" if known else "make one with “ecgdesk identity new”"
        raise SigningRefused(f"There is no signing identity “{name}”; {hint}.")
    identity = _open(_read(file), passphrase=passphrase, what=f"The identity “{name}”")
    _refuse_unfit(identity)
    return identity


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _checked_name(name: str) -> str:
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not name:
        raise SigningRefused("A signing identity needs a name; give the signer's name as it is to stand in the report.")
    if len(name) > LONGEST_NAME:
        raise SigningRefused(f"The name has {len(name)} characters and a certificate holds {LONGEST_NAME}; shorten it.")
    if not name.isprintable():
        raise SigningRefused("The name holds characters that cannot be printed; type it again.")
    return name


def _stem(name: str) -> str:
    # A hash, since any name must make a valid file name on every system and in every script.
    key = unicodedata.normalize("NFC", " ".join(name.split())).casefold()
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _keep(identity: Identity, *, passphrase: str, folder: Path) -> Identity:
    if not passphrase:
        raise SigningRefused("A signing identity needs a passphrase; choose one that others cannot guess.")
    file = folder / f"{_stem(identity.name)}.p12"
    if file.exists():
        raise SigningRefused(f"There is already a signing identity “{identity.name}”; use it, or choose another name.")
    sealed = _sealed(identity, passphrase)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The PKCS#12 file comes last: what is there without it is left over from a crash and counts for nothing.
        write_whole(file.with_suffix(".pem"), identity.certificate_pem, mode=0o600)
        write_whole(file, sealed, mode=0o600)
    except OSError as error:
        raise SigningRefused(
            f"The identity cannot be kept in {folder} ({error.strerror}), so it was not made; "
            "check that the disk has room and may be written by you."
        ) from error
    return identity


def _sealed(identity: Identity, passphrase: str) -> bytes:
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(KDF_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        identity.name.encode(), identity.key, identity.certificate, identity.chain or None, encryption
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SigningRefused(f"The file “{file.name}” cannot be opened ({error.strerror}); check its place.") from error


def _open(data: bytes, *, passphrase: str, what: str) -> Identity:
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(data, passphrase.encode())
    except ValueError as error:
        if "password" in str(error).lower():
            raise SigningRefused(f"{what} does not open with this passphrase; type it again.") from error
        raise SigningRefused(
            f"{what} is damaged or is not a PKCS#12 file (.p12, .pfx); export it again from where it was made."
        ) from error
    if key is None or certificate is None:
        raise SigningRefused(f"{what} holds no private key with its certificate; export both into one .p12 file.")
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SigningRefused(f"{what} holds a key of a kind that cannot sign PDFs; use an RSA or an ECDSA key.")
    return Identity(common_name(certificate), certificate, key, tuple(chain))


def _refuse_unfit(identity: Identity) -> None:
    why = unfit(identity.certificate, at=datetime.now(UTC))
    if why:
        raise SigningRefused(f"The certificate of “{identity.name}” {why}; make or import another one.")
