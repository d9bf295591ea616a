"""jobs/evaluate.py by `ray job submit`: over the actors of that cluster, with a model behind a URL."""

from __future__ import annotations

import json
from pathlib import Path

from openai_server import Server

import ncg_ray

ROOT = Path(ncg_ray.__file__).parents[1]
ROW = {"task_id": "t/1", "entry_point": "seven", "tests": "assert seven(3) == 21\n",
       "prompt": 'def seven(x):\n    """Seven times x.\n\n    >>> seven(2)\n    14\n    """\n',
       "canonical_solution": "def seven(x):\n    return 7 * x\n"}


def test_a_submitted_job_measures_reports_and_logs(local_cluster, tmp_path):
    (tmp_path / "suite.jsonl").write_text(json.dumps(ROW) + "\n")
    with Server(reply=lambda body: "```python\ndef seven(x):\n    return x * 7\n```") as server:
        status, text = local_cluster.submit(
            f"python jobs/evaluate.py --suite {tmp_path}/suite.jsonl --mode neural --set storage.uri={tmp_path}/store "
            f"--set model.source={server.url} --set sandbox.num_workers=1", working_dir=ROOT)
    assert status == "SUCCEEDED", text
    assert "[1 of 1] neural t/1 solved" in text and "Traceback" not in text
    reports = tmp_path / "store" / "reports"
    assert json.loads((reports / "evaluate-sft-suite.json").read_text())["modes"]["neural"]["pass@1"] == 1.0
    assert len(list((tmp_path / "store" / "traces").glob("*.json"))) == 1
    logged = {path.name for path in (tmp_path / "store" / "mlflow-artifacts").rglob("*") if path.is_file()}
    assert logged == {"evaluate-sft-suite.json", "evaluate-sft-suite.md"}
