import subprocess
import sys

from ncg_ray.telemetry import Stopwatch
from ncg_ray.testing import ManualClock


def test_a_stopwatch_adds_up_by_stage():
    clock = ManualClock()
    watch = Stopwatch(clock)
    for seconds in (1.0, 2.5):
        with watch.stage("check"):
            clock.advance(seconds)
    clock.advance(1.5)
    assert watch.timings_s() == {"check": 3.5, "total": 5.0}


def test_logs_go_to_standard_error_from_warning_on():
    code = ("from ncg_ray import telemetry; log = telemetry.logger('verify'); log.info('small talk'); "
            "log.error('soundness alarm', task='t')")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "" and "soundness alarm" in ran.stderr and "stage='verify'" in ran.stderr
    assert "small talk" not in ran.stderr
