r"""A laboratory for egress proxies: the real Squid and the real Envoy in a network of their own.

    with laboratory(SQUID, ports=(80, 443)) as lab:     # skips the test where Squid is missing
        lab.resolve({"meta.one.test": ["169.254.169.254"]})
        with lab.running(SQUID, {"squid.conf": text}, ready=(20001,)) as program:
            answers = lab.send([
                Tunnel(20001, "api.one.test:443"),
                Plain(20001, "http://api.one.test/v1/items", method="HEAD"),
                Raw(20001, "GET http://api.one.test/ HTTP/1.0\r\n\r\n"),
            ])
            answers[0].places      # (("api.one.test", 443),), or () where nothing was reached
            program.replace({"lists/shop.yaml": other})
            program.signal("HUP")
            program.log()
        lab.run(SQUID, {"squid.conf": text})            # its own check: exit code and output

In that network every address is this machine.
Each name below `.test` has an address of its own unless `resolve` gives others, so that what the
origin records (address and port of every connection, tokens of every request) tells which host was
reached: an answer is what the origin saw, and the status is beside it for people.
`lab.unclaimed()` are connections that no answer has, such as one that a proxy opened and then
refused; `lab.questions()` what the resolver was asked.
`@DIR@` in files and commands is the program's folder, where it may write.
Programs run as a user without rights, on ports from 1024; the origin and the resolver have the
real ones (80, 443, 53) and are what `/etc/resolv.conf` names.
Nothing listens outside, and when the block ends, however it ends, the kernel ends all of it.
"""

from support.lab.lab import Lab, Running, laboratory
from support.lab.messages import Answer, Arrival, Direct, Plain, Raw, Request, StartError, Tunnel
from support.lab.programs import ENVOY, SQUID, Program

__all__ = [
    "ENVOY",
    "SQUID",
    "Answer",
    "Arrival",
    "Direct",
    "Lab",
    "Plain",
    "Program",
    "Raw",
    "Request",
    "Running",
    "StartError",
    "Tunnel",
    "laboratory",
]
