"""cvc5 on a SyGuS text from standard input; what it answers goes to standard output. Run by path, with the CPU seconds.

`sygus-si=use` takes problems in which a function is always applied to the same arguments apart with its SMT solver.
"""

import sys

from limits import limit  # beside this file, which is run by path

del sys.path[0]  # nothing else of this folder is meant when a library imports, say, `code`

OPTIONS = {"sygus": "true", "sygus-si": "use"}


def main() -> None:
    text = sys.stdin.read()
    limit(float(sys.argv[1]))
    import cvc5
    solver = cvc5.Solver()
    for name, value in OPTIONS.items():
        solver.setOption(name, value)
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SYGUS_2_1, text, "problem")
    symbols = parser.getSymbolManager()
    while True:
        command = parser.nextCommand()
        if command.isNull():
            break
        sys.stdout.write(str(command.invoke(solver, symbols)))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
