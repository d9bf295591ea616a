"""What `ncg verify` says of contracts: one that is proved, one that is refuted, one function without any."""


def largest(numbers: list[int]) -> int:
    """The largest of some numbers.

    pre: len(numbers) > 0
    post: _ in numbers
    post: all(n <= _ for n in numbers)
    """
    best = numbers[0]
    for number in numbers:
        if number > best:
            best = number
    return best


def middle(low: int, high: int) -> int:
    """A number in the middle, or so it says.

    pre: low < high
    post: low < _ < high
    """
    return (low + high) // 2


def clamp(x: int, low: int, high: int) -> int:
    """
    pre: low <= high
    post: low <= _ <= high
    post: _ == x or _ in (low, high)
    """
    return max(low, min(x, high))
