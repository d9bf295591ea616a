"""Points of the simplex, the best trial, the Pareto front, and what the report says of them."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_traces import Made, file_bytes, line, mixed

from ncg_ray import config as configs
from ncg_ray.tuning import report
from ncg_ray.tuning.score import Score, StoredScorer
from ncg_ray.tuning.traces import read_cases
from ncg_ray.tuning.weights import GRID, Trial, best, distance, front, on_grid, sample

relaxed = settings(deadline=None)  # the machine may be busy
DEFAULT = (0.6, 0.15, 0.15, 0.1)
IDENTITY = {"seed": 0, "traces_hash": "0"}


def trial(index, passed, secure, weights=None, finished=True, changed=1, tasks=10):
    weights = weights or ((DEFAULT, (0.25,) * 4)[index > 0])
    return Trial(index, weights, (Score(tasks, passed, secure, 0.9, changed if index else 0),), finished)


class TestSample:
    @relaxed
    @given(st.integers(1, 50), st.integers(0, 2**63 - 1))
    def test_on_the_simplex_and_the_configured_first(self, num, seed):
        points = sample(num, DEFAULT, seed)
        assert len(points) == num and points[0] == DEFAULT and points == sample(num, DEFAULT, seed)
        for point in points:
            assert len(point) == 4 and min(point) >= 0 and math.isclose(sum(point), 1, abs_tol=1e-9)

    def test_more_trials_begin_with_the_same(self):
        assert sample(20, DEFAULT, 3)[:8] == sample(8, DEFAULT, 3) and sample(8, DEFAULT, 3) != sample(8, DEFAULT, 4)

    def test_uniform(self):
        # Each weight of a uniform point of the 3-simplex is Beta(1, 3): mean 1/4, P(weight > 1/2) = 1/8.
        points = sample(4001, DEFAULT, 0)[1:]
        for i in range(4):
            assert sum(p[i] for p in points) / 4000 == pytest.approx(0.25, abs=0.012)
            assert sum(p[i] > 0.5 for p in points) / 4000 == pytest.approx(0.125, abs=0.02)

    @relaxed
    @given(st.lists(st.floats(1e-9, 1), min_size=4, max_size=4))
    def test_the_grid_keeps_the_sum(self, raw):
        shares = [x / sum(raw) for x in raw]
        cells = [round(w * GRID) for w in on_grid(shares)]
        assert sum(cells) == GRID and all(abs(c / GRID - s) < 1.0001 / GRID for c, s in zip(cells, shares, strict=True))


class TestBest:
    def test_the_highest_objective_of_those_that_finished(self):
        trials = [trial(0, 5, 5), trial(1, 9, 9, finished=False), trial(2, 7, 6), trial(3, 9, 3)]
        assert best(trials, 0.5).index == 2 and best(trials, 0.0).index == 3

    def test_ties_prefer_the_configured_weights(self):
        assert best([trial(0, 5, 5), trial(1, 6, 4), trial(2, 5, 5)], 0.5).index == 0

    def test_then_those_nearest_to_them(self):
        near, far = (0.5, 0.2, 0.2, 0.1), (0.1, 0.5, 0.3, 0.1)
        assert best([trial(0, 5, 5), trial(1, 7, 7, far), trial(2, 7, 7, near)], 0.5).index == 2
        assert best([trial(0, 5, 5), trial(1, 7, 7, near), trial(2, 7, 7, near)], 0.5).index == 1

    def test_distance(self):
        assert distance(DEFAULT, DEFAULT) == 0 and distance((1.0, 0, 0, 0), (0, 1.0, 0, 0)) == 2


class TestFront:
    def test_by_hand(self):
        rates = [(5, 5), (8, 2), (4, 5), (8, 1), (2, 9), (9, 9)]
        trials = [trial(i, *rate, finished=i != 5) for i, rate in enumerate(rates)]
        assert [t.index for t in front(trials)] == [1, 0, 4]

    @relaxed
    @given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=12))
    def test_nothing_on_it_is_dominated_and_all_else_is(self, points):
        trials = [trial(i, *point) for i, point in enumerate(points)]
        kept = {(t.score.num_passed, t.score.num_secure) for t in front(trials)}

        def dominated(p):
            return any(q != p and q[0] >= p[0] and q[1] >= p[1] for q in points)

        assert kept == {p for p in points if not dominated(p)} and len(front(trials)) == len(kept)


def made(lines, num=16, finished=True, share=0.5):
    """The report of a sweep over these lines, by the pure parts alone."""
    cases = read_cases(lines, "x.traces.jsonl")
    scorer = StoredScorer(cases.eligible, DEFAULT, 2, 0)
    trials = [Trial(i, w, tuple(scorer(w)), finished or i == 0) for i, w in enumerate(sample(num, DEFAULT, 0))]
    return report.build("s", IDENTITY, "x.traces.jsonl", cases, trials, share)


class TestReport:
    def test_a_winner_is_better_and_says_how_much(self):
        found = made(mixed(20))
        assert found["winner"]["trial"] != 0 and "above the configured weights" in found["finding"]
        assert report.CAUTION in found["finding"]
        assert found["winner"]["objective"] == max(row["objective"] for row in found["trials"])
        assert found["winner"]["objective"] > found["configured"]["objective"]
        low, high = found["winner"]["pass_rate_interval"]
        assert low < found["winner"]["pass_rate"] < high

    def test_flat_traces_name_no_winner_by_luck(self):
        found = made(file_bytes(*(line(f"t{n}", Made(hidden=False), Made()) for n in range(8))))
        assert found["winner"]["trial"] == 0 and "cannot tell weights apart" in found["finding"]
        assert "do not" not in found["finding"] and "In no task do the candidates differ in security" in found["finding"]
        assert found["front"] == [0] and all(row["changed"] == 0 for row in found["trials"])

    def test_weights_that_change_picks_and_gain_nothing(self):
        found = made(file_bytes(*(line(f"t{n}", Made(quality=0.5), Made(licence=0.5)) for n in range(8))))
        assert found["winner"]["trial"] == 0 and "do better than the configured ones" in found["finding"]
        assert any(row["changed"] for row in found["trials"])

    def test_one_trial_says_that_nothing_was_tried(self):
        assert made(mixed(4), num=1)["finding"].startswith("Only the configured weights were tried.")

    def test_gaps_are_counted(self):
        found = made(mixed(6) + file_bytes(line("gap", Made(risk=None)), line("part", Made(risk=None), Made())))
        assert (found["left_out"], found["gaps"], found["tasks"]) == (1, 1, 7)
        assert "1 candidates are left out" in report.text(found) and "1 tasks are left out" in report.text(found)

    def test_it_is_json_and_the_same_again(self):
        assert json.loads(report.to_json_text(made(mixed(9)))) == made(mixed(9))

    def test_the_table_shows_front_winner_and_configured(self):
        found = made(mixed(20))
        lines = report.text(found).splitlines()
        assert sum("winner" in row for row in lines) == 1 and sum(row.startswith("configured") for row in lines) >= 1
        assert max(map(len, lines[3:-1])) < 160

    def test_the_page_lists_every_trial(self):
        found = made(mixed(20), finished=False)
        page = report.to_markdown(found)
        assert page.count("| stopped early |") == 15 and "(s.png)" in page

    @pytest.mark.parametrize("lines", [mixed(20), file_bytes(line("t", Made(), Made(risk=0.5)))])
    def test_the_policy_loads_with_the_weights_that_were_measured(self, tmp_path, lines):
        found = made(lines)
        (tmp_path / "s.toml").write_text(report.policy(found))
        assert configs.load(tmp_path / "s.toml").reward.weights == tuple(found["winner"]["weights"].values())

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda raw: sum(raw) > 1e-6))
    def test_any_configured_weights_survive_the_policy_file(self, raw):
        import tomllib

        weights = tuple(x / sum(raw) for x in raw)
        text = report.policy(made(mixed(4), num=1) | {"winner": report._row(trial(0, 1, 1, weights), 0.5)})
        assert configs._checked(configs._apply(configs.Config(), tomllib.loads(text), "")).reward.weights == weights

    def test_a_path_cannot_break_out_of_the_comment(self, tmp_path):
        text = report.policy(made(mixed(4)) | {"traces": "a\nreward.weights = [1]\r\x00\u2028x"})
        (tmp_path / "s.toml").write_text(text)
        assert configs.load(tmp_path / "s.toml").reward.weights and all(
            row.startswith(("#", "[", "weights")) for row in text.splitlines() if row)
