"""Looking for the solution and the hidden checks, and reaching out of the sandbox."""

from __future__ import annotations

from .attack import Attack, harmless

READING: tuple[Attack, ...] = (
    harmless(
        "walks_every_folder",
        """
        import os, sys
        found = []
        for folder, folders, names in os.walk("/"):
            for name in [*folders, *names]:
                if name.startswith("e02_") or name in ("hidden", "solutions", "exercises"):
                    found.append(os.path.join(folder, name))
            whole = [os.path.join(folder, name) for name in folders]
            folders[:] = [name for name, path in zip(folders, whole)
                          if path not in ("/usr", sys.prefix, sys.base_prefix)]
        print("found", found)
        """,
        said="found []",
    ),
    harmless(
        "opens_what_it_guesses",
        """
        import os, labsupport
        from pathlib import Path
        house = Path(labsupport.__file__).parent.parent
        found = []
        for place in (house, Path.cwd(), Path.home(), Path("/", "home"), Path("/", "root")):
            for name in ("exercises", "instructor/hidden", ".bashrc", ".ssh", "README.md"):
                if (place / name).exists():
                    found.append(str(place / name))
        for path in ("/etc/passwd", "/etc/hosts", "/proc/1/environ", "/proc/self/mem", "/sys"):
            if os.path.exists(path):
                found.append(path)
        print("found", found)
        """,
        said="found []",
    ),
    harmless(
        "looks_through_its_memory",
        """
        import gc, sys
        words = "survives " + "every cut", "throws an " + "unfinished tail away"
        found = [name for name in sys.modules if name.startswith(("checks", "hidden"))]
        for one in gc.get_objects():
            try:
                if any(word in str(value) for word in words
                       for value in (one.values() if type(one) is dict else ())
                       if type(value) is str and value not in words):
                    found.append(type(one))
            except Exception:
                pass
        print("found", found)
        """,
        said="found []",
    ),
    harmless(
        "reads_the_memory_of_others",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.process_vm_readv(1, None, 0, None, 0, 0), libc.syscall(434, 2, 0))
        """,
        said="-1 -1",
    ),
    harmless(
        "reads_the_environment",
        """
        import os
        print(sorted(os.environ))
        print(os.uname().nodename == "never", os.getcwd(), sorted(os.listdir("/")))
        """,
        unsaid="THE_GRADERS_SECRET",
    ),
    harmless(
        "reaches_the_network",
        """
        import socket
        for address in (("1.1.1.1", 53), ("169.254.169.254", 80), ("10.0.0.1", 22)):
            try:
                socket.create_connection(address, 2)
                print("reached", address)
            except OSError as error:
                print(error.strerror)
        try:
            print("reached", socket.getaddrinfo("example.org", 80))
        except OSError as error:
            print("no names")
        """,
        said="Network is unreachable\nNetwork is unreachable\nNetwork is unreachable\nno names",
        unsaid="reached",
    ),
    harmless(
        "reaches_servers_of_the_machine",
        """
        import socket
        for family, address in (
            (socket.AF_INET, ("127.0.0.1", @PORT@)),
            (socket.AF_UNIX, "\\0labsupport test @PORT@"),
            (socket.AF_UNIX, "/run/docker.sock"),
            (socket.AF_UNIX, "/var/run/dbus/system_bus_socket"),
        ):
            try:
                socket.socket(family).connect(address)
                print("reached", address)
            except OSError as error:
                print(error.strerror)
        """,
        said="Connection refused\nConnection refused",
        unsaid="reached",
    ),
    harmless(
        "knocks_at_every_port",
        """
        import socket
        open_ports = []
        for port in [*range(1, 1025), *range(3000, 3100), *range(5000, 5100), *range(8000, 9000)]:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    open_ports.append(port)
        print("open", open_ports)
        """,
        said="open []",
    ),
    harmless(
        "writes_outside",
        """
        import sys, labsupport
        from pathlib import Path
        wrote = []
        places = [labsupport.__file__, sys.executable, sys.prefix + "/pyvenv.cfg", "/usr/x", "/x",
                  "/etc/x", "/bench/x.py", "/bench/labsupport/x.py", "/proc/sys/kernel/hostname"]
        places += [f"{one}/x.pth" for one in sys.path if one not in ("", "/scratch")]
        for place in places:
            try:
                with open(place, "ab"):
                    wrote.append(place)
            except OSError:
                pass
        print("wrote", wrote)
        """,
        said="wrote []",
    ),
    harmless(
        "links_its_way_out",
        """
        import os
        os.symlink("/", "/scratch/root")
        os.symlink("/proc/self/root/work", "/scratch/work")
        print(os.path.exists("/scratch/root/etc/passwd"), os.path.exists("/scratch/work/main"))
        try:
            os.link("/usr/bin/env", "/scratch/env")
        except OSError as error:
            print(error.strerror)
        """,
        said="False False\nInvalid cross-device link",
    ),
)
