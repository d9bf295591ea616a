"""Ray Train and Ray Data around `ncg_ray.learn`.

    plan.py      every check before a worker starts: config, data, model, memory, the stored run
    data.py      files -> documents -> packed sequences -> one share a worker, always in the same order
    models.py    the model on whichever machine asks for it
    nodes.py     what the machines can take
    worker.py    what each worker does
    channel.py   what workers tell the driver
    store.py     the run's folder and its whole checkpoints
    record.py    what makes a run the run that it is
    run.py       train(): all of it
"""

from ncg_ray.training.plan import Plan, prepare
from ncg_ray.training.run import train

__all__ = ["Plan", "prepare", "train"]
