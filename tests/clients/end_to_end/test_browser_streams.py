# -*- coding: utf-8 -*-
"""Chromium: its EventSource, and what its fetch makes of streams and codings.

A page reports what it sees with requests, and the test waits for them.
"""

EVENTS = """
const source = new EventSource('/events');
const show = event => report(event.type, event.lastEventId, event.data);
source.onopen = () => report('open');
source.onerror = () => report('error', source.readyState);
source.onmessage = show;
source.addEventListener('tick', show);
source.addEventListener('bye', () => { source.close(); report('closed'); });
"""

PIECES = """
async function read(path) {
    const reader = (await fetch(path)).body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
        const {done, value} = await reader.read();
        if (done) break;
        report(value);
    }
    report('end');
}
(async () => {
    for (const path of [%s]) await read(path);
})().catch(error => report(error.name));
"""


def test_an_event_source_shows_each_event_and_connects_again(http_server, page):
    events = http_server.stream()
    route = http_server.route('GET', '/events', response_events=events)
    with page(EVENTS) as report:
        assert report() == ['open']
        events.send('sunrise', event='tick', id='7', retry=20)
        assert report() == ['tick', '7', 'sunrise']
        events.send('two\nlines', comment='an event without an id keeps the last one')
        assert report() == ['message', '7', 'two\nlines']
        events.abort('reset')
        # 0 says that the browser tries again.
        assert report() == ['error', 0]
        # It is kept if the browser has not come back yet.
        events.send({'n': 8}, id='8')
        assert report() == ['open']
        assert report() == ['message', '8', '{"n": 8}']
        events.send('', event='bye')
        assert report() == ['closed']
        events.wait_closed(2)
    assert [each.headers.get('Last-Event-ID') for each in route.history] == [None, '7']


def test_a_fetch_gets_each_piece_before_the_next_is_sent(http_server, page):
    streams = [http_server.stream() for _ in range(3)]
    for path, stream in zip(['/plain', '/gzip', '/deflate'], streams):
        coding = {} if path == '/plain' else {'response_content_encoding': path[1:]}
        http_server.route('GET', path, response_content=stream, **coding)
    with page(PIECES % "'/plain', '/gzip', '/deflate'") as report:
        for stream in streams:
            for piece in 'one', u'zw\xf6lf':
                stream.write(piece)
                assert report() == [piece]
            stream.close()
            assert report() == ['end']


def test_a_fetch_of_a_stream_that_is_cut_off_fails(http_server, page):
    stream = http_server.stream()
    http_server.route('GET', '/stream', response_content=stream)
    with page(PIECES % "'/stream'") as report:
        stream.write('one')
        assert report() == ['one']
        stream.abort('disconnect')
        assert report() == ['TypeError']
