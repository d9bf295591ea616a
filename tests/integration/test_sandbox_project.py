"""Code that belongs to a project, and tools run on untrusted code: they see the project and can change none of it."""

from __future__ import annotations

import os
import site
from pathlib import Path

import pytest

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Call, Environment, ExecutionJob, Limits, ModuleJob, TestJob
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import OutcomeKind as Kind

EXECUTOR = SandboxExecutor(SandboxConfig())
CODE = "import numpy as np\nfrom .rates import RATE\n\n\ndef price(xs):\n    return float(np.sum(xs) * RATE)\n"
CONFTEST = "import pytest\n\n\n@pytest.fixture\ndef basket():\n    return [1.0, 2.0]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {"shop/__init__.py": "", "shop/rates.py": "RATE = 2\n", "shop/cart.py": CODE,
                       "tests/conftest.py": CONFTEST}.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def environment(project: Path) -> Environment:
    return Environment(str(project), tuple(site.getsitepackages()[:1]))


def files(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


async def test_siblings_and_packages_are_there_and_writes_stay_private(project: Path) -> None:
    code = CODE + ("\n\ndef f(path):\n    for name in (path + '/new.txt', path + '/shop/rates.py'):\n"
                   "        try:\n            open(name, 'a').write('x')\n        except OSError as error:\n"
                   "            return type(error).__name__\n    return sorted(__import__('os').listdir(path))\n")
    before = files(project)
    job = ExecutionJob(code, "f", (Call(("/project",)),), environment=environment(project), module="shop.cart")
    price = ExecutionJob(code, "price", (Call(([1, 2],)),), environment=environment(project), module="shop.cart")
    wrote, priced = await EXECUTOR.execute([job, price])
    assert priced.outcomes[0].value == 6.0, priced
    assert wrote.outcomes[0].kind is Kind.RETURNED, wrote
    assert files(project) == before
    (again,) = await EXECUTOR.execute([ExecutionJob("import os\ndef f(): return os.path.exists('/project/new.txt')", "f",
                                                    (Call(),), environment=environment(project))])
    assert again.outcomes[0].value is False


async def test_tests_that_import_the_module_run_against_a_proxy(project: Path) -> None:
    tests = ("import pytest\nfrom shop.cart import price\nimport shop.cart as cart\nfrom shop.rates import RATE\n\n\n"
             "def test_price():\n    assert price([1, 2]) == 3 * RATE\n\n\n"
             "def test_wrong():\n    assert cart.price([]) == 1\n")
    job = TestJob(CODE, "price", tests, environment=environment(project), module="shop.cart", code_path="shop/cart.py",
                  tests_path="tests/test_cart.py")
    (report,) = await EXECUTOR.test([job])
    assert (report.num_passed, report.num_checked, report.forgeable) == (1, 2, False), report
    assert "gave 0.0" in report.failure


async def test_the_projects_own_fixtures_run_under_its_pytest_and_are_called_forgeable(project: Path) -> None:
    tests = ("from shop.cart import price\n\n\ndef test_price(basket, tmp_path, monkeypatch):\n"
             "    (tmp_path / 'x').write_text('y')\n    assert price(basket) == 6.0\n\n\n"
             "def test_wrong(basket):\n    assert price(basket) == 7\n")
    job = TestJob(CODE, "price", tests, environment=environment(project), module="shop.cart", code_path="shop/cart.py",
                  tests_path="tests/test_cart.py")
    before = files(project)
    (report,) = await EXECUTOR.test([job])
    assert (report.num_passed, report.num_checked, report.forgeable) == (1, 2, True), report
    assert "test_wrong" in report.failure and files(project) == before


async def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(SandboxError, match="/no/such/project"):
        await EXECUTOR.execute([ExecutionJob("def f(): pass", "f", (Call(),), environment=Environment("/no/such/project"))])


async def test_a_tool_runs_on_files_and_what_it_prints_comes_back() -> None:
    jobs = [ModuleJob("json.tool", ("a.json",), {"a.json": '{"a": 1}'}),
            ModuleJob("json.tool", ("a.json",), {"a.json": "{"}), ModuleJob("no_such_tool"),
            ModuleJob("evil", files={"evil.py": "import os\nopen('/etc/shadow').read()"}),
            ModuleJob("evil", files={"evil.py": "import subprocess\nsubprocess.run(['ls'])"})]
    good, bad, missing, shadow, spawn = await EXECUTOR.run_module(jobs)
    assert (good.kind, good.exit_code, good.stdout) == (Kind.RETURNED, 0, '{\n    "a": 1\n}\n')
    assert bad.exit_code == 1 and "Expecting property name" in bad.stderr
    assert missing.exit_code == 1 and "no_such_tool" in missing.stderr
    assert shadow.exit_code == 1 and "shadow" in shadow.stderr and not shadow.stdout
    assert spawn.exit_code == 1 and "PermissionError" in spawn.stderr and "clone" in "".join(spawn.usage.denials)


async def test_a_tool_that_runs_away_is_stopped_with_what_it_printed_so_far() -> None:
    loop = "import sys\nprint('so far', flush=True)\nwhile True: pass\n"
    flood = "while True: print('x' * 1000)\n"
    limits = Limits(0.5, 512 << 20, 1 << 16)
    looping, flooding = await EXECUTOR.run_module([ModuleJob("m", files={"m.py": loop}, limits=limits),
                                                   ModuleJob("m", files={"m.py": flood}, limits=limits)])
    assert (looping.kind, looping.stdout) == (Kind.TIMEOUT, "so far\n")
    assert flooding.kind is Kind.OUTPUT and len(flooding.stdout) <= limits.output_bytes


@pytest.mark.parametrize("name", ["../x.py", "/tmp/x.py", "a/../../x", ""])
async def test_a_file_name_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(SandboxError, match="file name"):
        await EXECUTOR.run_module([ModuleJob("m", files={name: ""})])


async def test_packages_of_the_environment_work_for_tools() -> None:
    packages = Environment(packages=tuple(site.getsitepackages()[:1]))
    (report,) = await EXECUTOR.run_module([ModuleJob("radon", ("cc", "-s", "a.py"), {"a.py": "def f(x):\n    return x\n"},
                                                     packages)])
    assert report.exit_code == 0 and "f - A (1)" in report.stdout, report
    assert os.path.isdir(packages.packages[0])
