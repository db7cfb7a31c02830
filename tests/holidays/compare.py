"""Compares the standard holiday lists with those of the Python package `holidays`, day by day from 2000 to 2040.

It is for whoever changes a list, and no part of `cargo test`. In an environment of its own:

    python3 -m venv /tmp/holidays && /tmp/holidays/bin/pip install holidays
    KLAUSEL_HOLIDAYS_OUT=/tmp/lists.csv cargo test --test holidays
    /tmp/holidays/bin/python tests/holidays/compare.py /tmp/lists.csv

Each difference is printed with its list, its days and its reason, where SETTLED has one: a statute or an official page
that was read, named in the list's file. A difference without a reason is an error, and so is a reason that no
difference needs any longer.
"""

import csv
import sys
from collections import defaultdict
from datetime import date

import holidays

YEARS = range(2000, 2041)
STATES = {
    "baden_wuerttemberg": "BW",
    "bavaria": "BY",
    "berlin": "BE",
    "brandenburg": "BB",
    "bremen": "HB",
    "hamburg": "HH",
    "hesse": "HE",
    "lower_saxony": "NI",
    "mecklenburg_vorpommern": "MV",
    "north_rhine_westphalia": "NW",
    "rhineland_palatinate": "RP",
    "saarland": "SL",
    "saxony": "SN",
    "saxony_anhalt": "ST",
    "schleswig_holstein": "SH",
    "thuringia": "TH",
}
CANTONS = {
    "zurich": "ZH",
    "bern": "BE",
    "lucerne": "LU",
    "uri": "UR",
    "schwyz": "SZ",
    "obwalden": "OW",
    "nidwalden": "NW",
    "glarus": "GL",
    "zug": "ZG",
    "fribourg": "FR",
    "solothurn": "SO",
    "basel_stadt": "BS",
    "basel_landschaft": "BL",
    "schaffhausen": "SH",
    "appenzell_ausserrhoden": "AR",
    "appenzell_innerrhoden": "AI",
    "st_gallen": "SG",
    "graubuenden": "GR",
    "aargau": "AG",
    "thurgau": "TG",
    "ticino": "TI",
    "vaud": "VD",
    "valais": "VS",
    "neuchatel": "NE",
    "geneva": "GE",
    "jura": "JU",
}

FRIBOURG = "the canton's page has it for the catholic part; the package has no parts"
SOLOTHURN = "Ruhetagsgesetz § 2, outside of Bucheggberg"
AARGAU = "the canton's page: in some districts only, and the list holds what all share"
SETTLED = {
    ("fribourg", "only ours", "Fête-Dieu"): FRIBOURG,
    ("fribourg", "only ours", "Assomption"): FRIBOURG,
    ("fribourg", "only ours", "Toussaint"): FRIBOURG,
    ("fribourg", "only ours", "Immaculée Conception"): FRIBOURG,
    ("solothurn", "only ours", "Fronleichnam"): SOLOTHURN,
    ("solothurn", "only ours", "Mariä Himmelfahrt"): SOLOTHURN,
    ("solothurn", "only ours", "Allerheiligen"): SOLOTHURN,
    ("graubuenden", "only ours", "Karfreitag"): "Ruhetagsgesetz article 2; the package calls it optional",
    ("aargau", "only theirs", "Berchtoldstag"): AARGAU,
    ("aargau", "only theirs", "Ostermontag"): AARGAU,
    ("aargau", "only theirs", "Tag der Arbeit"): AARGAU,
    ("aargau", "only theirs", "Pfingstmontag"): AARGAU,
    ("aargau", "only theirs", "Fronleichnam"): AARGAU,
    ("aargau", "only theirs", "Mariä Himmelfahrt"): AARGAU,
    ("aargau", "only theirs", "Allerheiligen"): AARGAU,
    ("aargau", "only theirs", "Mariä Empfängnis"): AARGAU,
    ("aargau", "only theirs", "Stephanstag"): AARGAU,
    ("neuchatel", "only theirs", "Fronleichnam"): "article 3 of the canton's act: by region at most, so not in",
    ("scotland", "only theirs", "Saint Andrew's Day"): "the act is of 2007",
    ("netherlands", "only theirs", "Goede vrijdag"): "paragraph 2 of article 3: a list of its own",
    ("netherlands_lustrum", "only theirs", "Goede vrijdag"): "paragraph 2 of article 3: a list of its own",
}


def package(country, part=None, categories=("public",), named=None):
    """The package's days of a place with their labels; with `named`, only those so called."""
    language = {"DE": "de", "AT": "de", "CH": "de", "NL": "nl", "GB": "en_GB", "US": "en_US"}[country]
    days = holidays.country_holidays(country, subdiv=part, years=YEARS, categories=categories, language=language)
    return {day: label for day, label in days.items() if named is None or named in label}


def theirs():
    """For each list of ours, the days that the package has for it."""
    lists = {"germany": package("DE"), "austria": package("AT"), "switzerland": package("CH")}
    for name, state in STATES.items():
        lists[name] = package("DE", state)
    lists["bavaria_mariae_himmelfahrt"] = package("DE", "BY", ("catholic",))
    lists["saxony_fronleichnam"] = package("DE", "SN", ("catholic",))
    lists["thuringia_fronleichnam"] = package("DE", "TH", ("catholic",))
    lists["augsburg_friedensfest"] = package("DE", "Augsburg", named="Friedensfest")
    for name, canton in CANTONS.items():
        lists[name] = package("CH", canton)
        lists[f"{name}_customary"] = package("CH", canton, ("optional",))
    lists["fribourg_reformed"] = package("CH", "FR", ("public", "optional"))
    lists["solothurn_bucheggberg"] = package("CH", "SO")
    lists["us_federal"] = package("US")
    lists["us_inauguration_day"] = package("US", "DC", named="Inauguration Day")
    lists["england_and_wales"] = package("GB", "ENG")
    lists["scotland"] = package("GB", "SCT")
    lists["northern_ireland"] = package("GB", "NIR")
    lists["netherlands"] = package("NL", categories=("public", "optional"))
    lists["netherlands_lustrum"] = package("NL")
    lists["netherlands_goede_vrijdag"] = package("NL", named="Goede")
    return lists


def ours(path):
    """The days of each list, and their labels, as the test wrote them."""
    lists = defaultdict(dict)
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lists[row["list"]][date.fromisoformat(row["date"])] = row["label"]
    return lists


def left(days, others):
    """The days that the others have not, by their labels."""
    found = defaultdict(list)
    for day in sorted(days.keys() - others.keys()):
        found[days[day]].append(day)
    return found


def shown(days):
    words = ", ".join(day.isoformat() for day in days[:4])
    return words if len(days) <= 4 else f"{words} … {days[-1].isoformat()}"


def main():
    mine, other = ours(sys.argv[1]), theirs()
    compared, differing, open_ones, used = 0, 0, 0, set()
    for name, days in mine.items():
        if name not in other:
            print(f"{name}: the package has no such list")
            open_ones += 1
            continue
        compared += len(days.keys() | other[name].keys())
        for side, found_here in (("only ours", left(days, other[name])), ("only theirs", left(other[name], days))):
            for label, found in found_here.items():
                differing += len(found)
                reason = SETTLED.get((name, side, label))
                used.add((name, side, label))
                open_ones += reason is None
                print(f"{name}: {side}: {label}, {len(found)} days ({shown(found)}): {reason or 'NOT SETTLED'}")
    for key in SETTLED.keys() - used:
        print(f"no difference any longer: {key}")
        open_ones += 1
    print(f"{len(mine)} lists, {compared} days compared, {differing} differ, {open_ones} to be settled")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
