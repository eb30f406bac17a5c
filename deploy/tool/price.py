"""What the minimum instances cost a month, from deploy/prices.tsv.

price month REGION INSTANCES CPU MEMORY     one line
"""

from __future__ import annotations

from pathlib import Path

_PRICES = Path(__file__).resolve().parents[1] / "prices.tsv"
_SECONDS_A_MONTH = 730 * 3600


def gibibytes(memory: str) -> float:
    """512Mi -> 0.5"""
    return float(memory[:-2]) / (1024 if memory.endswith("Mi") else 1)


def monthly(table: str, region: str, instances: int, cpu: float, memory: str) -> tuple[float, str, str]:
    """US dollars, the tier and the table's date. The first row that names the region (or *) counts."""
    dated = ""
    for line in table.splitlines():
        if line.startswith("# dated\t"):
            dated = line.split("\t")[1]
        if line.startswith("#") or not line.strip():
            continue
        tier, cpu_price, memory_price, regions = line.split("\t")
        if region in regions.split() or regions == "*":
            second = cpu * float(cpu_price) + gibibytes(memory) * float(memory_price)
            return instances * second * _SECONDS_A_MONTH, tier, dated
    raise ValueError(f"no price for {region}")


def month(region: str, instances: str, cpu: str, memory: str) -> None:
    """Print the price as a sentence."""
    price, tier, dated = monthly(_PRICES.read_text(), region, int(instances), float(cpu), memory)
    print(
        f"Minimum instances: {instances} x {cpu} CPU, {memory} in {region} (price tier {tier}): about "
        f"${price:.2f} a month while they wait (list prices of {dated}, deploy/prices.tsv); calls cost extra."
    )


COMMANDS = {"month": month}
