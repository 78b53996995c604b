"""A generator for each dialect, and one that gives every stream its one ending."""

import json
import logging
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse

from labsupport import Decoder, encode

REASONS = {"stop": "stop", "end_turn": "stop", "length": "length", "max_tokens": "length"}


def ask(dialect, question):
    said = {"model": "soup-1", "messages": [{"role": "user", "content": question}]}
    if dialect == "openai":
        options = {"include_usage": True}
        return "/v1/chat/completions", said | {"stream": True, "stream_options": options}
    return "/v1/messages", said | {"stream": True, "max_tokens": 500}


async def from_openai(events):
    begun, reason, bill = False, None, None
    async for event in events:
        if event.data == "[DONE]":
            yield "usage", bill
            yield "done", {"reason": REASONS.get(reason, "other")}
            return
        chunk = json.loads(event.data)
        if "error" in chunk:
            raise RuntimeError(chunk["error"]["message"])
        if not begun:
            begun = True
            yield "start", {"id": chunk["id"], "model": chunk["model"]}
        for choice in chunk["choices"]:
            if text := choice["delta"].get("content"):
                yield "token", {"text": text}
            reason = choice["finish_reason"] or reason
        if usage := chunk.get("usage"):
            bill = {"input": usage["prompt_tokens"], "output": usage["completion_tokens"]}


async def from_anthropic(events):
    bill, reason = {}, None
    async for event in events:
        told = json.loads(event.data)
        kind = told["type"]
        if kind == "message_start":
            message = told["message"]
            yield "start", {"id": message["id"], "model": message["model"]}
            usage = message["usage"]
            kinds = "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"
            bill["input"] = sum(usage[kind] for kind in kinds)
        elif kind == "content_block_delta" and told["delta"]["type"] == "text_delta":
            yield "token", {"text": told["delta"]["text"]}
        elif kind == "message_delta":
            bill["output"] = told["usage"]["output_tokens"]
            reason = told["delta"]["stop_reason"]
        elif kind == "message_stop":
            yield "usage", bill
            yield "done", {"reason": REASONS.get(reason, "other")}
            return
        elif kind == "error":
            raise RuntimeError(told["error"]["message"])


async def decoded(response):
    decoder = Decoder()
    async for chunk in response.aiter_bytes():
        for event in decoder.feed(chunk):
            yield event


def frame(name, fields):
    return encode(json.dumps(fields), event=name)


async def frames(events):
    end = None
    try:
        async for name, fields in events:
            if name == "done":
                end = name, fields
            else:
                yield frame(name, fields)
        if end is None:
            raise RuntimeError("the stream has no ending")
    except Exception as error:
        logging.warning("upstream: %r", error)
        end = "failed", {"message": "The answer broke off."}
    yield frame(*end)


def create_app(provider_url):
    @asynccontextmanager
    async def lifespan(app):
        async with httpx.AsyncClient(trust_env=False, timeout=30) as app.state.client:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/chat")
    async def chat(order: dict[str, str]):
        path, body = ask(order["dialect"], order["question"])
        client = app.state.client
        request = client.build_request("POST", provider_url + path, json=body)
        response = await client.send(request, stream=True)
        if response.status_code != 200:
            await response.aclose()
            if response.status_code == 429:
                headers = {"Retry-After": response.headers.get("retry-after", "1")}
                raise HTTPException(429, "Come again.", headers)
            raise HTTPException(502, "The kitchen has failed us.")
        read = from_openai if order["dialect"] == "openai" else from_anthropic
        return StreamingResponse(pour(response, read), media_type="text/event-stream")

    async def pour(response, read):
        try:
            async for one in frames(read(decoded(response))):
                yield one
        finally:
            await response.aclose()

    return app
