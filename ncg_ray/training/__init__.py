"""Ray Train and Ray Data around `ncg_ray.learn`.

    plan.py      every check before a worker starts: config, data, model, memory, the stored run
    data.py      files -> documents -> packed sequences -> one share a worker, always in the same order
    documents.py what its tasks do with one group of files
    models.py    the model on whichever machine asks for it
    nodes.py     what the machines can take
    worker.py    what each worker does
    channel.py   what workers tell the driver
    store.py     the run's folder and its whole checkpoints
    record.py    what makes a run the run that it is
    run.py       train(): all of it

Nothing is imported here: Ray loads these modules in many processes, most of which need one of them and no torch.
"""
