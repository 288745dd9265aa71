"""What a person may drop, and the sentence for what is refused."""

import io
import struct
import zlib

import numpy as np
import pypdfium2 as pdfium
import pytest
from numpy.typing import NDArray
from PIL import Image

from ecgdesk.page.decode import decode
from ecgdesk.page.limits import MAX_SHEETS
from ecgdesk.page.refusals import UnreadableFile


def picture(height: int = 120, width: int = 200) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x % 256, y % 256, (x + y) % 256], axis=-1).astype(np.uint8)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        decode(data, name="dropped")
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence) < 200
    return sentence


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP", "JPEG"])
def test_every_kind_of_image_is_one_rgb_sheet(kind: str) -> None:
    image = Image.fromarray(picture())
    options = {"lossless": True} if kind == "WEBP" else {}
    (sheet,) = decode(saved(image, kind, **options), name="scan")
    assert sheet.image.dtype == np.uint8
    assert sheet.image.shape == (120, 200, 3)
    assert (sheet.name, sheet.number) == ("scan", 1)
    if kind in ("PNG", "BMP", "TIFF", "WEBP"):
        assert np.array_equal(sheet.image, picture())


def test_exif_orientation_turns_the_image_and_its_resolution() -> None:
    image = Image.fromarray(picture())
    exif = Image.Exif()
    exif[0x0112] = 6
    (sheet,) = decode(saved(image, "TIFF", exif=exif, dpi=(200, 100)), name="photo")
    assert np.array_equal(sheet.image, np.rot90(picture(), -1))
    assert sheet.dpi == pytest.approx((100, 200))


def test_resolution_of_the_file_is_kept_and_nonsense_is_not() -> None:
    image = Image.fromarray(picture())
    assert decode(saved(image, "JPEG", dpi=(300, 300)), name="a")[0].dpi == pytest.approx((300, 300))
    assert decode(saved(image, "JPEG", dpi=(1, 1)), name="a")[0].dpi is None
    assert decode(saved(image, "PNG"), name="a")[0].dpi is None


def test_sixteen_bit_grey_is_brought_to_eight() -> None:
    deep = (np.arange(65536, dtype=np.uint32).reshape(256, 256)).astype(np.uint16)
    (sheet,) = decode(saved(Image.fromarray(deep), "PNG"), name="deep")
    assert np.abs(sheet.image[..., 0].astype(int) - deep // 257).max() <= 1


def test_transparent_paper_is_white() -> None:
    clear = Image.new("RGBA", (50, 40), (0, 0, 0, 0))
    assert (decode(saved(clear, "PNG"), name="clear")[0].image == 255).all()


def test_cmyk_and_one_bit_images_have_the_right_polarity() -> None:
    paper = Image.new("CMYK", (50, 40), (0, 0, 0, 0))
    assert decode(saved(paper, "TIFF"), name="press")[0].image.min() > 250
    assert decode(saved(paper, "JPEG"), name="press")[0].image.min() > 250
    fax = Image.new("1", (50, 40), 1)
    assert (decode(saved(fax, "TIFF"), name="fax")[0].image == 255).all()


def test_tiff_gives_a_sheet_a_page_and_skips_thumbnails() -> None:
    pages = [Image.fromarray(picture(100 + 10 * n)) for n in range(3)]
    sheets = decode(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), name="stack")
    assert [(sheet.number, sheet.image.shape[0]) for sheet in sheets] == [(1, 100), (2, 110), (3, 120)]


def pdf_of(count: int, size: tuple[float, float] = (300, 200)) -> bytes:
    document = pdfium.PdfDocument.new()
    for _ in range(count):
        document.new_page(*size)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_drawn_pdf_is_rendered_at_300_dpi() -> None:
    sheets = decode(pdf_of(2, (72 * 4, 72 * 2)), name="drawn")
    assert [sheet.number for sheet in sheets] == [1, 2]
    assert sheets[0].image.shape == (600, 1200, 3)
    assert sheets[0].dpi == pytest.approx((300, 300))


def test_scan_within_a_pdf_keeps_its_own_pixels() -> None:
    grey = np.repeat(picture(240, 400)[..., :1], 3, axis=2)
    (sheet,) = decode(saved(Image.fromarray(grey), "PDF", resolution=200, quality=95), name="scan")
    assert sheet.image.shape == grey.shape
    assert sheet.dpi == pytest.approx((200, 200), rel=1e-3)
    assert np.abs(sheet.image.astype(int) - grey)[:, 1:-1].mean() < 2


def test_huge_pdf_page_is_rendered_within_bounds() -> None:
    (sheet,) = decode(pdf_of(1, (14400, 14400)), name="poster")
    assert sheet.image.shape[0] * sheet.image.shape[1] <= 81_000_000


def test_pdf_with_too_many_pages_is_refused_with_the_limit() -> None:
    assert str(MAX_SHEETS) in refusal(pdf_of(300))


def test_pdf_with_a_password_is_refused() -> None:
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 100)
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    assert "password" in refusal(out.getvalue())


def test_cut_off_jpeg_is_read_as_far_as_it_goes_and_says_so() -> None:
    rng = np.random.default_rng(0)
    whole = saved(Image.fromarray(rng.integers(0, 255, (400, 300, 3), dtype=np.uint8)), "JPEG")
    (sheet,) = decode(whole[: int(0.9 * len(whole))], name="cut")
    assert 300 <= sheet.image.shape[0] < 400
    assert "cut off" in sheet.doubts[0]
    assert "cut off" in refusal(whole[: len(whole) // 3])


def bomb() -> bytes:
    """The header of a PNG of 50,000 x 50,000 pixels and nothing else."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"this is a letter, not an image", "no image"),
        (b"%PDF-1.7 and nothing more", "damaged"),
        (bomb(), "million pixels"),
        (saved(Image.effect_noise((200, 120), 50), "PNG")[:9000], "damaged"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"II*\x00\xff\xff\xff\xff", ""),
        (b"BM" + b"\xff" * 60, ""),
    ],
    ids=["empty", "text", "torn pdf", "bomb", "torn png", "heic", "hostile tiff", "hostile bmp"],
)
def test_what_cannot_be_read_is_refused_with_one_sentence(data: bytes, word: str) -> None:
    assert word in refusal(data)


def test_moving_picture_is_refused() -> None:
    frames = [Image.fromarray(picture() // (n + 1)) for n in range(3)]
    assert "moving" in refusal(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))


def test_bitmap_whose_stated_size_is_wrong_is_read() -> None:
    data = bytearray(saved(Image.fromarray(picture()), "BMP"))
    data[2:6] = struct.pack("<I", 17)
    assert np.array_equal(decode(bytes(data), name="odd")[0].image, picture())
