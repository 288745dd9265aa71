"""Nothing leaves the machine: a guard inside every process of the program.

It is laid down before anything else is imported, cannot be taken off again, and holds for all Python code of the
process, libraries included. Native code is not seen by it; therefore no native library with a network of its own is
imported either, Qt's least of all, and a test watches the system calls from outside.

| what | where |
|---|---|
| sockets of the local machine (AF_UNIX): the display, the keyring, our own workers | allowed |
| any other socket, any look-up of a host name | NetworkDenied |
| loopback connections | allowed on Windows alone, which builds local pipes from them |
| Qt's network modules | not importable |
"""

import os
import socket
import sys
from collections.abc import Mapping

# Libraries that would ask a model hub or report home read these when they are imported.
_SWITCHES: Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}
_BARRED_MODULES = frozenset({"PySide6.QtNetwork", "PySide6.QtNetworkAuth", "PySide6.QtWebSockets"})
_LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
_ADDRESSED = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})
_FAMILY_OF_THE_DESCRIPTOR = -1  # an open descriptor is wrapped, no socket is made

_ON_WINDOWS = sys.platform == "win32"
_LOCAL_FAMILIES = {getattr(socket, "AF_UNIX", None), _FAMILY_OF_THE_DESCRIPTOR} | (
    {socket.AF_INET, socket.AF_INET6} if _ON_WINDOWS else set()
)
_LOOPBACK = ("127.0.0.1", "::1")

_guarded = False


class NetworkDenied(PermissionError):
    """Something tried to reach the network. An OSError, as a pulled cable would give, so that libraries cope."""


def guard() -> None:
    """Denies the network to this process from now on; calling it again does nothing."""
    global _guarded
    os.environ.update(_SWITCHES)
    if not _guarded:
        sys.addaudithook(_judge)
        _guarded = True


def _judge(event: str, arguments: tuple[object, ...]) -> None:
    if event == "import":
        if arguments[0] in _BARRED_MODULES:
            raise ImportError(f"{arguments[0]} is barred: ecgdesk works offline.")
    elif event.startswith("socket."):
        _judge_socket(event, arguments)


def _judge_socket(event: str, arguments: tuple[object, ...]) -> None:
    if event in _LOOK_UPS:
        raise NetworkDenied(f"{event} is barred: ecgdesk works offline.")
    if event == "socket.__new__" and arguments[1] not in _LOCAL_FAMILIES:
        raise NetworkDenied("A network socket is barred: ecgdesk works offline.")
    if event in _ADDRESSED and _is_remote(arguments[1]):
        raise NetworkDenied("A network address is barred: ecgdesk works offline.")


def _is_remote(address: object) -> bool:
    """Addresses of AF_UNIX are strings or bytes; those of the network are tuples."""
    return isinstance(address, tuple) and not (_ON_WINDOWS and address[0] in _LOOPBACK)
