"""What a review thinks of a product, by its stars and by a small list of English words.

    stars     = (rating - 3) / 2                                        from -1 to 1
    words     = (praise - blame) / (praise + blame)                     from -1 to 1
    sentiment = 0.7 x stars + 0.3 x words, or stars alone where the text has no word of the list

A word counts as its opposite where one of the three words before it negates it ("not very good", "does not break").
Neither a punctuation mark nor "but" lets a negation through. Texts in other languages have no word of the list, so
that their stars stand alone. `positive` is a sentiment of at least 0.25, `negative` one of at most -0.25.
"""

from decimal import Decimal

from pyspark.sql import Column
from pyspark.sql import functions as f

STARS, WORDS = Decimal("0.7"), Decimal("0.3")
THRESHOLD = Decimal("0.25")
REACH = 3  # words that a negation reaches


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PRAISE = _words("""
    amazing adorable affordable awesome beautiful best better brilliant bright charming clean clear comfortable
    comfy convenient cozy crisp delicious delighted delightful durable easy effective efficient elegant enjoy enjoyed
    excellent exceptional fabulous fair fantastic fast favorite favourite fine fits flawless fresh fun generous genuine
    good gorgeous great handy happy helpful ideal impressed impressive incredible intuitive lasting like liked
    lightweight love loved lovely loves magnificent neat nice outstanding perfect perfectly pleasant pleased pleasure
    premium pretty quick quiet recommend recommended reliable right robust satisfied sharp sleek smart smooth soft
    solid stable sturdy stunning stylish super superb superior tasty terrific thrilled useful value versatile warm
    well wonderful worth worthy
    """)
BLAME = _words("""
    annoying awful bad bland blurry bored boring break breaks broke broken bulky buggy cheap cheaply complain
    complaint cracked crap crappy damaged dead defect defective difficult dirty disappointed disappointing
    disappointment dislike dull dreadful expensive fail failed fails failure fake faulty flaw flawed flimsy fragile
    frustrated frustrating garbage hard hate hated heavy horrible hum hums inferior issue issues joke junk lacking
    lacks late leak leaked leaks loose loud mediocre mess missing misleading mistake noisy odd overpriced pathetic
    poor poorly problem problems regret refund refunded return returned rough rude ruined rust scam scratched slow
    smelly stale stopped stuck tear terrible tight tore torn trash ugly unacceptable uncomfortable unhappy unreliable
    unusable useless waste wasted weak wobbly worn worse worst wrong
    """)
NEGATIONS = ("barely", "cannot", "hardly", "neither", "never", "no", "none", "nor", "not", "nothing", "without")


def score(text: Column, rating: Column) -> Column:
    """The sentiment, from -1 to 1.

    Args:
        text: what was written (string), or NULL.
        rating: stars, 1 to 5 (int).

    Returns:
        decimal(5,4), rounded half up; the module's docstring has the formula.
    """
    weights = f.flatten(f.transform(_clauses(text), _weights))
    praise = f.size(f.filter(weights, lambda weight: weight > 0))
    found = f.size(f.filter(weights, lambda weight: weight != 0))
    # In decimals, so that a half is rounded as a half.
    stars = (rating - 3).cast("decimal(10,0)") * f.lit(Decimal("0.5"))
    words = (praise * 2 - found).cast("decimal(10,0)") / found.cast("decimal(10,0)")
    both = stars * f.lit(STARS) + words * f.lit(WORDS)
    return f.when(found > 0, both).otherwise(stars).cast("decimal(5,4)")


def label(sentiment: Column) -> Column:
    """`positive`, `neutral` or `negative`, of what `score` gives."""
    positive = f.when(sentiment >= f.lit(THRESHOLD), "positive")
    return positive.when(sentiment <= f.lit(-THRESHOLD), "negative").otherwise("neutral")


def _clauses(text: Column) -> Column:
    """The parts of a text that negations stay in, each as an array of its words in lower case."""
    plain = f.translate(f.lower(f.coalesce(text, f.lit(""))), "\u2019", "'")
    parts = f.split(plain, r"[^a-z' -]+|\bbut\b")
    return f.transform(parts, lambda part: f.regexp_extract_all(part, f.lit("[a-z']+"), f.lit(0)))


def _weights(words: Column) -> Column:
    """Of each word of a clause 1 (praise), -1 (blame) or 0."""

    def weight(word: Column, place: Column) -> Column:
        own = f.when(word.isin(*PRAISE), 1).when(word.isin(*BLAME), -1).otherwise(0)
        before = f.slice(words, f.greatest(place - REACH, f.lit(0)) + 1, f.least(place, f.lit(REACH)))
        return f.when(own == 0, 0).when(f.exists(before, _negates), -own).otherwise(own)

    return f.transform(words, weight)


def _negates(word: Column) -> Column:
    return word.isin(*NEGATIONS) | word.endswith("n't")
