"""What may have happened to a sheet, drawn at random."""

from dataclasses import replace

import numpy as np

from ecgdesk.learn.copying import Copy
from ecgdesk.learn.photo import Handling

_KINDS = {"render": 0.22, "scan": 0.26, "noise": 0.1, "photo": 0.2, "wrinkle": 0.1, "curled": 0.06, "copy": 0.06}


def mixed_handling(rng: np.random.Generator) -> Handling:
    """One way from the printer to the file: each kind with its own range of blur, noise, light and compression."""
    kind = str(rng.choice(list(_KINDS), p=list(_KINDS.values())))
    return handled_as(kind, rng)


def handled_as(kind: str, rng: np.random.Generator) -> Handling:
    """`kind`: render, scan, noise, photo, wrinkle, curled or copy."""
    jpeg = _quality(rng) if rng.random() < 0.6 else None
    blur, noise = float(rng.uniform(0.2, 0.9)), float(np.exp(rng.uniform(np.log(0.5), np.log(12))))
    if kind == "render":
        return Handling(jpeg=jpeg)
    if kind == "scan":
        sharpened = float(rng.uniform(0.2, 1.2)) if rng.random() < 0.15 else 0.0
        return Handling(
            rotation_deg=float(rng.normal(0, 1.0)) if rng.random() < 0.7 else float(rng.uniform(-10, 10)),
            blur_px=blur,
            noise=noise,
            sharpened=sharpened,
            cast=_cast(rng, 0.25),
            jpeg=jpeg,
        )
    if kind == "noise":
        return Handling(noise=float(rng.uniform(12, 60)), cast=_cast(rng, 0.7), blur_px=0.4 * blur, jpeg=jpeg)
    if kind == "copy":
        how = Copy(str(rng.choice([c.value for c in Copy if c is not Copy.NONE], p=[0.3, 0.2, 0.1, 0.2, 0.15, 0.05])))
        return Handling(
            rotation_deg=float(rng.normal(0, 0.5)),
            blur_px=blur,
            copy=how,
            grain=float(rng.uniform(0, 15)),
            jpeg=jpeg if how is Copy.GREY else None,
        )
    if kind == "wrinkle":
        return Handling(
            wrinkle=float(rng.uniform(0.3, 1)),
            blur_px=0.5 * blur,
            noise=0.5 * noise,
            cast=_cast(rng, 0.3),
            jpeg=jpeg,
        )
    photo = _photo(rng, blur=blur, noise=noise, jpeg=jpeg)
    if kind == "curled":
        return replace(photo, curl_mm=float(rng.uniform(0.3, 4.0)), folds=int(rng.integers(0, 4)))
    return photo


def _photo(rng: np.random.Generator, *, blur: float, noise: float, jpeg: int | None) -> Handling:
    return Handling(
        rotation_deg=float(rng.normal(0, 3)),
        perspective=float(rng.uniform(0, 0.05)),
        border_mm=float(rng.uniform(0, 15)),
        torn=int(rng.integers(1, 4)) if rng.random() < 0.15 else 0,
        shadow=float(rng.uniform(0, 0.8)),
        cast_shadows=int(rng.choice([0, 1, 2], p=[0.6, 0.3, 0.1])),
        wrinkle=float(rng.uniform(0.1, 0.6)) if rng.random() < 0.2 else 0.0,
        glare=float(rng.uniform(0.2, 0.8)) if rng.random() < 0.1 else 0.0,
        warmth=float(rng.uniform(-1, 1)),
        blur_px=blur + 0.3,
        motion_px=float(rng.uniform(0.3, 1.2)) if rng.random() < 0.1 else 0.0,
        noise=0.6 * noise,
        jpeg=jpeg or 90,
    )


def _quality(rng: np.random.Generator) -> int:
    return int(rng.integers(55, 96)) if rng.random() < 0.8 else int(rng.integers(30, 55))


def _cast(rng: np.random.Generator, share: float) -> tuple[float, float, float]:
    """The light's colour, warm or cold, for `share` of the sheets."""
    if rng.random() > share:
        return 1.0, 1.0, 1.0
    far, near = float(rng.uniform(0.25, 1.0)), float(rng.uniform(0.6, 1.0))
    near = max(far, near)
    return (1.0, near, far) if rng.random() < 0.6 else (max(far, 0.55), max(near, 0.7), 1.0)
