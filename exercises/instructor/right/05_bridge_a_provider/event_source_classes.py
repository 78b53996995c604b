"""FastAPI's own event stream over httpx-sse: a small class a dialect, and a dependency."""

import json
import logging
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from fastapi.sse import EventSourceResponse, ServerSentEvent
from httpx_sse import EventSource


class Dialect:
    """What one answer has said so far."""

    path = ""
    more = {}
    reasons = {}

    def __init__(self):
        self.put_in, self.put_out, self.reason, self.over = 0, 0, None, False

    def request(self, question):
        said = [{"role": "user", "content": question}]
        return {"model": "soup-1", "stream": True, "messages": said} | self.more

    def ending(self):
        usage = {"input": self.put_in, "output": self.put_out}
        yield "usage", usage
        yield "done", {"reason": self.reasons.get(self.reason, "other")}


class OpenAI(Dialect):
    path = "/v1/chat/completions"
    more = {"stream_options": {"include_usage": True}}
    reasons = {"stop": "stop", "length": "length"}
    begun = False

    def take(self, event):
        if event.data == "[DONE]":
            self.over = True
            yield from self.ending()
            return
        chunk = event.json()
        if not self.begun:
            yield "start", {key: chunk[key] for key in ("id", "model")}
            self.begun = True
        if chunk["usage"]:
            self.put_in = chunk["usage"]["prompt_tokens"]
            self.put_out = chunk["usage"]["completion_tokens"]
        for choice in chunk["choices"]:
            self.reason = choice["finish_reason"]
            if choice["delta"].get("content"):
                yield "token", {"text": choice["delta"]["content"]}


class Anthropic(Dialect):
    path = "/v1/messages"
    more = {"max_tokens": 1000}
    reasons = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}

    def take(self, event):
        handle = getattr(self, event.event, None)
        yield from handle(event.json()) if handle else ()

    def message_start(self, told):
        message = told["message"]
        counts = message["usage"]
        self.put_in = sum(counts[key] for key in counts if key.endswith("input_tokens"))
        yield "start", {"id": message["id"], "model": message["model"]}

    def content_block_delta(self, told):
        if "text" in told["delta"]:
            yield "token", {"text": told["delta"]["text"]}

    def message_delta(self, told):
        self.put_out = told["usage"]["output_tokens"]
        self.reason = told["delta"]["stop_reason"]
        yield from ()

    def message_stop(self, told):
        self.over = True
        yield from self.ending()

    def error(self, told):
        raise RuntimeError(told["error"]["type"])


def create_app(provider_url):
    app = FastAPI()

    async def upstream(order: dict[str, str]):
        talk = {"openai": OpenAI, "anthropic": Anthropic}[order["dialect"]]()
        url, body = provider_url + talk.path, talk.request(order["question"])
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            async with client.stream("POST", url, json=body) as response:
                if response.status_code == 429:
                    headers = {"Retry-After": response.headers.get("retry-after", "5")}
                    raise HTTPException(429, "too many at once", headers)
                if response.is_error or "event-stream" not in response.headers["content-type"]:
                    raise HTTPException(502, "the provider refused")
                yield talk, EventSource(response)

    @app.post("/chat", response_class=EventSourceResponse)
    async def chat(opened: Annotated[tuple, Depends(upstream)]):
        talk, source = opened
        try:
            async for event in source.aiter_sse():
                for name, fields in talk.take(event):
                    yield ServerSentEvent(raw_data=json.dumps(fields), event=name)
        except Exception as error:
            logging.error("provider: %r", error)
            talk.over = False
        if not talk.over:
            said = {"message": "Something broke."}
            yield ServerSentEvent(raw_data=json.dumps(said), event="failed")

    return app
