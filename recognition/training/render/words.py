"""Invented words for packs: brands, product names, flavours and small print, in many scripts."""

from __future__ import annotations

import numpy as np

_ONSETS = (*"bcdfghjklmnprstvwz", "br", "ch", "dr", "fl", "gr", "kr", "pl", "sh", "st", "tr")
_VOWELS = (*"aeiouaeo", "ai", "ee", "io", "ou")
_CODAS = ("", "", "", "n", "r", "l", "s", "x", "m", "ck", "sta", "lli", "no", "ya")

ALPHABETS: dict[str, str] = {
    "cyrillic": "абвгдежзиклмнопрстуфхцчшыэюя",
    "greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "arabic": "ابتثجحخدرزسشصطعغفقكلمنهوي",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
    "devanagari": "अआइकखगचजटडतदनपबमयरलवसह",
    "bengali": "অআইকখগচজটডতদনপবমযরলসহ",
    "tamil": "அஆஇகஙசஞடணதநபமயரலவழளறன",
    "thai": "กขคงจชซญดตถทนบปผพมยรลวสหอ",
    "georgian": "აბგდევზთიკლმნოპრსტუფქღყშჩც",
    "armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչ",
    "ethiopic": "ሀለሐመሠረሰሸቀበተቸነአከወዘየደጀገጠ",
    "cjk": "日月山水火木金土大小中国人本味香茶米豆乳果菜鮮麦花雪春夏秋冬糖酢油塩",
}

FLAVOURS: dict[str, tuple[tuple[str, float], ...]] = {
    "snacks": (
        ("Salted", 0.0),
        ("Paprika", 0.02),
        ("Sour Cream", 0.36),
        ("Cheese", 0.13),
        ("Dill", 0.33),
        ("Barbecue", 0.06),
        ("Chilli", 0.99),
        ("Onion", 0.28),
        ("Vinegar", 0.56),
        ("Truffle", 0.09),
    ),
    "sweet": (
        ("Milk", 0.58),
        ("Dark", 0.07),
        ("Hazelnut", 0.08),
        ("Strawberry", 0.97),
        ("Caramel", 0.1),
        ("Mint", 0.44),
        ("Orange", 0.08),
        ("Coconut", 0.53),
        ("Almond", 0.12),
        ("White", 0.14),
    ),
    "drinks": (
        ("Original", 0.0),
        ("Zero", 0.62),
        ("Lemon", 0.16),
        ("Orange", 0.08),
        ("Cherry", 0.96),
        ("Apple", 0.27),
        ("Peach", 0.05),
        ("Mango", 0.11),
        ("Berry", 0.82),
        ("Light", 0.55),
    ),
    "pantry": (
        ("Tomato", 0.0),
        ("Basil", 0.34),
        ("Mushroom", 0.08),
        ("Garlic", 0.15),
        ("Chicken", 0.13),
        ("Classic", 0.6),
        ("Vegetable", 0.3),
        ("Olive", 0.22),
        ("Spicy", 0.99),
        ("Wholegrain", 0.09),
    ),
    "home": (
        ("Fresh", 0.5),
        ("Lavender", 0.75),
        ("Citrus", 0.17),
        ("Ocean", 0.58),
        ("Sensitive", 0.47),
        ("Rose", 0.93),
        ("Aloe", 0.37),
        ("Classic", 0.62),
        ("Strong", 0.01),
        ("Care", 0.85),
    ),
    "chilled": (
        ("Natural", 0.58),
        ("Whole", 0.99),
        ("Semi", 0.36),
        ("Light", 0.55),
        ("Vanilla", 0.14),
        ("Strawberry", 0.97),
        ("Orange", 0.08),
        ("Apple", 0.28),
        ("Oat", 0.1),
        ("Blueberry", 0.68),
    ),
    "crisps": (
        ("Salted", 0.62),
        ("Paprika", 0.0),
        ("Sour Cream", 0.36),
        ("Cheese", 0.13),
        ("Dill", 0.33),
        ("Barbecue", 0.05),
        ("Onion", 0.3),
        ("Ranch", 0.53),
        ("Vinegar", 0.57),
        ("Bacon", 0.95),
    ),
}
"""Aisle -> (flavour, the hue that usually says so, 0..1)."""

NOUNS: dict[str, tuple[str, ...]] = {
    "snacks": ("Chips", "Crackers", "Popcorn", "Nuts", "Pretzels", "Rings", "Tortilla"),
    "sweet": ("Chocolate", "Cookies", "Wafers", "Candy", "Muesli", "Cereal", "Biscuits"),
    "drinks": ("Juice", "Soda", "Water", "Iced Tea", "Cola", "Smoothie", "Energy"),
    "pantry": ("Pasta", "Sauce", "Soup", "Rice", "Beans", "Coffee", "Mustard", "Ketchup"),
    "home": ("Soap", "Cleaner", "Shampoo", "Tissues", "Detergent", "Lotion", "Sponges"),
    "chilled": ("Milk", "Yoghurt", "Juice", "Oat Drink", "Kefir", "Butter", "Cream", "Spread"),
    "crisps": ("Chips", "Crisps", "Puffs", "Rings", "Balls", "Slices"),
}
_CLAIMS = (
    "NEW",
    "BIO",
    "100%",
    "XXL",
    "Best",
    "No sugar",
    "Gluten free",
    "Vegan",
    "-25%",
    "Family",
    "Crispy",
    "Extra",
    "Natural",
    "Original recipe",
    "Rich taste",
    "Low salt",
    "Source of fibre",
    "Since 1921",
    "Limited",
    "2 in 1",
)


def word(rng: np.random.Generator, script: str = "latin", syllables: tuple[int, int] = (1, 4)) -> str:
    """One invented word, capitalised where the script has capitals."""
    if script != "latin":
        letters = ALPHABETS[script]
        size = int(rng.integers(2, 5 if script == "cjk" else 8))
        return "".join(letters[i] for i in rng.integers(0, len(letters), size)).capitalize()
    parts = [
        str(rng.choice(_ONSETS)) + str(rng.choice(_VOWELS)) for _ in range(int(rng.integers(*syllables)))
    ]
    return ("".join(parts) + str(rng.choice(_CODAS))).capitalize()


def claim(rng: np.random.Generator, script: str = "latin") -> str:
    """A short selling phrase."""
    return str(rng.choice(_CLAIMS)) if script == "latin" or rng.random() < 0.3 else word(rng, script)
