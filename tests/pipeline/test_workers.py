"""Work that is shared out gives what it gives in one process, errors included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from support import needs
from support.policy_repository import contents, copy_example, edit, run
from support.review.diffed_example import AS_OF, organisation
from transire.model.problems import (
    HelmFailed,
    Position,
    Problem,
    ProcessKilled,
    Rejected,
    Unjudgeable,
)
from transire.pipeline.workers import Workers

TWO = Workers(processes=2)


def squares(numbers: Sequence[int]) -> list[tuple[int, int]]:
    return [(each * each, os.getpid()) for each in numbers]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_answers_come_in_the_order_of_what_was_asked(count: int) -> None:
    answers = TWO.map(squares, list(range(count)))

    assert [each for each, _ in answers] == [each * each for each in range(count)]
    assert os.getpid() not in {process for _, process in answers}
    assert len({process for _, process in answers}) == min(count, 2)


def test_this_process_may_do_something_else_meanwhile() -> None:
    answers = TWO.start(squares, [1, 2, 3])
    here = squares([4])

    assert [each for each, _ in (*here, *answers())] == [16, 1, 4, 9]


LEFT_BEHIND = """
import os, signal
from transire.pipeline.workers import Workers

here, there = os.pipe()

def endless(items):
    os.write(1, b"%d\\n" % os.getpid())  # in one piece, whatever the buffering
    os.write(there, b".")
    while True:
        signal.pause()

Workers(processes=2).start(endless, [1, 2])
os.read(here, 1), os.read(here, 1)
"""


def test_processes_whose_answers_nobody_wants_end_with_this_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT_BEHIND], capture_output=True, text=True, timeout=300, check=True
    )
    started = [int(each) for each in done.stdout.split()]

    assert len(started) == 2
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_without_processes_the_work_is_done_here() -> None:
    assert Workers().map(squares, [3]) == [(9, os.getpid())]


ERRORS = (
    HelmFailed("helm said no"),
    Unjudgeable("CiliumNetworkPolicy a/b", "/spec", "it is not modelled"),
    Rejected([Problem(at=Position(path="a.yaml", line=1), id="x", message="m", help="h")]),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: type(each).__name__)
def test_what_stops_a_process_stops_this_one_in_the_same_words(error: Exception) -> None:
    def stop(_: Sequence[int]) -> Sequence[int]:
        raise error

    with pytest.raises(type(error)) as failed:
        TWO.map(stop, [1, 2])

    assert (str(failed.value), vars(failed.value)) == (str(error), vars(error))


def test_a_fault_of_our_own_shows_where_it_is() -> None:
    def wrong(_: Sequence[int]) -> Sequence[int]:
        raise KeyError("not there")

    with pytest.raises(RuntimeError, match=r"Traceback[\s\S]*KeyError: 'not there'"):
        TWO.map(wrong, [1])


def test_a_process_that_dies_is_no_answer() -> None:
    def die(_: Sequence[int]) -> Sequence[int]:
        os._exit(0)

    with pytest.raises(RuntimeError, match="a process failed: it ended without a result"):
        TWO.map(die, [1, 2, 3])


def test_a_process_that_the_system_ends_is_an_error_of_the_run() -> None:
    def die(_: Sequence[int]) -> Sequence[int]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    with pytest.raises(ProcessKilled) as failed:
        TWO.map(die, [1, 2, 3])

    expected = (
        "a process that shared the work was ended by SIGKILL, as the system does where memory runs "
        "out; run the command again, with more memory where that stays so"
    )
    assert (failed.value.exit_code, str(failed.value)) == (4, expected)


ALWAYS = """
import os, signal
import transire.pipeline.workers as workers
workers.Workers.fitting.__func__.__kwdefaults__["enough"] = 1
os.sched_getaffinity = lambda _: {0, 1}
"""
KILLED = f"""
{ALWAYS}
workers._send_all = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from transire.cli import main
main()
"""


@pytest.mark.slow("long runs in a repository")
@pytest.mark.skipif(sys.platform != "linux", reason=needs.FORK)
def test_a_run_whose_process_the_system_ends_writes_nothing(tmp_path: Path) -> None:
    root = copy_example(tmp_path)
    before = contents(root)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, "generate"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.count("\n")) == (4, 1), done.stderr
    assert contents(root) == before


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_stream_of_answers_keeps_the_order(count: int) -> None:
    answers = list(TWO.stream(lambda each: (each * each, os.getpid()), list(range(count))))

    assert [each[0] for each in answers if each] == [each * each for each in range(count)]
    assert len({each[1] for each in answers if each} | {os.getpid()}) == 1 + min(count, 2)


def test_a_stream_says_which_items_were_not_answered() -> None:
    def work(item: int) -> int:
        if item == 1:
            raise KeyError("not there")
        if item == 4:
            os._exit(0)
        return item

    assert list(TWO.stream(work, list(range(8)))) == [0, None, 2, 3, None, 5, None, 7]


def test_a_stream_that_is_left_ends_its_processes() -> None:
    stream = TWO.stream(lambda _: (os.getpid(), "x" * 1_000_000), [1] * 20)
    first, second = next(stream), next(stream)
    assert isinstance(stream, Generator)
    stream.close()

    for each in (first, second):
        assert each is not None
        with pytest.raises(ProcessLookupError):
            os.kill(each[0], 0)


LEFT = """
import os, signal
from transire.pipeline.workers import Workers
stream = Workers(processes=2).stream(lambda _: (os.getpid(), "x" * 1_000_000), [1] * 20)
print(next(stream)[0], next(stream)[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason=needs.FORK)
def test_processes_end_where_who_asked_is_gone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT], capture_output=True, text=True, check=False, timeout=300
    )

    # Both pipes were at an end before `run` came back: what the processes hold is closed.
    assert (done.returncode, done.stderr, len(done.stdout.split())) == (-9, "", 2)


def test_processes_are_only_started_where_they_are_worth_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    monkeypatch.delitem(sys.modules, "helm_python", raising=False)
    monkeypatch.setattr(threading, "active_count", lambda: 1)

    assert Workers.fitting(1000).processes == 3
    assert Workers.fitting(10).processes == 0
    assert Workers.fitting(10, enough=10).processes == 3
    monkeypatch.setitem(sys.modules, "helm_python", os)
    assert Workers.fitting(1000).processes == 0


SHARED = f"""
{ALWAYS}
from transire.cli import main
main()
"""


@pytest.mark.slow("long runs in a repository")
@pytest.mark.skipif(sys.platform != "linux", reason=needs.FORK)
def test_shared_work_finds_what_one_process_finds(tmp_path: Path) -> None:
    root = organisation(tmp_path)
    edit(root, "charts/egress-policy/templates/kubernetes.yaml", "- Egress", "- Ingress")
    edit(root, "values/teams/payments.yaml", "files.stripe.com]", "files.stripe.com, a.example]")
    words = ("check", "--base", "main", "--as-of", str(AS_OF))

    alone = run(root, *words)
    shared = subprocess.run(
        [sys.executable, "-W", "error", "-c", SHARED, *words],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "(not-proved)" in alone.out
    assert (alone.code, alone.out) == (shared.returncode, shared.stdout), shared.stderr
