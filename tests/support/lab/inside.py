"""The process inside the network: it serves commands, one line each, until its input ends."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from support.lab import messages
from support.lab.client import send
from support.lab.messages import Answer, Arrival, Raw, Reply, Request
from support.lab.network import make_every_address_local
from support.lab.origin import Origin
from support.lab.resolver import Resolver

_AT_ONCE = 8
_ATTEMPTS = 6_000  # of 20 ms each
_WITHOUT_RIGHTS = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


class Proxy:
    """A program in a folder of its own, where its output is a file."""

    def __init__(self, folder: Path, words: tuple[str, ...], files: dict[str, str]) -> None:
        self.folder = folder
        folder.mkdir()
        write(folder, files)
        with (folder / "output.log").open("wb") as output:
            self.process = subprocess.Popen(
                command(folder, words), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=folder,
            )  # fmt: skip

    def wait(self, ports: tuple[int, ...]) -> None:
        """Wait until all ports are listened to; raises StartError."""
        waiting = list(ports)
        for _ in range(_ATTEMPTS):
            waiting = [port for port in waiting if not _listens(port)]
            if not waiting:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        code = self.process.poll()
        self.stop()
        raise messages.StartError(f"exit code {code}, nothing on {waiting}: {self.log()}")

    def log(self) -> str:
        """All of its files that end in .log."""
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()


def command(folder: Path, words: tuple[str, ...]) -> list[str]:
    """The command of a program that runs without rights, in its folder."""
    return [*_WITHOUT_RIGHTS, "--", *(word.replace("@DIR@", str(folder)) for word in words)]


def write(folder: Path, files: dict[str, str]) -> None:
    """Each file in place at once, as a rename makes it."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(place.name + ".new")
        fresh.write_text(text.replace("@DIR@", str(folder)), "utf-8")
        fresh.replace(place)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


class Laboratory:
    """The network with its origin, its resolver, and the programs that run in it."""

    def __init__(self, folder: Path, options: messages.Options) -> None:
        make_every_address_local()
        self._folder = folder
        self._resolver = Resolver(("127.0.0.1", 53))
        self._origin = Origin(options.ports, folder / "origin.pem", self._resolver.name_of)
        self._proxies: dict[str, Proxy] = {}
        self._numbers = itertools.count(1)
        self._unclaimed: list[Arrival] = []

    def do(self, asked: messages.Command) -> Reply:
        """What a command gives."""
        match asked:
            case messages.Send(requests=requests):
                return Reply(answers=self._send(requests))
            case messages.Resolve(names=names, back=back):
                self._resolver.give(names, back)
                return Reply()
            case messages.Questions():
                return Reply(names=self._resolver.questions())
            case messages.Unclaimed():
                unclaimed, self._unclaimed = self._unclaimed, []
                return Reply(arrivals=tuple(unclaimed))
            case messages.Run(words=words, files=files):
                return Reply(finished=self._run(words, files))
            case _:
                return Reply(text=self._steer(asked))

    def stop(self) -> None:
        """End all programs."""
        for proxy in self._proxies.values():
            proxy.stop()

    def _steer(
        self,
        asked: messages.Start | messages.Replace | messages.Signal | messages.Log | messages.Stop,
    ) -> str:
        match asked:
            case messages.Start(name=name, words=words, files=files, ready=ready):
                folder = self._folder / f"{name}{next(self._numbers)}"
                proxy = Proxy(folder, words, files)
                proxy.wait(ready)
                self._proxies[name] = proxy
            case messages.Replace(name=name, files=files):
                write(self._proxies[name].folder, files)
            case messages.Signal(name=name, signal=word):
                self._proxies[name].process.send_signal(signal.Signals[f"SIG{word}"])
            case messages.Log(name=name):
                return self._proxies[name].log()
            case messages.Stop(name=name):
                proxy = self._proxies.pop(name)
                proxy.stop()
                log = proxy.log()
                shutil.rmtree(proxy.folder)
                return log
        return ""

    def _run(self, words: tuple[str, ...], files: dict[str, str]) -> messages.Finished:
        folder = self._folder / f"run{next(self._numbers)}"
        folder.mkdir()
        write(folder, files)
        done = subprocess.run(
            command(folder, words), cwd=folder, check=False, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return messages.Finished(done.returncode, done.stdout)

    def _send(self, requests: tuple[Request, ...]) -> tuple[Answer, ...]:
        """Requests with tokens side by side, then each raw one by itself."""
        numbered = [(f"t{next(self._numbers)}", request) for request in requests]
        marked = [(token, request) for token, request in numbered if not isinstance(request, Raw)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            received = dict(
                zip(
                    [token for token, _ in marked],
                    pool.map(lambda pair: send(pair[1], pair[0]), marked),
                    strict=True,
                )
            )
        reached = self._by_token()
        for token, request in numbered:
            if isinstance(request, Raw):
                received[token] = send(request, token)
                reached[token] = self._everything()
        return tuple(
            msgspec.structs.replace(received[token], reached=tuple(reached.get(token, ())))
            for token, _ in numbered
        )

    def _by_token(self) -> dict[str, list[Arrival]]:
        found: dict[str, list[Arrival]] = {}
        record = self._origin.take()
        for token, arrival in record.requests:
            found.setdefault(token, []).append(arrival)
        self._unclaimed += [
            connection.place for connection in record.connections if not connection.used
        ]
        return found

    def _everything(self) -> list[Arrival]:
        record = self._origin.take()
        connections = [connection.place for connection in record.connections]
        return [*connections, *(arrival for _, arrival in record.requests)]


def _certificate(folder: Path, names: tuple[str, ...]) -> str:
    """Make the origin's key and the certificate that it signs itself; give the certificate."""
    names_text = ",".join(f"DNS:{name}" for name in names)
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-x509"]
    subject = ["-subj", "/CN=origin", "-addext", f"subjectAltName={names_text}"]
    files = ["-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(
        ["openssl", "req", *made, *subject, *files], cwd=folder, check=True, capture_output=True
    )
    certificate = (folder / "certificate.pem").read_text()
    (folder / "origin.pem").write_text((folder / "key.pem").read_text() + certificate)
    return certificate


def _own_mounts(folder: Path) -> None:
    """Shared memory and a resolver of our own: Squid has fixed names in the one, reads the other."""
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    for words in (
        ["-t", "tmpfs", "tmpfs", "/dev/shm"],  # noqa: S108 - it is mounted over
        ["--bind", str(folder / "resolv.conf"), os.path.realpath("/etc/resolv.conf")],
    ):
        subprocess.run(["mount", *words], check=True, capture_output=True)


def _serve(folder: Path) -> None:
    options = msgspec.json.decode(sys.argv[1], type=messages.Options)
    certificate = _certificate(folder, options.certified)
    _own_mounts(folder)
    laboratory = Laboratory(folder, options)
    _write_line(messages.Hello(certificate))
    decoder = msgspec.json.Decoder(messages.Command)
    try:
        for line in sys.stdin:
            _write_line(_reply(laboratory, decoder.decode(line)))
    finally:
        laboratory.stop()


def _reply(laboratory: Laboratory, asked: messages.Command) -> Reply:
    try:
        return laboratory.do(asked)
    except Exception as error:  # noqa: BLE001 - the caller raises it
        return Reply(failed=f"{type(error).__name__}: {error}")


def _write_line(value: messages.Hello | Reply) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Serve until the caller is gone, in whatever way, and leave no folder behind."""
    folder = Path(tempfile.mkdtemp(prefix="egress-lab-"))
    try:
        _serve(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
