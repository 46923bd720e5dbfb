"""A view's picture without what lies beside it."""

from PyQt6.QtGui import QImage

from app.views.projection import letterbox


def without_margins(image: QImage, picture_px: tuple[int, int]) -> QImage:
    """Cut out what shows a picture of (width, height) px that was fitted into an image."""
    width, height = picture_px
    box = letterbox(picture_px, (image.width(), image.height()))
    left, top = round(box.left), round(box.top)
    # The image is of the screen's pixels: a column that is half picture, half margin is left out.
    right = min(image.width(), int(box.left + box.scale * width))
    bottom = min(image.height(), int(box.top + box.scale * height))
    return image.copy(left, top, max(1, right - left), max(1, bottom - top))
