"""Symbolic execution of a fragment of Python over Z3. Imported only in the process that solves: z3 is heavy."""
