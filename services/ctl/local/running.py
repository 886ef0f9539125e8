"""The local stack from its start to its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from services.assembly.registry import SERVICES, TOPICS
from services.ctl import console
from services.ctl.engines import Engine, EngineError, Engines, start_engines
from services.ctl.exits import Exit, Stop
from services.ctl.gateway.serving import listen_somewhere, open_gateway, published
from services.ctl.local.districts import write_districts
from services.ctl.local.processes import Services
from services.ctl.local.stack import Stack, forget_stack, pick_ports
from services.ctl.target import Local

NOTICED_SECONDS = 1.0
TRIES = 4  # to make topics and indexes, where the engines are our own

Begin = Callable[[Stack], Awaitable[None]]


async def until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends or SIGINT or SIGTERM comes; then it is cancelled and gets the
    time that it takes to clean up. A second signal hurries that."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def stop() -> None:
        if not told.is_set():
            console.say("")
            console.say("stopping ...")
        told.set()
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told.is_set():
            raise


async def run_stack(
    folder: Path, said: Mapping[str, Mapping[str, Any]], people: dict[str, str], begin: Begin
) -> None:
    """Start everything with what is said of each district, `begin` on it, then watch it until
    cancelled. Leaves no process behind. Raises Stop when a part cannot start or ends."""
    async with AsyncExitStack() as running:
        running.callback(forget_stack, folder)
        try:
            engines = await _engines(folder)
            running.push_async_callback(engines.stop)
            await _prepared(engines)
            districts = write_districts(folder, said)
            listening = listen_somewhere()
            running.callback(listening.close)
            stack = Stack(
                engines.kafka_bootstrap_servers,
                engines.mongodb_uri,
                pick_ports(),
                people,
                listening.getsockname()[1],
            )
            services = Services(stack, folder, districts)
            running.push_async_callback(services.stop)
            with console.progress("starting the services", None, always=True):
                services.start()
                await services.ready()
            stack.save(folder)
            here = Local(folder, stack)
            await running.enter_async_context(open_gateway(here, listening, published(stack)))
            await _while_alive(services, engines, begin(stack))
        except EngineError as error:
            raise Stop(Exit.CANNOT_RUN, str(error)) from None
        except TimeoutError:
            detail = f"a part did not begin in time: the logs are below {folder}"
            raise Stop(Exit.CANNOT_RUN, detail) from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Stop(Exit.CANNOT_RUN, f"{error.filename or folder}: {why}") from None


async def _engines(folder: Path) -> Engines:
    with console.progress("starting Kafka and MongoDB", None, always=True):
        return await start_engines(folder / "engines")


async def _prepared(engines: Engines) -> None:
    """Topics and indexes. What was made stays made, so a machine on which that takes longer than an
    engine may be silent gets on with each try."""
    for left in reversed(range(TRIES if engines.running else 1)):
        try:
            await _prepare(engines)
        except Stop as stop:
            if stop.code is not Exit.UNREACHABLE or not left:
                raise
        else:
            return


async def _prepare(engines: Engines) -> None:
    from services.chassis.kernel import Fault
    from services.chassis.log.admin import KafkaUnavailable
    from services.chassis.log.source import TopicsDiffer
    from services.chassis.log.topics import ensure_topics
    from services.chassis.mongo import PyMongoError
    from services.ctl.engines_target import kafka_proof, reason
    from services.ctl.local.ensure import ensure_indexes

    try:
        await asyncio.gather(
            ensure_topics(engines.kafka_bootstrap_servers, TOPICS, proof=kafka_proof()),
            ensure_indexes(
                engines.mongodb_uri, {name: each.database for name, each in SERVICES.items()}
            ),
        )
    except KafkaUnavailable as error:
        at = engines.kafka_bootstrap_servers
        raise Stop(
            Exit.UNREACHABLE,
            f"cannot reach Kafka at {at} (KAFKA_BOOTSTRAP_SERVERS): {error}",
        ) from None
    except TopicsDiffer as error:
        raise Stop(Exit.REFUSED, str(error)) from None
    except (PyMongoError, Fault) as error:
        raise Stop(
            Exit.UNREACHABLE, f"cannot reach MongoDB (MONGODB_URI): {reason(error)}"
        ) from None


async def _while_alive(services: Services, engines: Engines, begin: Awaitable[None]) -> None:
    """Until a part ends. Raises EngineError, with the end of its log."""
    watching = [
        asyncio.create_task(services.watch()),
        *(asyncio.create_task(_watch(engine)) for engine in engines.running),
    ]
    beginning = asyncio.ensure_future(begin)
    try:
        await asyncio.wait({beginning, *watching}, return_when=asyncio.FIRST_COMPLETED)
        if beginning.done() and beginning.exception() is not None:
            # a part that ended is the better explanation, if that is the reason
            await asyncio.wait(
                watching, timeout=NOTICED_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        for task in watching:
            if task.done():
                task.result()
        await beginning
        await asyncio.gather(*watching)
    finally:
        for task in (beginning, *watching):
            task.cancel()
        await asyncio.gather(beginning, *watching, return_exceptions=True)


async def _watch(engine: Engine) -> None:
    await engine.wait()
    raise EngineError(engine.process.end())
