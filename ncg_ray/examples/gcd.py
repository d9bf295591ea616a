def gcd(a: int, b: int) -> int:
    """Return the greatest common divisor of a and b.

    >>> gcd(12, 18)
    6
    >>> gcd(7, 5)
    1
    >>> gcd(10, 0)
    10
    """
