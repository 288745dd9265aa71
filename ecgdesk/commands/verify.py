"""`ecgdesk verify REPORT.pdf [--trust CERT.pem]`: exit 0 only for an intact signature of a trusted signer."""

from collections.abc import Sequence
from pathlib import Path

from ecgdesk.ecg.home import home
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.report.identity import Certificate, list_identities, read_certificates
from ecgdesk.report.verification import verify


def verify_report(report: Path, *, trust: Sequence[Path]) -> int:
    """Prints who signed, when, and what changed. Trusted are the given certificates and this desk's own identities."""
    pdf = _bytes(report)
    trusted: list[Certificate] = [card.certificate for card in list_identities(home() / "identities")]
    for file in trust:
        trusted += read_certificates(_bytes(file))
    result = verify(pdf, trusted=trusted)
    if result.signed:
        at = f" on {result.at.astimezone():%Y-%m-%d at %H:%M:%S %Z}" if result.at else ""
        print(f"Signed by {result.signer or 'an unknown signer'}{at}.")
        print("Nothing was changed since." if result.intact else "It was changed after signing:")
    for reason in result.reasons:
        print(reason)
    if result.good:
        print("The signer is trusted here.")
    return 0 if result.good else 1


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file}: the file cannot be read ({error.strerror}); check its name.") from error
