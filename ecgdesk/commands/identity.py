"""`ecgdesk identity new|import|list`."""

from pathlib import Path

from ecgdesk.commands.passphrase import ask
from ecgdesk.ecg.home import home
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.report.identity import import_identity, list_identities, new_identity


def new(name: str) -> int:
    new_identity(name, passphrase=ask(f"Passphrase for {name}: "), folder=_folder())
    return show()


def import_file(file: Path) -> int:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file}: the file cannot be read ({error.strerror}); check its name.") from error
    import_identity(data, passphrase=ask(f"Passphrase of {file.name}: "), folder=_folder())
    return show()


def show() -> int:
    identities = list_identities(_folder())
    for identity in identities:
        print(f"{identity.name}  (certificate {identity.file}, valid until {identity.expires:%Y-%m-%d})")
    if not identities:
        print("No identity yet: make one with `ecgdesk identity new NAME`, or import a PKCS#12 file.")
    return 0


def _folder() -> Path:
    return home() / "identities"
