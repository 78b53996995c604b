"""A path to a verdict: does it stream, what holds it, what to change.

    finding = probe("https://example.org/chat", json={"prompt": "hi", "stream": True})
    finding.verdict, finding.cause, finding.next

Rule 1: bytes and shares decide, not short times; a slow model is no hold.
Rule 2: what one capture cannot tell is called `cannot tell`, with what would.
Rule 3: headers that name a program support the evidence and never replace it.

Verdicts: `streamed`; `held until N bytes`, `held until the end`, `held in lumps`, `held longer
than we waited`, `corked for about 200 ms`, `corked until a TCP segment is full`, `compressed and
held`, `replayed from a cache`, `cut off after N s`, `timed out after N s`; `not streamed by the
app`, `no stream`, `no answer`, `cannot tell`.

`--json` and `Finding.as_dict()` have these keys, always all of them:

    verdict     one of the above
    streamed    true only if proven
    held        true, false, or null where it cannot be told
    culprit     nginx-buffering, haproxy-cork, ... (see `culprits.CULPRITS`, `endings.NAMES`), or ""
    cause, next           words
    evidence              list of words
    candidates            list of {culprit, cause, evidence, change}, the likeliest first
    seen        numbers of the first capture, times in seconds from the request: url, status,
                headers, path, framing, encoding, first_byte, head, first_event, last_byte, events,
                bursts (list of {at, bytes, events}), comments, heartbeat, ending, ended_at, note
"""

from .asking import probe
from .culprits import CULPRITS, Candidate
from .finding import Finding
from .observe import Seen, observe
from .verdict import judge

__all__ = ["CULPRITS", "Candidate", "Finding", "Seen", "judge", "observe", "probe"]
