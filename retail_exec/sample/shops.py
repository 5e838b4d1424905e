"""The sample's chains, stores and people, and what each store's bays are planned to hold."""

from __future__ import annotations

from dataclasses import dataclass

from retail_exec.accounts.models import Role
from retail_exec.sample.catalogue import CHOCOLATE, CRISPS, DRINKS
from retail_exec.sample.plans import CHOCOLATE_MARKET, CRISPS_CORNER, CRISPS_MARKET, DRINKS_CORNER, Plan
from retail_exec.stores.models import Channel

MARKET, CORNER = "Greengrove Market", "Corner & Co"
CHAINS = {MARKET: Channel.MODERN, CORNER: Channel.GENERAL}
PEOPLE = {
    "auditor@demo.example": Role.AUDITOR,
    "manager@demo.example": Role.MANAGER,
    "analyst@demo.example": Role.ANALYST,
    "admin@demo.example": Role.ADMINISTRATOR,
}
AUDITOR, ADMIN = "auditor@demo.example", "admin@demo.example"


@dataclass(frozen=True, slots=True)
class Shop:
    """A store. untidy: how many faults it has, times the usual."""

    code: str
    name: str
    chain: str
    region: str
    address: str
    untidy: float = 1.0


SHOPS = (
    Shop("G01", "Greengrove Mill Lane", MARKET, "North", "12 Mill Lane"),
    Shop("G02", "Greengrove Station Road", MARKET, "North", "3 Station Road", untidy=1.6),
    Shop("G03", "Greengrove Harbour", MARKET, "South", "41 Harbour Street", untidy=0.6),
    Shop("C01", "Corner & Co Hill Street", CORNER, "North", "8 Hill Street"),
    Shop("C02", "Corner & Co Orchard", CORNER, "South", "27 Orchard Way", untidy=0.7),
    Shop("C03", "Corner & Co Bridge End", CORNER, "South", "1 Bridge End", untidy=1.5),
)
BAYS: dict[str, dict[str, Plan]] = {
    MARKET: {CRISPS: CRISPS_MARKET, CHOCOLATE: CHOCOLATE_MARKET},
    CORNER: {CRISPS: CRISPS_CORNER, DRINKS: DRINKS_CORNER},
}
"""Bays of each chain's stores, named after their category, with their first plan."""
MUST_STOCK = {
    MARKET: "FEN101 FEN102 FEN103 FEN104 FEN105 FEN201 FEN202 OSK101 OSK102 OSK103 OSK104 OSK105 OSK201",
    CORNER: "FEN101 FEN103 FEN104 FEN105 LUM101 LUM102 LUM103 LUM201 LUM202",
}
"""FEN105 has no place in the corner shops' plan: a listed product that the stores do not carry."""
