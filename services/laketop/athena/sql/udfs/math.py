"""Numbers that DuckDB cannot compute: other bases, bins, the normal and the beta distribution, Wilson's interval.

Trino's page "Mathematical functions and operators", with its errors; all are INVALID_FUNCTION_ARGUMENT unless said.
"""

import math
import re
import statistics

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LIMIT = 2**63


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", message)


@udf("py_from_base", ("VARCHAR", "BIGINT"), "BIGINT")
def from_base(value: str, radix: int) -> int:
    """The number that a text is in a base of 2 to 36."""
    _check(2 <= radix <= 36, "Radix must be between 2 and 36")
    number = int(value, radix) if re.fullmatch(r"[+-]?[0-9A-Za-z]+", value) and _fits(value, radix) else _LIMIT
    _check(-_LIMIT <= number < _LIMIT, f"Not a valid base-{radix} number: {value}")
    return number


def _fits(value: str, radix: int) -> bool:
    return all(letter in _DIGITS[:radix] for letter in value.lstrip("+-").lower())


@udf("py_to_base", ("BIGINT", "BIGINT"), "VARCHAR")
def to_base(value: int, radix: int) -> str:
    """A number in a base of 2 to 36.

    Raises:
        SqlError: GENERIC_INTERNAL_ERROR for the only one that has more than 64 characters.
    """
    _check(2 <= radix <= 36, "Radix must be between 2 and 36")
    rest, digits = abs(value), ""
    while rest or not digits:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
    found = "-" + digits if value < 0 else digits
    if len(found) > 64:
        raise SqlError("GENERIC_INTERNAL_ERROR", f"Value [{found}] does not fit in type varchar(64)")
    return found


@udf("py_bin", ("DOUBLE", "DOUBLE[]"), "BIGINT")
def bin_of(value: float, bins: list[float | None]) -> int:
    """How many of the sorted bins begin at or below a value, looked for by halving as Trino does."""
    _check(bool(bins), "Bins cannot be an empty array")
    _check(not math.isnan(value), "Operand cannot be NaN")
    # an element that is NULL is read as 0
    limits = [limit or 0.0 for limit in bins]
    low, high = 0, len(limits)
    while low < high:
        _check(not limits[low] > limits[high - 1], "Bin values are not sorted in ascending order")
        middle = (low + high) // 2
        limit = limits[middle]
        _check(math.isfinite(limit), f"Bin value must be finite, got {limit}")
        low, high = (low, middle) if value < limit else (middle + 1, high)
    return low


@udf("py_normal_cdf", ("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE")
def normal_cdf(mean: float, deviation: float, value: float) -> float:
    """The normal distribution's probability of at most a value."""
    _check(deviation > 0, "standardDeviation must be > 0")
    if abs(value - mean) > 40 * deviation:
        return 0.0 if value < mean else 1.0
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))


@udf("py_inverse_normal_cdf", ("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE")
def inverse_normal_cdf(mean: float, deviation: float, probability: float) -> float:
    """The value that the normal distribution stays below with a probability."""
    _check(0 < probability < 1, "p must be 0 > p > 1")
    _check(deviation > 0, "sd must be > 0")
    # what is left of a small probability after the step by which Trino gets to it
    rounded = (1 + (2 * probability - 1)) / 2
    return mean + deviation * statistics.NormalDist().inv_cdf(rounded)


@udf("py_beta_cdf", ("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE")
def beta_cdf(a: float, b: float, value: float) -> float:
    """The beta distribution's probability of at most a value."""
    _check(a > 0 and b > 0, "a, b must be > 0")
    _check(0 <= value <= 1, "value must be 0 >= v >= 1")
    return _beta(a, b, value)


@udf("py_inverse_beta_cdf", ("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE")
def inverse_beta_cdf(a: float, b: float, probability: float) -> float:
    """The value that the beta distribution stays below with a probability."""
    _check(a > 0 and b > 0, "a, b must be > 0")
    _check(0 <= probability <= 1, "p must be 0 >= p >= 1")
    if probability in (0.0, 1.0):
        return probability
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        low, high = (middle, high) if _beta(a, b, middle) < probability else (low, middle)


def _beta(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = math.exp(
        a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) - math.log(a)
    )
    return front / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """Lentz's way to the value of 1 + d1/(1 + d2/(1 + ...)), the fraction of the incomplete beta function."""
    tiny = 1e-300
    value = c = 1.0
    d = 0.0
    for step in range(1, 10_000):
        m = step // 2
        if step % 2:
            numerator = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            numerator = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + numerator * d) or tiny)
        c = (1 + numerator / c) or tiny
        value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return value


@udf("py_wilson_lower", ("BIGINT", "BIGINT", "DOUBLE"), "DOUBLE")
def wilson_lower(successes: int, trials: int, z: float) -> float:
    """The lower end of Wilson's interval for a share."""
    _check_wilson(successes, trials, z)
    return _wilson(successes, trials, -z)


@udf("py_wilson_upper", ("BIGINT", "BIGINT", "DOUBLE"), "DOUBLE")
def wilson_upper(successes: int, trials: int, z: float) -> float:
    """The upper end of Wilson's interval for a share."""
    _check_wilson(successes, trials, z)
    return _wilson(successes, trials, z)


def _check_wilson(successes: int, trials: int, z: float) -> None:
    _check(successes >= 0, "number of successes must not be negative")
    _check(trials > 0, "number of trials must be positive")
    _check(successes <= trials, "number of successes must not be larger than number of trials")
    _check(z >= 0, "z-score must not be negative")


def _wilson(successes: int, trials: int, z: float) -> float:
    share = successes / trials
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return (share + z * z / (2 * trials) + spread) / (1 + z * z / trials)
