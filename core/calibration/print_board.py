"""The board on paper: one page of PDF at its true size."""

import zlib
from typing import Final

from core.calibration.board import CharucoBoard

_PAGE_MM: Final = (297.0, 210.0)  # A4 across; Letter is wide enough as well
_SQUARE_MM: Final = 28.0
_PX_PER_SQUARE: Final = 168  # 6 px a millimetre; the edges are straight, so no more is needed
_POINTS_PER_MM: Final = 72 / 25.4
_NOTE: Final = (
    "ManyHands calibration board. Any size will do, a screen too, but keep it flat and whole."
)


def board_pdf(board: CharucoBoard) -> bytes:
    """Return a PDF file of one A4 page, squares of 28 mm in its middle.

    The focal length does not depend on the size of the squares, so scaling by the printer does
    no harm; only the page must stay flat.
    """
    grey = board.picture(_PX_PER_SQUARE)
    height_px, width_px = grey.shape
    page = [length * _POINTS_PER_MM for length in _PAGE_MM]
    size = [squares * _SQUARE_MM * _POINTS_PER_MM for squares in (board.columns, board.rows)]
    left, bottom = ((whole - part) / 2 for whole, part in zip(page, size, strict=True))
    drawing = (
        f"q {size[0]:.3f} 0 0 {size[1]:.3f} {left:.3f} {bottom:.3f} cm /Board Do Q\n"
        f"BT /F 9 Tf {left:.3f} {bottom - 24:.3f} Td ({_NOTE}) Tj ET"
    ).encode("ascii")
    picture = (
        f"/Type /XObject /Subtype /Image /Width {width_px} /Height {height_px} "
        "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page[0]:.3f} {page[1]:.3f}] "
        "/Contents 4 0 R /Resources << /XObject << /Board 5 0 R >> /Font << /F 6 0 R >> >> "
        ">>".encode("ascii"),
        _stream("", drawing),
        _stream(picture, zlib.compress(grey.tobytes(), 9)),
        font,
    ]
    return _file(objects)


def _stream(entries: str, data: bytes) -> bytes:
    head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode("ascii")
    return head + data + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    """Return a PDF of these objects, the first of which is the catalogue."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return bytes(out)
