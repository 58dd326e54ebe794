#!/usr/bin/env python3
"""Hostile clients of every kind at once, until standard input ends: siege.py HOST:PORT IDLE

Prints how often each of them had its way, as JSON. A process of its own, so that it does not slow down whoever
measures.
"""

import asyncio
import collections
import contextlib
import json
import os
import resource
import socket
import sys

HOST, PORT = "", 0
DONE = collections.Counter()
MOVEMENTS = b"POST /tracking/clients/v1/metrics/movements HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = [
    MOVEMENTS + b"Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET,
    MOVEMENTS + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + GET,
    MOVEMENTS + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + GET,
    MOVEMENTS + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + GET,
    MOVEMENTS + b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET,
    MOVEMENTS + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + GET,
    b"GET /healthz\r\n" + GET,
]


async def connected():
    return await asyncio.open_connection(HOST, PORT)


async def until_closed(reader):
    """Reads whatever comes until the server closes; gives the status of the first answer."""
    first = b""
    with contextlib.suppress(OSError):  # closed with a reset
        while piece := await reader.read(65536):
            first = first or piece
    return first[9:12].decode("latin-1")


async def idle():
    reader, _ = await connected()
    await until_closed(reader)


async def dripping(start, drip):
    """Begins well and then sends a byte now and then, for as long as the server puts up with it."""
    reader, writer = await connected()
    writer.write(start)
    closed = asyncio.ensure_future(until_closed(reader))
    while not closed.done():
        writer.write(drip)
        await asyncio.wait([closed], timeout=0.3)
    await closed


async def slow_headers():
    await dripping(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"y")


async def slow_body():
    await dripping(MOVEMENTS + b"X-Api-Key: rv_demo_key_that_everyone_knows\r\nContent-Type: application/json\r\n"
                   b"Content-Length: 5000\r\n\r\n", b" ")


async def never_reading():
    """Asks for far more than the sockets hold and takes none of it; ends when the server has closed."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(link, (HOST, PORT))
    try:
        while True:
            await asyncio.wait_for(loop.sock_sendall(link, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100), 20)
    finally:
        link.close()


async def half_closed():
    reader, writer = await connected()
    writer.write(GET)
    writer.write_eof()
    assert await until_closed(reader) == "200", "a request is answered although its sender has closed his side"
    writer.close()


async def pipelining():
    reader, writer = await connected()
    writer.write(GET * 99 + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert await until_closed(reader) == "200"
    writer.close()


async def header_flood():
    reader, writer = await connected()
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(5000)) + b"\r\n")
    status = await until_closed(reader)
    assert status in ("431", ""), status
    writer.close()


async def smuggling():
    for form in SMUGGLED:
        reader, writer = await connected()
        writer.write(form)
        status = await until_closed(reader)
        assert status[:1] in ("4", "5"), f"{form} was answered {status}"
        writer.close()


async def huge_chunks():
    reader, writer = await connected()
    writer.write(MOVEMENTS + b"X-Api-Key: rv_demo_key_that_everyone_knows\r\nContent-Type: application/json\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\n")
    closed = asyncio.ensure_future(until_closed(reader))
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for _ in range(2000):
        if closed.done():
            break
        writer.write(chunk)
        await writer.drain()
    assert await closed in ("413", ""), "an endless body was taken"


async def tls_garbage():
    reader, writer = await connected()
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(500) + b"\n\n")
    await until_closed(reader)
    writer.close()


async def again_and_again(attack, pause_s):
    while True:
        try:
            await attack()
            DONE[attack.__name__] += 1
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            DONE[attack.__name__] += 1  # the server has ended it: that is how most attacks end
        except AssertionError as wrong:
            DONE[f"wrong: {attack.__name__}: {wrong}"] += 1
        await asyncio.sleep(pause_s)


async def besiege(idle_connections):
    kinds = [(idle, idle_connections, 0.2), (slow_headers, 50, 0.1), (slow_body, 50, 0.1), (never_reading, 20, 0.2),
             (half_closed, 5, 0.05), (pipelining, 3, 0.2), (header_flood, 3, 0.2), (smuggling, 3, 0.1),
             (huge_chunks, 2, 0.3), (tls_garbage, 3, 0.1)]
    attackers = [asyncio.ensure_future(again_and_again(attack, pause_s))
                 for attack, count, pause_s in kinds for _ in range(count)]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for each in attackers:
        each.cancel()
    print(json.dumps(DONE))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    HOST, PORT = sys.argv[1].rsplit(":", 1)
    PORT = int(PORT)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(besiege(int(sys.argv[2])))
