"""Which picture shows which SKU: by its name, or by the barcode on it or beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from compliance.importers.values import LeftRow
from recognition.stages.barcode import read_barcodes
from recognition.stages.decode import UnreadablePhoto, decode
from retail_exec.catalog.services.pictures import Picture

CLOSE_UP = 0.4
"""A picture whose barcode is this share of its longer side shows the barcode rather than the pack."""
Track = Callable[[Sequence[Picture]], Iterable[Picture]]
"""Goes through the pictures and shows how far it is, as tqdm does."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture that can be read, with the GTINs of its barcodes."""

    picture: Picture
    gtins: tuple[str, ...]
    close_up: bool


class References:
    """Finds the SKUs of pictures.

    gtins: 14 digits or "" by SKU. left: gets the pictures not used, and why. remarks: gets what is worth a
    look.
    """

    def __init__(self, gtins: Mapping[str, str], left: list[LeftRow], remarks: list[LeftRow]) -> None:
        self.gtins = gtins
        self.left = left
        self.remarks = remarks
        self._sku_of = {gtin: sku for sku, gtin in gtins.items() if gtin}

    def choose(self, found: Sequence[Picture], track: Track = iter) -> Iterator[Picture]:
        """The pictures that are references, their key the SKU's code; each is read whole once before.

        Pictures of one key (a folder's) belong together: the barcode on one of them tells the SKU of all
        where the key does not. A close-up of a barcode among other pictures is no reference itself.
        """
        together = sorted(found, key=lambda picture: picture.key)
        for key, pictures in groupby(track(together), key=lambda picture: picture.key):
            seen = [read for picture in pictures if (read := self._read(picture)) is not None]
            yield from self._named(seen) if key in self.gtins else self._linked(key, seen)

    def _read(self, picture: Picture) -> _Seen | None:
        try:
            image = decode(picture.read())  # one that breaks off in the middle would break the gallery later
        except UnreadablePhoto as wrong:
            self._leave(picture, str(wrong))
            return None
        codes = read_barcodes(image)
        close_up = any(code.span >= CLOSE_UP for code in codes)
        return _Seen(picture, tuple(code.gtin for code in codes), close_up)

    def _named(self, seen: Sequence[_Seen]) -> Iterator[Picture]:
        """Pictures that say their SKU; what their barcodes say against it is remarked."""
        for one in seen:
            self._compare(one, one.picture.key)
        alone = all(one.close_up for one in seen)
        for one in seen:
            if one.close_up and not alone:
                self._remark(one.picture, "shows the barcode and little else, so it is not kept.")
            else:
                yield one.picture

    def _compare(self, one: _Seen, sku: str) -> None:
        ours = self.gtins[sku]
        if not one.gtins or ours in one.gtins:
            return
        why = f"the name says SKU {sku}, whose GTIN is {ours or 'not known'}; the barcode says {one.gtins[0]}"
        others = sorted(self._skus(one.gtins))
        self._remark(one.picture, why + (f", which is SKU {others[0]}'s." if others else "."))

    def _linked(self, key: str, seen: Sequence[_Seen]) -> Iterator[Picture]:
        """Pictures that do not say their SKU: theirs is the one that a barcode names."""
        all_gtins = [gtin for one in seen for gtin in one.gtins]
        skus = sorted(self._skus(all_gtins))
        for one in seen:
            own = self._skus(one.gtins) or set(skus)
            if len(own) != 1:
                self._leave(one.picture, _unknown(key, skus, all_gtins))
                continue
            sku = own.pop()
            if one.close_up:
                self._close_up(one.picture, sku, alone=all(other.close_up for other in seen))
                continue
            source = next(other for other in seen if sku in self._skus(other.gtins))
            by = "its barcode" if sku in self._skus(one.gtins) else f"the barcode of {source.picture.name}"
            self._remark(one.picture, f"is SKU {sku}'s by {by}.")
            yield replace(one.picture, key=sku)

    def _close_up(self, picture: Picture, sku: str, alone: bool) -> None:
        if alone:
            why = f"shows little but the barcode of SKU {sku}; expected pictures of the pack in its folder."
            self._leave(picture, why)
        else:
            self._remark(picture, f"shows the barcode of SKU {sku} and little else, so it is not kept.")

    def _skus(self, gtins: Iterable[str]) -> set[str]:
        return {self._sku_of[gtin] for gtin in gtins if gtin in self._sku_of}

    def _leave(self, picture: Picture, why: str) -> None:
        self.left.append(LeftRow(0, f"packshot {picture.name}", why))

    def _remark(self, picture: Picture, why: str) -> None:
        self.remarks.append(LeftRow(0, f"packshot {picture.name}", why))


def _unknown(key: str, skus: Sequence[str], gtins: Sequence[str]) -> str:
    if skus:
        return f"the barcodes are of several SKUs: {', '.join(skus)}; expected one in a picture or folder."
    if gtins:
        return f"the catalogue has no SKU {key!r}, and none with the barcode's GTIN {gtins[0]}."
    return f"the catalogue has no SKU {key!r}."
