"""The detector's model card: where it comes from, how it was made, how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FIGURES = ("images", "boxes", "precision_70", "recall_70", "f1_70", "f1_50", "ap", "ap75")

CARD = """# {name} {version}

Finds every product package, price tag and empty place on a shelf photo, one box each: packages by their
front facing, gaps as wide as nothing stands there. A map at an eighth of the size tells where the boards'
front edges run.

- **Role:** detector, `{file}`, {parameters:,} parameters, sha256 `{sha256}`
- **Licence:** {licence}
- **Starting weights:** YOLOX-nano, COCO (Ge et al., 2021), Apache-2.0.
- **Data:** shelf photos rendered by this project (`recognition/training/render`; pictures on the packs cut
  from GroceryStoreDataset photos, MIT), and photos of the price-tag set and of GroceryStoreDataset (both MIT)
  with this project's own labels, `price_tags_shelves.json` and `grocery_store_train.json` in
  `recognition/training/labels`. No other photo was seen in training.
- **Input:** RGB uint8 photo, long side scaled to {long_side} px, padded to multiples of {multiple}.{looks}
- **Operating point:** score {score_threshold} for packages, {price_tag_threshold} for price tags,
  {gap_threshold} for gaps; suppression at IoU {nms_iou}, box voting at IoU {vote_iou}. The scores have the
  best mean F1, at IoU 0.5 and 0.7 for packages and 0.5 for the others, on {tuned_on}.
- **Code:** commit `{commit}`.

## Recipe

{recipe_text}
```
{commands}
```

## Figures

At IoU 0.7 unless the name says otherwise, at the operating point; average precision over all scores.

{table}

{remarks}
"""

SECOND_LOOKS = {
    "closer": """
  Where the typical package then has less than {below} pixels (root of its area), a second look at
  {long_side}.""",
    "farther": """
  Where it has more than {above}, a second look at {long_side}.""",
}


def write_card(
    entry: Mapping[str, Any], facts: Mapping[str, Any], figures: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return the card as Markdown.

    entry: of the manifest. facts: parameters, commit, commands, tuned_on, recipe_text, remarks.
    figures: by set and kind.
    """
    head = f"| what | {' | '.join(FIGURES)} |\n|---{'|---' * len(FIGURES)}|"
    rows = [
        f"| {name} | {' | '.join(_number(row[key]) for key in FIGURES)} |" for name, row in figures.items()
    ]
    looks = [
        text.format(**entry["preprocessing"][look])
        for look, text in SECOND_LOOKS.items()
        if look in entry["preprocessing"]
    ]
    fields = {**entry, **entry["preprocessing"], **entry["settings"], **facts, "looks": "".join(looks)}
    return CARD.format(table="\n".join([head, *rows]), **fields)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"
