"""The bench in a test: `sscard serve --api`, and requests to it. Nothing but Python is needed."""

import json
import os
import subprocess
import urllib.error
import urllib.request

READER = "Virtual PCD 00 00"


class Bench:
    """Slot 0 of a bench that ends with the test."""

    def __init__(self, *cards, program=None):
        program = program or os.environ.get("SSCARD", "sscard")
        # --wait-ready: the line `ready` comes when pcscd has seen the card.
        command = [program, "serve", "--quiet", "--api", "127.0.0.1:0", "--wait-ready", *cards]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.address = None
        for line in self.process.stdout:
            if line.startswith("api "):
                self.address = line.split()[1].rstrip("/")
            if line.strip() == "ready":
                break
        if self.address is None:
            raise RuntimeError(f"sscard serve ended with {self.process.wait()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def ask(self, method, path, body=None):
        """A request to slot 0; the answer's JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}/api/v1/slots/0{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def faults(self, *faults):
        return self.ask("PUT", "/faults", {"faults": list(faults)})

    def clear(self):
        return self.ask("DELETE", "/faults")

    def commands(self):
        """What the reader program has sent, in hexadecimal."""
        events = self.ask("GET", "/exchanges")["events"]
        return [event["command"] for event in events if event["ev"] == "apdu"]

    def eject(self):
        """Takes the card out, which frees whoever waits for it."""
        if self.ask("GET", "")["card"] is not None:
            self.ask("POST", "/eject")

    def insert(self):
        """Puts it in again."""
        self.ask("POST", "/insert")
        # The driver has seen it; pcscd looks two or three times a second.
        self.ask("POST", "/wait", {"for": "ready", "timeout_ms": 20000})
