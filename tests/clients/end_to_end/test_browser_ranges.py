# -*- coding: utf-8 -*-
"""Chromium: a video element that seeks."""
import io
import wave

import pytest

from support.contents import digest
from support.marks import with_and_without_ranges

SCRIPT = """
const video = document.createElement('video');
video.preload = 'metadata';
video.onerror = () => report('error', video.error.code);
video.onseeked = () => report('seeked', Math.round(video.currentTime));
video.onloadedmetadata = () => {
    report('metadata', Math.round(video.duration));
    video.currentTime = %d;
};
video.src = '/video';
"""

#: Seconds of sound, the bytes of one, and the second to which the page seeks.
SECONDS, RATE, TARGET = 1200, 16000, 1180


@pytest.fixture(scope='module')
def sound():
    """Sound that a video element plays. It is too large for a browser to load it ahead."""
    target = io.BytesIO()
    with wave.open(target, 'wb') as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE // 2)
        writer.writeframes(bytes(SECONDS * RATE))
    return target.getvalue()


@with_and_without_ranges
def test_a_video_seeks_by_a_range(http_server, page, sound, ranges):
    video = http_server.route('GET', '/video', response_content=sound, response_ranges=ranges,
                              response_headers={'Content-Type': 'audio/wav'})
    with page(SCRIPT % TARGET) as report:
        assert report() == ['metadata', SECONDS]
        # Without ranges it stays at the start.
        assert report() == ['seeked', TARGET if ranges else 0]
    first, others = video.history[0], video.history[1:]
    assert first.headers['Range'] == 'bytes=0-'
    if not ranges:
        assert not others
        return
    second = others[0]
    start = int(second.headers['Range'][len('bytes='):].split('-')[0])
    assert (TARGET - 10) * RATE < start <= TARGET * RATE + 100
    assert second.headers['If-Range'] == dict(second.response_headers)['ETag']
    assert second.response_status == 206
    assert digest(second.response_content) == digest(sound[start:])
    # It may ask whether what it keeps is still true.
    assert all([each.headers['If-None-Match'] and each.response_status == 304
                for each in others[1:]])
