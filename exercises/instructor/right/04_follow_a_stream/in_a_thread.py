"""The standard library's client, in a thread of its own."""

import asyncio
import http.client
import time
from urllib.parse import urlsplit

from labsupport import Decoder


def in_thread(url):
    where, tokens, last_id, retry = urlsplit(url), [], None, 3000
    while True:
        decoder = Decoder()
        connection = http.client.HTTPConnection(where.netloc, timeout=30)
        try:
            headers = {} if last_id is None else {"Last-Event-ID": last_id}
            connection.request("GET", where.path, headers=headers)
            response = connection.getresponse()
            if response.status == 204:
                return tokens
            if response.status != 200:
                raise LookupError(f"{response.status} {response.reason}")
            if response.headers.get_content_type() != "text/event-stream":
                raise LookupError(response.headers.get_content_type())
            while chunk := response.read1():
                for event in decoder.feed(chunk):
                    if event.event == "token":
                        tokens.append(event.data)
                    elif event.event == "done":
                        return tokens
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        last_id = decoder.last_event_id or last_id
        retry = decoder.retry or retry
        time.sleep(retry / 1000)


async def follow(url):
    return await asyncio.to_thread(in_thread, url)
