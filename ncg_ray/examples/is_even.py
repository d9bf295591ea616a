def is_even(n: int) -> bool:
    """Return True if n is even, and False otherwise.

    >>> is_even(4)
    True
    >>> is_even(7)
    False
    >>> is_even(0)
    True
    """
