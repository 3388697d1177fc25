"""How fast messages are taken in, handled and acted on: python -m benchmarks.ingest."""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import uvloop
from msgspec.json import decode, encode
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.load import PATH, TOKEN, Api, Load, Posted, Run, request
from benchmarks.process import Server, set_up, until
from benchmarks.report import Report
from benchmarks.traffic import SECRET, SELF_ID, Kind, Traffic

MOST_A_SECOND = 9_000
"""Calls made ready for one second of a closed loop."""

MANY_ADS = 0.2
"""At 30 events a second, so that there are enough recalls to speak of."""

KILLED_AFTER = 3.0
ACTIONS_WITHIN = 15.0


class Bench:
    """One server, one platform, and the runs between them."""

    def __init__(self, folder: Path, seconds: float, connections: int, groups: int) -> None:
        self.folder, self.seconds, self.connections = folder, seconds, connections
        self.traffic = Traffic(groups)
        self.feed = iter(self.traffic)
        self.api = Api()
        self.server = Server(folder)
        self.report = Report()
        self.kinds: dict[int, Kind] = {}
        self.acked: set[int] = set()
        self.again = 0

    async def all(self) -> None:
        """Every run, in the order of the table."""
        await self.floor()
        self.server = Server(self.folder, settings=_settings(await self.api.start()))
        try:
            self.report.note("start-up, s", await self.server.start(), most=2.0)
            self.report.memory("at the start", self.server)
            await self.saturation()
            await self.paced(30, ads=MANY_ADS)
            await self.paced(200, ads=0.02)
            self.repeats("repeated on redelivery")
            await self.socket()
            self.report.memory("peak", self.server, what="VmHWM", most=150.0)
            await self.killed()
        finally:
            self.server.stop()
            await self.api.stop()

    async def floor(self) -> None:
        """The same calls to a route that does nothing."""
        self.report.title("floor: a bare Starlette route on uvicorn")
        bare = Server(self.folder, "uvicorn", "benchmarks.ingest:bare", "--no-access-log")
        try:
            await bare.start()
            seconds = min(self.seconds, 5.0)
            load = Load(bare.port, self.connections)
            run = await load.saturate(self.calls(30_000 * seconds), seconds)
            self.report.note("answered/s", run.acked_a_second)
        finally:
            bare.stop()

    async def saturation(self) -> None:
        self.report.title(f"webhook, {self.connections} connections, as fast as it goes")
        calls, cpu = self.calls(MOST_A_SECOND * self.seconds), self.server.cpu()
        load = Load(self.server.port, self.connections)
        run = await load.saturate(calls, self.seconds)
        await self.server.drained()
        took = time.perf_counter() - run.began
        self.report.note("acknowledged/s", run.acked_a_second)
        self.report.note("handled/s", len(run.acked) / took, least=2000)
        self.report.note("handled per CPU second", len(run.acked) / (self.server.cpu() - cpu))
        await self.settle(run, calls)

    async def paced(self, rate: float, ads: float) -> None:
        self.report.title(f"webhook, {rate:g}/s")
        self.traffic.ads = ads
        calls = self.calls(rate * self.seconds)
        self.traffic.ads = 0.02
        run = await Load(self.server.port, 64).pace(calls, rate)
        await self.server.drained()
        await self.settle(run, calls, rate)

    async def settle(self, run: Run, calls: Sequence[Posted], rate: float = 0) -> None:
        """Wait for what follows from a run, and write down how long it all took."""
        new = run.acked - self.acked
        self.acked |= run.acked
        self.again += sum(run.statuses.values()) - len(run.sent)
        ads, missing = await self.recalled(new)
        self.report.waits("acknowledgement, ms", run.waits)
        bars = {30: {"p99": 20.0}, 200: {"p95": 100.0}}.get(int(rate), {})
        self.report.waits("recall or mute, ms", self.acts(run, calls), **bars)
        replies = [
            heard[0] - run.sent[id]
            for id, heard in self.about("send_group_msg").items()
            if id in run.sent
        ]
        self.report.waits("reply (paced on purpose), ms", replies)
        self.report.note(f"ads not recalled, of {ads}", missing, most=0)
        refused = sum(run.statuses.values()) - run.statuses[204]
        self.report.note("calls refused", refused, most=0)
        self.report.memory("after", self.server)

    async def recalled(self, ids: set[int]) -> tuple[int, int]:
        """Wait for the recalls of the advertisements; how many those are, and how many stayed."""
        ads = {id for id in ids if self.kinds[id] is Kind.AD}
        with suppress(TimeoutError):
            await until(lambda: ads <= self.about("delete_msg").keys(), seconds=ACTIONS_WITHIN)
        return len(ads), len(ads - self.about("delete_msg").keys())

    def acts(self, run: Run, calls: Sequence[Posted]) -> list[float]:
        """Seconds from a call to the recall of its message, or the mute of its sender."""
        said = defaultdict[int, list[float]](list)
        for call, _ in calls:
            if call.kind in (Kind.AD, Kind.BURST) and call.id in run.sent:
                said[call.user].append(run.sent[call.id])
        waits = [
            heard[0] - run.sent[id]
            for id, heard in self.about("delete_msg").items()
            if id in run.sent
        ]
        for user, heard in self.about("set_group_ban").items():
            for at in heard:
                before = [then for then in said[user] if then <= at]
                waits += [at - max(before)] if at >= run.began and before else []
        return waits

    def about(self, action: str) -> dict[int, list[float]]:
        """When the platform was asked for it, by the message or user it was about."""
        found = defaultdict[int, list[float]](list)
        for heard in self.api.heard:
            if heard.action == action and heard.about > 0:
                found[heard.about].append(heard.at)
        return found

    async def socket(self) -> None:
        """One universal reverse WebSocket carries events there, and calls and answers back."""
        self.report.title("reverse WebSocket, one connection, as fast as it goes")
        calls = self.calls(2 * MOST_A_SECOND * self.seconds / 2)
        cpu, sent = self.server.cpu(), set[int]()
        headers = {"X-Self-ID": str(SELF_ID), "Authorization": f"Bearer {TOKEN}"}
        url = f"ws://127.0.0.1:{self.server.port}{PATH}ws"
        async with connect(url, additional_headers=headers, proxy=None, compression=None) as link:
            answering = asyncio.create_task(self.answer(link))
            began = time.perf_counter()
            for call, _ in calls:
                if time.perf_counter() > began + self.seconds / 2:
                    break
                await link.send(call.body, text=True)
                self.again += call.id in sent
                sent.add(call.id)
            await until(lambda: self.server.handled(max(sent)))
            took = time.perf_counter() - began
            self.report.note("handled/s", len(sent) / took)
            self.report.note("handled per CPU second", len(sent) / (self.server.cpu() - cpu))
            self.acked |= sent
            # A call whose answer is cut off is made again over HTTP, where that is harmless.
            await self.recalled(sent)
            await asyncio.sleep(1)
        answering.cancel()
        self.report.memory("after", self.server)

    async def answer(self, link: ClientConnection) -> None:
        async for frame in link:
            asked = decode(frame)
            answer = self.api.answer(asked["action"], asked["params"])
            await link.send(encode(answer | {"echo": asked["echo"]}), text=True)

    async def killed(self) -> None:
        """SIGKILL under load, start again, and compare what was acknowledged with the archive."""
        self.report.title("SIGKILL under load, and a new start")
        calls = self.calls(MOST_A_SECOND * 2 * KILLED_AFTER)
        load = Load(self.server.port, self.connections)
        running = asyncio.create_task(load.saturate(calls, 2 * KILLED_AFTER))
        await asyncio.sleep(KILLED_AFTER)
        self.server.kill()
        run = await running
        self.acked |= run.acked
        self.again += sum(run.statuses.values()) - len(run.sent)
        self.report.note("start-up and catching up, s", await self.server.start())
        ids = Counter(int(event["message_id"]) for event in self.server.archived())
        lost = len(self.acked - ids.keys())
        self.report.note(f"acknowledged and lost, of {len(self.acked)}", lost, most=0)
        self.report.note("archived twice", ids.total() - len(ids), most=0)
        self.repeats("repeated, those in flight included", recalls_may=True)

    def repeats(self, what: str, *, recalls_may: bool = False) -> None:
        """A recall that was under way at a kill may be repeated, for that is harmless."""
        replies = [len(heard) for heard in self.about("send_group_msg").values()]
        recalls = [len(heard) for heard in self.about("delete_msg").values()]
        again = f"({self.again} redelivered)"
        self.report.note(f"replies {what} {again}", sum(replies) - len(replies), most=0)
        most = None if recalls_may else 0
        self.report.note(f"recalls {what} {again}", sum(recalls) - len(recalls), most=most)

    def calls(self, count: float) -> list[Posted]:
        """The next calls of the traffic, ready to be sent."""
        calls = list(itertools.islice(self.feed, int(count)))
        self.kinds |= {call.id: call.kind for call in calls if call.kind is not Kind.AGAIN}
        return [(call, request(call)) for call in calls]


def _settings(api_url: str) -> dict[str, str]:
    return {
        "BANZHANG_ONEBOT_SECRET": SECRET,
        "BANZHANG_ONEBOT_TOKEN": TOKEN,
        "BANZHANG_ONEBOT_API_URL": api_url,
    }


async def _yes(request: Request) -> Response:
    await request.body()
    return Response(status_code=204)


async def _healthy(request: Request) -> Response:
    return JSONResponse({"waiting": 0})


bare = Starlette(
    routes=[Route(PATH, _yes, methods=["POST"]), Route("/healthz", _healthy)],
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--groups", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="banzhang-") as folder:
        set_up(Path(folder), given.groups)
        bench = Bench(Path(folder), given.seconds, given.connections, given.groups)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(bench.all())
    print(bench.report)


if __name__ == "__main__":
    main()
