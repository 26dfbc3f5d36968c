"""Photos as they are kept: really an image, upright, small, without anything the camera wrote into it.

The size is read from the head of the file and refused before a single pixel is decoded; the pixels are then drawn anew, so that neither
position data nor anything hidden in or behind the picture survives.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

from app.infra.files import CHUNK
from app.kernel.errors import Invalid

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 60_000_000
SIDE, QUALITY = 1600, 82


@dataclass(frozen=True)
class Photo:
    """A photo ready to be kept: JPEG bytes, their hash, width and height in pixels."""

    data: bytes
    sha256: str
    width: int
    height: int


def read_photo(stream: BinaryIO, name: str) -> Photo:
    """The upload as a photo. Raises ``Invalid`` in words for anything that is not one, or too large."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Invalid("photo_too_large", f"照片“{name[:40]}”超过 {MOST_BYTES // CHUNK} MB，请缩小后再上传。", "photos")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid("photo_too_many_pixels", f"照片“{name[:40]}”的像素过大（{opened.width}×{opened.height}），请缩小后再上传。", "photos")
            opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at half or quarter size where that is enough
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Invalid("photo_unreadable", f"“{name[:40]}”不是可用的照片（只收 JPEG、PNG、WebP），请重新拍摄或选择。", "photos") from error
    upright.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    drawn = out.getvalue()
    return Photo(drawn, hashlib.sha256(drawn).hexdigest(), upright.width, upright.height)
