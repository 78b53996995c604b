"""The bench of the course: serve a stream, record it, explain every byte."""

from .errors import LabError
from .explain import explain
from .proxy import Proxy
from .recorder import race, record
from .script import Script
from .server import Server, serve
from .sse import Decoder, Event, encode
from .timeline import timeline
from .wire import Capture, Ending

__all__ = [
    "Capture",
    "Decoder",
    "Ending",
    "Event",
    "LabError",
    "Proxy",
    "Script",
    "Server",
    "encode",
    "explain",
    "race",
    "record",
    "serve",
    "timeline",
]
