"""Keep what uvicorn and asyncio say in one thread, and keep it off the screen.

Rule: their loggers belong to the whole process, so levels, handlers and `propagate` stay as they
    are; a filter takes the records of our thread away and leaves all others alone.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections import deque

SHARED_LOGGERS = ("uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio")

# The lists of filters are replaced, not changed: another server's thread may be walking one now,
# and removeFilter() would make it skip its own.
_changing = threading.Lock()


class Hush:
    """A logging filter for the thread between `begin` and `end`.

    Arguments:
        lines: where the records go, as text.
        echo: True also writes the lines about requests to stderr.

    Attributes:
        access: the logger to give to uvicorn for its lines about requests. It is not in logging's
            registry, so its level is nobody else's business.
    """

    def __init__(self, lines: deque[str], echo: bool) -> None:
        self.lines, self.echo, self.thread = lines, echo, 0
        self.access = logging.Logger("access", logging.INFO)
        self.access.addFilter(self)

    def begin(self) -> None:
        """From now on, take what this thread says."""
        self.thread = threading.get_ident()
        with _changing:
            for logger in map(logging.getLogger, SHARED_LOGGERS):
                logger.filters = [*logger.filters, self]

    def end(self) -> None:
        """Leave the loggers as they were found."""
        with _changing:
            for logger in map(logging.getLogger, SHARED_LOGGERS):
                logger.filters = [one for one in logger.filters if one is not self]

    def filter(self, record: logging.LogRecord) -> bool:
        """True, to let it pass, for other threads' records."""
        if threading.get_ident() != self.thread:
            return True
        text = record.getMessage().strip()
        if record.name == "access":  # without the client's port, which is never the same
            text = text.partition(" - ")[2]
            if self.echo:
                sys.stderr.write(text + "\n")
        elif record.exc_info:
            if isinstance(record.exc_info[1], asyncio.CancelledError | GeneratorExit):
                return False  # that is how a server stops its streams: no news
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        self.lines.append(text)
        return False
