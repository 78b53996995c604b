"""The vendors' own libraries, opened by a dependency, as in the lesson."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import anthropic
import openai
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from labsupport import encode

WHY = {"stop": "stop", "end_turn": "stop", "length": "length", "max_tokens": "length"}
BROKEN = "The answer stopped before its end."


class Order(BaseModel):
    dialect: Literal["openai", "anthropic"]
    question: str


async def from_openai(stream):
    why = bill = None
    begun = False
    async for chunk in stream:
        if not begun:
            begun = True
            yield "start", {"id": chunk.id, "model": chunk.model}
        for choice in chunk.choices:
            if choice.delta.content:
                yield "token", {"text": choice.delta.content}
            why = choice.finish_reason or why
        if chunk.usage:
            bill = {"input": chunk.usage.prompt_tokens, "output": chunk.usage.completion_tokens}
    if why:
        if bill:
            yield "usage", bill
        yield "done", {"reason": WHY.get(why, "other")}


async def from_anthropic(stream):
    bill, why = {}, None
    async for event in stream:
        if event.type == "message_start":
            yield "start", {"id": event.message.id, "model": event.message.model}
            usage = event.message.usage
            bill["input"] = usage.input_tokens + (usage.cache_read_input_tokens or 0)
            bill["input"] += usage.cache_creation_input_tokens or 0
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            yield "token", {"text": event.delta.text}
        elif event.type == "message_delta":
            bill["output"] = event.usage.output_tokens
            why = event.delta.stop_reason or why
        elif event.type == "message_stop":
            yield "usage", bill
            yield "done", {"reason": WHY.get(why, "other")}


READ = {"openai": from_openai, "anthropic": from_anthropic}


async def to_the_end(events):
    end = None
    try:
        async for name, fields in events:
            if name == "done":
                end = name, fields
            else:
                yield name, fields
    except Exception:
        logging.getLogger("uvicorn.error").exception("upstream")
    yield end or ("failed", {"message": BROKEN})


def ask(clients, order):
    said = {"model": "soup-1", "messages": [{"role": "user", "content": order.question}]}
    if order.dialect == "openai":
        options = {"include_usage": True}
        create = clients["openai"].chat.completions.create
        return create(stream=True, stream_options=options, **said)
    return clients["anthropic"].messages.create(stream=True, max_tokens=500, **said)


async def upstream(order: Order, request: Request):
    try:
        stream = await ask(request.app.state.clients, order)
    except (openai.APIStatusError, anthropic.APIStatusError) as error:
        if error.status_code != 429:
            raise HTTPException(502, BROKEN) from error
        after = error.response.headers.get("retry-after", "1")
        raise HTTPException(429, "Try again soon.", {"Retry-After": after}) from error
    except Exception as error:
        raise HTTPException(502, BROKEN) from error
    async with stream:
        yield READ[order.dialect](stream)


def create_app(provider_url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app):
        options = {"api_key": "none", "max_retries": 0, "timeout": 30}
        async with (
            openai.AsyncOpenAI(base_url=provider_url + "/v1", **options) as one,
            anthropic.AsyncAnthropic(base_url=provider_url, **options) as other,
        ):
            app.state.clients = {"openai": one, "anthropic": other}
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/chat")
    async def chat(events: Annotated[AsyncIterator, Depends(upstream)]):
        frames = (encode(json.dumps(said), event=name) async for name, said in to_the_end(events))
        return StreamingResponse(frames, media_type="text/event-stream")

    return app
