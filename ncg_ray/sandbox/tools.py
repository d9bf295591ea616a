"""Tools that run inside on untrusted code: any module of the environment, and pytest with a project's own fixtures.

Lives in the zygote; standard library only, but for what the tool itself imports.
"""

import contextlib
import os
import runpy
import sys

FOLDER, PROJECT = "/tmp", "/project"
"Where a tool starts, and where the project is; the zygote knows better."
STDERR_CHARS = 100_000


def run_module(pipe, job):
    """`python -m module args` in /tmp, with these files. Printed text goes to the host as it comes."""
    os.environ["HOME"] = FOLDER
    for name, text in job["files"].items():
        path = os.path.normpath(os.path.join(FOLDER, name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
    words = os.path.join(FOLDER, ".stderr")
    with open(words, "wb") as file:
        os.dup2(file.fileno(), 2)
    sys.path.insert(0, FOLDER)
    sys.argv[:] = [job["module"], *job["args"]]
    code = exit_code(lambda: runpy.run_module(job["module"], run_name="__main__", alter_sys=True))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    with open(words, encoding="utf-8", errors="replace") as file:
        text = file.read(STDERR_CHARS)
    pipe.send({"event": "done", "exit_code": code, "stderr": text})
    pipe.receive()


def exit_code(call):
    try:
        call()
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        print(stop.code, file=sys.stderr)
        return 1
    except BaseException:
        import traceback
        traceback.print_exc()
        return 1
    return 0


def run_pytest(pipe, job):
    """The project's own pytest on the given tests, beside the code under test; each test is a unit."""
    os.environ["HOME"] = FOLDER
    send, token = pipe.send, job["token"]
    for path, text in ((job["code_path"], job["code"]), (job["tests_path"], job["tests"])):
        if path:
            with open(os.path.join(PROJECT, path), "w", encoding="utf-8", errors="surrogatepass") as file:
                file.write(text)
    os.chdir(PROJECT)
    import pytest

    class Reporter:
        num = 0

        @pytest.hookimpl
        def pytest_runtest_logreport(self, report):
            if report.when == "call" or report.failed:
                self.num += 1
                crash = getattr(report.longrepr, "reprcrash", None)
                said = crash.message.split("\n")[0] if crash else str(report.longrepr or "")[-500:]
                send({"event": "unit", "passed": report.passed, "token": token, "kind": "failed", "failed_call": "",
                      "failure": f"{report.nodeid}: {said}"[:1000], "traceback": ""})

        @pytest.hookimpl
        def pytest_collectreport(self, report):
            if report.failed:
                send({"event": "unit", "passed": False, "token": token, "kind": "failed", "failed_call": "",
                      "failure": f"{report.nodeid}: {str(report.longrepr)[-800:]}", "traceback": ""})

    reporter = Reporter()
    pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--rootdir", PROJECT, job["tests_path"]],
                plugins=[reporter])
    send({"event": "done", "token": token})
    pipe.receive()
