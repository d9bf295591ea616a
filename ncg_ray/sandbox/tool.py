"""Run a tool (`python -m ...`) on untrusted code in the sandbox, and give back what it printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ncg_ray.errors import SandboxError
from ncg_ray.protocols import ModuleJob, ModuleReport
from ncg_ray.sandbox.channel import Closed
from ncg_ray.sandbox.session import Ended, Session
from ncg_ray.sandbox.worker import Worker
from ncg_ray.types import OutcomeKind

EVENT_BYTES = 1 << 20


async def run(worker: Worker, job: ModuleJob) -> ModuleReport:
    """One run of a tool. Raises SandboxError for a file name that leads out of its folder."""
    if bad := [name for name in job.files if not name or name.startswith("/") or ".." in name.split("/")]:
        raise SandboxError(f"file name {bad[0]!r} of a ModuleJob: give a relative name without '..'")
    async with await Session.start(worker, "module", job.limits.memory_bytes, job.limits.time_s + 1, site=True) as session:
        report = await _finish(session, job)
    return replace(report, usage=session.usage or report.usage)


async def _finish(session: Session, job: ModuleJob) -> ModuleReport:
    session.keep_output()
    try:
        await session.send({"module": job.module, "args": list(job.args), "files": job.files})
        event: dict[str, Any] = await session.receive(job.limits.time_s, EVENT_BYTES, job.limits.output_bytes)
        code, stderr = event.get("exit_code"), event.get("stderr")
        return ModuleReport(OutcomeKind.RETURNED, code if type(code) is int else None, session.output(),
                            stderr if type(stderr) is str else "")
    except Ended as error:
        if error.kind is OutcomeKind.TIMEOUT:
            error.message = f"it had not ended after {job.limits.time_s:g} s"
        # How much more it printed before it was stopped says how busy the machine was, and nothing of the tool.
        return ModuleReport(error.kind, None, session.output()[:job.limits.output_bytes], message=error.message)
    except Closed:
        return ModuleReport(OutcomeKind.CRASHED, None, session.output(), message="it ended before it began")
