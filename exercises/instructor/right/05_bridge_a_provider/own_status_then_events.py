"""Bare httpx and the bench's decoder; the stream is opened in the endpoint, closed in `finally`."""

import json
import logging
from contextlib import asynccontextmanager

import httpx
from fastapi import Body, FastAPI, HTTPException
from fastapi.responses import StreamingResponse

from labsupport import Decoder, encode

REASONS = {"stop": "stop", "end_turn": "stop", "length": "length", "max_tokens": "length"}


class Failure(Exception):
    pass


async def decoded(response):
    decoder = Decoder()
    async for chunk in response.aiter_raw():
        for event in decoder.feed(chunk):
            yield event


async def openai_chat(events):
    begun, reason, usage = False, None, None
    async for event in events:
        if event.data == "[DONE]":
            yield "usage", usage
            yield "done", {"reason": REASONS.get(reason, "other")}
            return
        chunk = json.loads(event.data)
        if "error" in chunk:
            raise Failure(chunk["error"])
        if not begun:
            begun = True
            yield "start", {"id": chunk["id"], "model": chunk["model"]}
        for choice in chunk["choices"]:
            if text := choice["delta"].get("content"):
                yield "token", {"text": text}
            reason = choice["finish_reason"] or reason
        if counts := chunk.get("usage"):
            usage = {"input": counts["prompt_tokens"], "output": counts["completion_tokens"]}


async def anthropic_messages(events):
    counts, reason = {}, None
    async for event in events:
        told = json.loads(event.data)
        match event.event:
            case "message_start":
                message = told["message"]
                counts.update(message["usage"])
                yield "start", {"id": message["id"], "model": message["model"]}
            case "content_block_delta":
                if told["delta"]["type"] == "text_delta":
                    yield "token", {"text": told["delta"]["text"]}
            case "message_delta":
                counts.update(told["usage"])
                reason = told["delta"]["stop_reason"]
            case "message_stop":
                parts = "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"
                put_in = sum(counts.get(part) or 0 for part in parts)
                yield "usage", {"input": put_in, "output": counts["output_tokens"]}
                yield "done", {"reason": REASONS.get(reason, "other")}
                return
            case "error":
                raise Failure(told["error"])


def request_for(dialect, question):
    common = {
        "model": "soup-1",
        "stream": True,
        "messages": [{"role": "user", "content": question}],
    }
    if dialect == "openai":
        return "/v1/chat/completions", common | {"stream_options": {"include_usage": True}}
    return "/v1/messages", common | {"max_tokens": 500}


async def relay(response, read):
    ended = False
    try:
        if not response.headers["content-type"].startswith("text/event-stream"):
            raise Failure("no stream")
        async for name, fields in read(decoded(response)):
            ended = name == "done"
            yield encode(json.dumps(fields), event=name)
        if not ended:
            raise Failure("no ending")
    except Exception as error:
        logging.warning("upstream: %r", error)
        yield encode(json.dumps({"message": "The answer broke off. Sorry."}), event="failed")
    finally:
        await response.aclose()


def create_app(provider_url):
    @asynccontextmanager
    async def lifespan(app):
        async with httpx.AsyncClient(base_url=provider_url, trust_env=False) as app.state.client:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/chat")
    async def chat(dialect: str = Body(), question: str = Body()):
        client = app.state.client
        path, body = request_for(dialect, question)
        try:
            response = await client.send(client.build_request("POST", path, json=body), stream=True)
        except httpx.HTTPError as error:
            raise HTTPException(502, "The kitchen is closed.") from error
        if response.status_code != 200:
            await response.aclose()
            if response.status_code != 429:
                raise HTTPException(502, "The kitchen cannot.")
            after = response.headers.get("retry-after")
            raise HTTPException(429, "Come again.", {"Retry-After": after} if after else None)
        read = openai_chat if dialect == "openai" else anthropic_messages
        return StreamingResponse(relay(response, read), media_type="text/event-stream")

    return app
