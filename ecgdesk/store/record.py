"""A case as bytes: a small body, rewritten with every change, and large parts that seldom change.

The body is msgpack of the dataclasses, deflated. The scan and the signed PDF are kept as they are. The straightened
page and its ink are kept as PNG, lossless: what a person saw and signed must come back to the pixel, and making them
again from the scan would give other pixels with every change of the digitiser.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, get_origin

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.patient import Patient

SCHEMA_VERSION = 1  # of the body and of the tables; raise it when an older program could no longer read them

_FAST = 1  # deflate level: a third more bytes than the default's, in a tenth of the time
_NO_PIXELS: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)


@dataclass(frozen=True, eq=False)
class Part:
    """One large part of a case; `digest` is SHA-256 of its content, so that an unchanged one is not written again."""

    name: str
    digest: bytes
    content: bytes | NDArray[np.uint8]

    def stored(self) -> bytes:
        """The bytes to keep; for pixels this is the slow step."""
        return self.content if isinstance(self.content, bytes) else _to_png(self.content)


@dataclass(frozen=True)
class _WithPatient:
    """What of a body is decoded where nothing else is asked for."""

    patient: Patient


def split(case: Case) -> tuple[bytes, tuple[Part, ...]]:
    """The body of a case, and its large parts."""
    parts = [_part("scan", case.scan)]
    light = replace(case, scan=b"")
    if case.page is not None:
        parts += [_part("page.image", case.page.image), _part("page.ink", case.page.ink)]
        light = replace(light, page=replace(case.page, image=_NO_PIXELS, ink=_NO_PIXELS))
    if case.signature is not None:
        parts.append(_part("signature.pdf", case.signature.pdf))
        light = replace(light, signature=replace(case.signature, pdf=b""))
    # to_builtins first: it keeps the offset of an aware datetime, which msgpack's own timestamp would turn into UTC.
    plain = msgspec.to_builtins(light, builtin_types=(bytes,), enc_hook=_encode)
    return zlib.compress(msgspec.msgpack.encode(plain), _FAST), tuple(parts)


def join(body: bytes, parts: Mapping[str, bytes]) -> Case:
    """The case again. Raises msgspec.ValidationError when the body is not one of this schema."""
    case = _DECODER.decode(zlib.decompress(body))
    page: Page | None = case.page
    if page is not None:
        page = replace(page, image=_from_png(parts["page.image"]), ink=_from_png(parts["page.ink"]))
    signature = case.signature
    if signature is not None:
        signature = replace(signature, pdf=parts["signature.pdf"])
    return replace(case, scan=parts["scan"], page=page, signature=signature)


def recorded_at(body: bytes) -> datetime | None:
    """When the ECG of a body was taken, without unpacking its signal."""
    return _PATIENT_DECODER.decode(zlib.decompress(body)).patient.recorded_at


def digest_of(body: bytes, part_digests: Mapping[str, bytes]) -> bytes:
    """SHA-256 of a whole case, from its body and the digests of its parts by name."""
    return sha256(body + b"".join(part_digests[name] for name in sorted(part_digests))).digest()


def _part(name: str, content: bytes | NDArray[np.uint8]) -> Part:
    if isinstance(content, bytes):
        return Part(name, sha256(content).digest(), content)
    pixels = np.ascontiguousarray(content)
    digest = sha256(repr(pixels.shape).encode())
    digest.update(pixels.data)
    return Part(name, digest.digest(), pixels)


def _to_png(pixels: NDArray[np.uint8]) -> bytes:
    turned = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    return cv2.imencode(".png", turned, [cv2.IMWRITE_PNG_COMPRESSION, _FAST])[1].tobytes()


def _from_png(png: bytes) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("a kept image is not a PNG")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB) if pixels.ndim == 3 else pixels, np.uint8)


def _encode(value: object) -> object:
    """What msgspec does not know: arrays as (dtype, shape, bytes), NumPy's numbers as Python's."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"a case may not hold a {type(value).__name__}")


def _decode(kind: Any, plain: Any) -> object:
    if get_origin(kind) is np.ndarray:
        dtype, shape, raw = plain
        return np.frombuffer(raw, dtype).reshape(shape).copy()
    raise NotImplementedError(f"a case may not hold a {kind}")


# Built once, when the module is imported: msgspec crashes when two threads work out the same types at once.
_DECODER = msgspec.msgpack.Decoder(Case, dec_hook=_decode)
_PATIENT_DECODER = msgspec.msgpack.Decoder(_WithPatient)
