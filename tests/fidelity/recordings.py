"""The recordings of the real programs, and how to read others in the same form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .judge import Recording
from .scenario import scenario

MEASURED = Path(__file__).with_name("measured.jsonl")


def read(path: Path = MEASURED) -> list[Recording]:
    """All recordings of a file.

    Arguments:
        path: one JSON object a line, or one object with a list `records`, whose fields are those
            that `of` reads.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [of(json.loads(line)) for line in text.splitlines() if line.strip()]
    return [of(record) for record in json.loads(text)["records"]]


def of(record: dict[str, Any]) -> Recording:
    """One recording. `bursts` is a list of [ms, bytes], or of bytes."""
    bursts = [burst[1] if isinstance(burst, list) else burst for burst in record["bursts"]]
    ends = record.get("end_kinds") or [record["end_kind"]]
    return Recording(
        config=record["config_name"],
        scenario=record["scenario"],
        group=record["group"].partition(" ")[0],
        s=scenario(record["scenario"], record["params"], record["opts"]),
        kind=record["class"],
        first=record["ttft_ms"],
        sizes=tuple(bursts),
        count=record["n_bursts"],
        end=record["end_kind"],
        status=record["status"],
        framing=record["framing"],
        received=record["tokens_received"],
        wasted=record["tokens_wasted"],
        varies=not record.get("class_stable", True) or len(set(ends)) > 1,
    )
