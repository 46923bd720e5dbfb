"""How much of its video a session has: what is missing is said, not guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.session.layout import VIDEO_HZ, segment_name, video_ticks
from core.session.pictures import PictureReader

Int64 = NDArray[np.int64]
#: Streams whose ends are this near end together: a fragment of the video may be on its way.
_TOGETHER_TICKS: Final = VIDEO_HZ // 4


@dataclass(frozen=True, slots=True)
class VideoSpan:
    """What is there of the pictures.

    Attributes:
        missing: frames that have no picture, over all of them.
        notices: one line for each segment that is not whole.
    """

    missing: int
    notices: tuple[str, ...]


def compare_streams(
    times_ns: Int64,
    segments: NDArray[np.integer],
    base_ns: Mapping[int, int],
    paths: Mapping[int, Path],
    pictures: PictureReader,
) -> VideoSpan:
    """Compare the ends of hands and video, segment by segment, by their time stamps.

    Args:
        times_ns: (N,) of each frame.
        segments: (N,) which segment each frame's picture is in, 0 for none.
        base_ns: time of each segment's first picture.
        paths: the segments that are there.
        pictures: reads them.
    """
    notices = []
    missing = int((segments == 0).sum())
    for segment, first_ns in base_ns.items():
        name = segment_name("video", segment)
        mine = times_ns[segments == segment]
        if segment not in paths:
            notices.append(f"{name} is missing.")
            missing += len(mine)
            continue
        last = pictures.last_ticks(segment)
        if last is None:
            notices.append(f"{name} cannot be read.")
            missing += len(mine)
            continue
        wanted = video_ticks(int(mine[-1]), first_ns)
        missing += int((mine > first_ns + (last + 1) * 1e9 / VIDEO_HZ).sum())
        if last < wanted - _TOGETHER_TICKS:
            notices.append(f"{name} ends {(wanted - last) / VIDEO_HZ:.1f} s before its hands.")
        elif last > wanted + _TOGETHER_TICKS:
            notices.append(f"{name} goes on {(last - wanted) / VIDEO_HZ:.1f} s after its hands.")
    return VideoSpan(missing, tuple(notices))
