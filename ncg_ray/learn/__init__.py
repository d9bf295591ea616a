"""Fine-tuning in torch, peft and DeepSpeed, without Ray: what every worker runs, and what can be said before it runs.

    base.py     the model to start from: where its files are, what is known of it
    loading.py  its tokenizer and weights; GGUF unpacked once
    lora.py     which weights train, and how they go back into a plain model
    zero.py     DeepSpeed's configuration, what it refuses, its engine, the learning rate
    sft.py      the algorithm: loss, step, validation, batches
    state.py    checkpoints
    merge.py    merged model, compared with the trained one
    memory.py   needed and available memory
"""
