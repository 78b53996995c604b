"""Bombs: processes, threads, memory, files, output."""

from __future__ import annotations

from .attack import Attack, harmless, worthless

FLOODING: tuple[Attack, ...] = (
    worthless(
        "forks_for_ever",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        state="crashed",
        note="processes and threads",
    ),
    worthless(
        "threads_for_ever",
        """
        import threading, time
        while True:
            try:
                threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
            except RuntimeError:
                pass
        """,
        state="crashed",
        note="processes and threads",
    ),
    worthless(
        "eats_memory",
        """
        held = []
        while True:
            held.append(bytearray(b"x") * 10_000_000)
        """,
        state="crashed",
        note="MB of memory",
    ),
    worthless(
        "eats_memory_in_children",
        """
        import os, time
        for _ in range(20):
            if os.fork() == 0:
                held = bytearray(b"x") * 100_000_000
                time.sleep(600)
        time.sleep(600)
        """,
        state="crashed",
        note="MB of memory",
    ),
    worthless(
        "asks_for_a_terabyte",
        "held = bytearray(10**12)",
        note="MemoryError",
        answer="",
    ),
    worthless(
        "fills_the_disk",
        """
        for number in range(1000):
            with open(f"/scratch/{number}", "wb") as file:
                file.write(b"x" * 10_000_000)
        """,
        note="No space left",
        answer="",
    ),
    harmless(
        "fills_every_place",
        """
        import os
        wrote = {}
        for place in ("scratch", "dev/shm", "dev", "tmp", "var/tmp", "run", "", "bench"):
            wrote[place] = 0
            try:
                for number in range(100):
                    with open(f"/{place}/{number}", "wb", buffering=0) as file:
                        wrote[place] += file.write(b"x" * 1_000_000)
            except OSError as error:
                pass
        print({place: size for place, size in wrote.items() if size > 32_000_000})
        print("of no use:", sorted(place for place, size in wrote.items() if not size))
        for place in ("/scratch", "/dev/shm"):
            for name in os.listdir(place):
                os.unlink(f"{place}/{name}")
        """,
        said="{}\nof no use: ['', 'bench', 'dev', 'run', 'tmp', 'var/tmp']",
    ),
    worthless(
        "writes_one_endless_file",
        """
        with open("/scratch/x", "wb") as file:
            while True:
                file.write(b"x" * 1_000_000)
        """,
        note="File too large",
        answer="",
    ),
    harmless(
        "makes_a_million_files",
        """
        try:
            for number in range(10**6):
                open(f"/scratch/{number}", "wb").close()
        except OSError as error:
            print(number < 5000, error.strerror)
        """,
        said="True No space left on device",
    ),
    harmless(
        "opens_a_million_files",
        """
        held = []
        try:
            while True:
                held.append(open("/dev/null"))
        except OSError as error:
            print(len(held) < 256, error.strerror)
        del held[:]
        """,
        said="True Too many open files",
    ),
    harmless(
        "hides_memory_in_the_kernel",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        def refused(call, *args):
            try:
                return getattr(os, call)(*args)
            except OSError as error:
                return error.strerror
        print(refused("memfd_create", "x"), libc.shmget(0, 1 << 30, 0o1600), libc.msgget(0, 0o1600))
        print(libc.syscall(425, 8, 0), libc.syscall(248, b"user", b"x", b"x", 1, -3))
        """,
        said="Operation not permitted -1 -1\n-1 -1",
    ),
    harmless(
        "makes_a_world_of_its_own",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.unshare(0x10000000), libc.unshare(0x20000), libc.setns(3, 0))
        print(libc.mount(b"tmpfs", b"/scratch", b"tmpfs", 0, None), libc.umount2(b"/proc", 2))
        print(libc.chroot(b"/scratch"), libc.syscall(56, 0x10000011, 0, 0, 0, 0))
        """,
        said="-1 -1 -1\n-1 -1\n-1 -1",
    ),
    worthless(
        "prints_for_ever",
        """
        while True:
            print("full marks " * 100)
        """,
        state="flooded",
        note="bytes printed",
    ),
    worthless(
        "prints_for_ever_when_called",
        "",
        state="flooded",
        note="bytes printed",
        answer="def decode(chunks):\n    while True:\n        print('x' * 10000)\n",
    ),
    worthless(
        "prints_past_python",
        "import os\nwhile True: os.write(2, b'\\x00\\xff' * 30000)",
        state="flooded",
        note="bytes printed",
    ),
    worthless(
        "yields_for_ever",
        "",
        answer="def decode(chunks):\n    while True:\n        yield Event('x')\n",
        note="dispatches on a blank line",
    ),
    worthless(
        "gives_back_ten_megabytes",
        "",
        answer="def decode(chunks):\n    return 'x' * 10_000_000\n",
        note="at most 4000000 bytes",
    ),
)
