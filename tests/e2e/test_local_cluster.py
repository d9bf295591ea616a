"""`ncg cluster`: a head to submit to, that leaves nothing behind and nobody else harmed."""

from __future__ import annotations

JOB = """
import os, sys, ncg_ray, ray
ray.init()
print("sees", sorted(os.listdir(".")), "with", sys.executable, "and", ray.cluster_resources()["CPU"], "CPUs")
"""


def test_a_job_gets_the_files_but_not_the_ignored_ones_and_this_environment(local_cluster, tmp_path):
    (tmp_path / ".gitignore").write_text("big.bin\n")
    (tmp_path / "big.bin").write_bytes(b"x" * 1000)
    (tmp_path / "hello.py").write_text(JOB)
    status, logs = local_cluster.submit("python hello.py", working_dir=tmp_path, timeout_s=90)
    assert status == "SUCCEEDED", logs
    assert "sees ['.gitignore', 'hello.py']" in logs
