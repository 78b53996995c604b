"""Nothing asynchronous: FastAPI reads a plain function and a plain generator in its threads."""

import json
import logging

import httpx
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from labsupport import Decoder, encode


def create_app(provider_url):
    app = FastAPI()

    @app.post("/chat")
    def chat(order: dict):
        messages = [{"role": "user", "content": order["question"]}]
        body = {"model": "soup-1", "stream": True, "max_tokens": 100, "messages": messages}
        url, read = provider_url + "/v1/messages", anthropic_plates
        if order["dialect"] == "openai":
            url, read = provider_url + "/v1/chat/completions", openai_plates
            body["stream_options"] = {"include_usage": True}
        client = httpx.Client(timeout=30, trust_env=False)
        try:
            response = client.send(client.build_request("POST", url, json=body), stream=True)
            response.raise_for_status()
        except httpx.HTTPStatusError as error:
            client.close()
            if error.response.status_code == 429:
                headers = {"Retry-After": error.response.headers["Retry-After"]}
                return Response("busy", 429, headers)
            return Response("refused", 502)
        except httpx.TransportError:
            client.close()
            return Response("nobody is there", 502)
        return StreamingResponse(
            pour(client, read(plates(response))), media_type="text/event-stream"
        )

    return app


def plates(response):
    decoder = Decoder()
    for piece in response.iter_bytes():
        yield from decoder.feed(piece)


def openai_plates(events):
    reason, first = "other", True
    for event in events:
        if event.data == "[DONE]":
            yield "done", reason
            return
        told = json.loads(event.data)
        if first:
            first = False
            yield "start", dict(id=told["id"], model=told["model"])
        for choice in told["choices"]:
            if choice["delta"].get("content"):
                yield "token", dict(text=choice["delta"]["content"])
            reason = choice["finish_reason"] or reason
        if told["usage"]:
            usage = told["usage"]
            yield "usage", dict(input=usage["prompt_tokens"], output=usage["completion_tokens"])


def anthropic_plates(events):
    put_in = put_out = 0
    reason = "other"
    for event in events:
        told = json.loads(event.data)
        if told["type"] == "message_start":
            usage = told["message"]["usage"]
            put_in = usage["input_tokens"] + usage["cache_read_input_tokens"]
            yield "start", dict(id=told["message"]["id"], model=told["message"]["model"])
        if told["type"] == "content_block_delta" and told["delta"]["type"] == "text_delta":
            yield "token", dict(text=told["delta"]["text"])
        if told["type"] == "message_delta":
            put_out, reason = told["usage"]["output_tokens"], told["delta"]["stop_reason"]
        if told["type"] == "error":
            raise RuntimeError(told["error"])
        if told["type"] == "message_stop":
            yield "usage", dict(input=put_in, output=put_out)
            yield "done", reason


def pour(client, events):
    reasons = {"stop": "stop", "end_turn": "stop", "length": "length", "max_tokens": "length"}
    whole = False
    try:
        for name, fields in events:
            if name == "done":
                whole, fields = True, dict(reason=reasons.get(fields, "other"))
            yield encode(json.dumps(fields), event=name)
    except Exception:
        logging.exception("from the provider")
    finally:
        client.close()
    if not whole:
        yield encode(json.dumps(dict(message="That was not all.")), event="failed")
