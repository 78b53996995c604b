"""What is left running, and what is left lying about. The answers themselves are right."""

from __future__ import annotations

from .attack import Attack, harmless

LASTING: tuple[Attack, ...] = (
    harmless(
        "leaves_a_server",
        """
        import threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        from fastapi import FastAPI
        from labsupport import serve
        kept = serve(FastAPI())
        one = ThreadingHTTPServer(("0.0.0.0", 18765), BaseHTTPRequestHandler)
        threading.Thread(target=one.serve_forever).start()
        """,
    ),
    harmless(
        "leaves_a_grandchild",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.closerange(0, 256)
                time.sleep(600)
            os._exit(0)
        os.wait()
        """,
    ),
    harmless(
        "leaves_programs",
        """
        import subprocess
        for _ in range(5):
            subprocess.Popen(
                "setsid sleep 600 & nohup sleep 600 & disown -a; trap '' TERM; sleep 600",
                shell=True, start_new_session=True, executable="/bin/bash")
        """,
    ),
    harmless(
        "leaves_threads_that_nobody_can_end",
        """
        import threading, time
        def stay():
            while True:
                try:
                    time.sleep(600)
                except BaseException:
                    pass
        for _ in range(20):
            threading.Thread(target=stay).start()
        import atexit
        atexit.register(stay)
        """,
    ),
    *(
        harmless(
            f"leaves_word_for_the_next_{number}",
            """
            import os
            places = ("scratch", "dev/shm", "", "bench", "dev", "tmp", "proc", "dev/mqueue")
            places = [f"/{place}/word" for place in places]
            print("found", [place for place in places if os.path.exists(place)])
            for place in places:
                try:
                    with open(place, "w") as file:
                        file.write("the answer is")
                except OSError:
                    pass
            import socket
            one = socket.socket(socket.AF_UNIX)
            one.bind("\\0word")
            one.listen()
            """
            + f"# {number}\n",
            said="found []",
        )
        for number in range(3)
    ),
)
