"""The words of products and reviews: Faker gives names of people, firms and towns; the rest is the shop's own.

Words are drawn once for a world, a few hundred of them; rows only combine them. No word has a quote or a line break.
"""

from dataclasses import dataclass
from functools import cache

from faker import Faker

BRANDS, PEOPLE, TOWNS = 120, 80, 80

# Category → shelf → what lies there.
SHELVES = {
    "electronics": {
        "audio": ("Headphones", "Speaker", "Earbuds"),
        "computers": ("Keyboard", "Monitor", "Docking Station"),
        "cameras": ("Action Camera", "Tripod"),
    },
    "home": {
        "lighting": ("Desk Lamp", "Floor Lamp", "Night Light"),
        "kitchen": ("Kettle", "Frying Pan", "Knife Set"),
        "bedding": ("Pillow", "Blanket"),
    },
    "fashion": {
        "shoes": ("Sneakers", "Boots", "Sandals"),
        "tops": ("Shirt", "Sweater", "Hoodie"),
        "accessories": ("Belt", "Scarf", "Backpack"),
    },
    "sports": {
        "fitness": ("Yoga Mat", "Dumbbells", "Jump Rope"),
        "outdoor": ("Tent", "Sleeping Bag", "Trekking Poles"),
        "cycling": ("Helmet", "Bike Pump"),
    },
    "beauty": {
        "skin_care": ("Face Cream", "Sunscreen", "Serum"),
        "hair_care": ("Shampoo", "Hair Brush"),
        "fragrance": ("Perfume", "Body Mist"),
    },
    "books": {
        "fiction": ("Novel", "Short Stories", "Thriller"),
        "science": ("Field Guide", "Atlas"),
        "cooking": ("Cookbook", "Baking Guide"),
    },
    "toys": {
        "building": ("Building Blocks", "Marble Run"),
        "games": ("Board Game", "Card Game", "Puzzle"),
        "dolls": ("Doll", "Puppet Theatre"),
    },
    "grocery": {
        "coffee": ("Coffee Beans", "Espresso Capsules"),
        "tea": ("Green Tea", "Herbal Tea"),
        "snacks": ("Trail Mix", "Dark Chocolate", "Crackers"),
    },
}
STYLES = ("Classic", "Compact", "Everyday", "Premium", "Light", "Modern", "Pure", "Smart", "Travel", "Urban", "Nordic")

# Reviews by mood: 0 unhappy (1 and 2 stars), 1 mixed (3), 2 happy (4 and 5).
TITLES = (
    ("Disappointed", "Not what I expected", "Poor quality", "Broke after a week", "Waste of money", "Sent it back"),
    ("It is okay", "Mixed feelings", "Does the job, no more", "Average", "Fair for the price"),
    ("Love it", "Highly recommended", "Great value", "Exactly as described", "Very happy", "Would buy again"),
)
OPENINGS = (
    ("I regret this purchase.", "This was a letdown.", "Sadly, it failed within days.", "It arrived damaged."),
    ("It is neither good nor bad.", "Some things are fine, others are not.", "It works, with a few flaws."),
    ("I am really pleased with it.", "A wonderful purchase.", "It works perfectly.", "Better than I had hoped."),
)
CLOSINGS = (
    ("I asked for a refund.", "I would not buy it again.", "Terrible for this price.", "Customer service was no help."),
    ("I might look for another one next time.", "Good enough for now.", "For the price, it is acceptable."),
    ("I would buy it again.", "Excellent quality for the price.", "Five stars from our family.", "Fast delivery, too."),
)
# By category: what a happy and an unhappy customer notices. A mixed one notices either.
DETAILS = {
    "electronics": (("The battery dies fast.", "It loses the connection."), ("The battery lasts for days.",)),
    "home": (("It wobbles and feels cheap.", "The finish has scratches."), ("It looks great in our home.",)),
    "fashion": (("The seams came apart.", "The size is wrong."), ("It fits perfectly and feels soft.",)),
    "sports": (("It tore on the first trip.", "It slips all the time."), ("It survived rain, mud and a long trip.",)),
    "beauty": (("It irritates my skin.", "The smell is awful."), ("My skin feels fresh, and it smells lovely.",)),
    "books": (("Pages fell out.", "Boring from the first chapter on."), ("I could not put it down.",)),
    "toys": (("A part was missing.", "The children lost interest at once."), ("The children play with it every day.",)),
    "grocery": (("It tastes stale.", "The package was open."), ("Fresh, aromatic, and gone too soon.",)),
}
STORIES = (
    "I bought it for {person}.",
    "{person} in {town} has the same one.",
    "It came as a present for {person}, who lives in {town}.",
    "It was delivered to {town}.",
)


@dataclass(frozen=True)
class Words:
    """What Faker gave: names of brands, first names, towns; each without repeats."""

    brands: list[str]
    people: list[str]
    towns: list[str]


@cache
def words(seed: int) -> Words:
    """The words of a seed, always the same."""
    faker = Faker("en_US")
    faker.seed_instance(seed)
    return Words(
        brands=[faker.unique.last_name() for _ in range(BRANDS)],
        people=[faker.unique.first_name() for _ in range(PEOPLE)],
        towns=[faker.unique.city() for _ in range(TOWNS)],
    )


def stories(seed: int) -> list[str]:
    """Sentences about people and towns."""
    known = words(seed)
    pairs = zip(known.people, known.towns, strict=True)
    return [STORIES[at % len(STORIES)].format(person=person, town=town) for at, (person, town) in enumerate(pairs)]
