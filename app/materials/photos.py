"""Makes an uploaded file into a photograph that is safe to keep, or refuses it with advice."""

from collections.abc import Mapping
from types import MappingProxyType

from app.kit.errors import ErrorKind, Problem
from app.kit.images import BadPhoto, CleanPhoto, Reason, clean_photo
from app.materials.errors import (
    FILE_BROKEN,
    FILE_EMPTY,
    FILE_TOO_LARGE,
    FILE_TOO_MANY_PIXELS,
    FILE_TYPE_NOT_SUPPORTED,
    PHOTO_TOO_SMALL,
)

_REFUSALS: Mapping[Reason, ErrorKind] = MappingProxyType(
    {
        Reason.EMPTY: FILE_EMPTY,
        Reason.TOO_LARGE: FILE_TOO_LARGE,
        Reason.UNSUPPORTED_TYPE: FILE_TYPE_NOT_SUPPORTED,
        Reason.TOO_MANY_PIXELS: FILE_TOO_MANY_PIXELS,
        Reason.BROKEN: FILE_BROKEN,
        Reason.TOO_SMALL: PHOTO_TOO_SMALL,
    }
)


def clean(data: bytes, *, max_bytes: int, max_pixels: int) -> CleanPhoto:
    """The photograph, encoded anew without anything but its pixels. Raises the refusal that fits."""
    try:
        return clean_photo(data, max_bytes=max_bytes, max_pixels=max_pixels)
    except BadPhoto as bad:
        if bad.reason is Reason.TOO_LARGE:
            raise too_large(max_bytes) from None
        raise _REFUSALS[bad.reason]() from None


def too_large(max_bytes: int) -> Problem:
    """The refusal of a file of more than ``max_bytes``."""
    return FILE_TOO_LARGE(limit_mb=f"{max_bytes / 1_000_000:g}")
