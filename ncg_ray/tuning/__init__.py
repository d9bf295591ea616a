"""Sweeps: which weights of the reward pick the best code.

    traces.py    stored Traces of `ncg evaluate`, reduced to what picking and measuring need
    score.py     pick by the reward, measure by hidden tests and security; the Scorer protocol, a sweep's seam
    weights.py   points of the simplex, the best of them, the Pareto front
    trials.py    trials under Ray Tune: ASHA, restarts, state that outlives the driver
    report.py    what came of it: JSON, table, config; plot.py draws the front
    rewards.py   the whole sweep, from a config to the files in the storage
"""
