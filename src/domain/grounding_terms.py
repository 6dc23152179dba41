"""Words that the grounding check reads as numbers, dates, units and abbreviations."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBER_WORDS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
    "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17",
    "eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40",
    "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90", "half": "0.5",
    "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7", "eighth": "8",
    "ninth": "9", "tenth": "10", "twice": "2", "thrice": "3",
}  # fmt: skip
SCALES = {
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000",
    "trillion": "1000000000000", "dozen": "12", "hundreds": "100", "thousands": "1000",
    "millions": "1000000", "billions": "1000000000", "dozens": "12", "k": "1000", "mn": "1000000",
    "m": "1000000", "mio": "1000000", "bn": "1000000000", "tsd": "1000",
}  # fmt: skip
FOREIGN_NUMBERS = {
    "zwei": "2", "drei": "3", "vier": "4", "funf": "5", "sechs": "6", "sieben": "7", "acht": "8",
    "neun": "9", "zehn": "10", "elf": "11", "zwolf": "12", "zwanzig": "20", "dreissig": "30",
    "vierzig": "40", "funfzig": "50", "hundert": "100", "tausend": "1000", "deux": "2",
    "trois": "3", "quatre": "4", "cinq": "5", "sept": "7", "huit": "8", "neuf": "9", "dix": "10",
    "douze": "12", "vingt": "20", "trente": "30", "cinquante": "50", "mille": "1000", "dos": "2",
    "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8",
    "nueve": "9", "diez": "10", "veinte": "20",
}  # fmt: skip
"""In data only, so that `drei Lizenzen` may become three licences."""
UNITS = _words(
    "st nd rd th s x h hr hrs min mins sec am pm eur usd gbp chf jpy kg g km cm mm ft l gb tb mb"
    " kb ms percent pct"
)
"""What may be written right after a number without changing it."""

_MONTH_NAMES = (
    "january jan januar jänner janvier enero gennaio janeiro januari",
    "february feb februar février febrero febbraio fevereiro februari",
    "march mar märz mars marzo março maart",
    "april apr avril abril aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug août agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre diciembre dicembre dezembro",
)
_WEEKDAY_NAMES = (
    "monday mondays mon montag lundi lunes lunedì maandag",
    "tuesday tuesdays tue tues dienstag mardi martes martedì dinsdag",
    "wednesday wednesdays wed mittwoch mercredi miércoles mercoledì woensdag",
    "thursday thursdays thu thur thurs donnerstag jeudi jueves giovedì donderdag",
    "friday fridays fri freitag vendredi viernes venerdì vrijdag",
    "saturday saturdays sat samstag sonnabend samedi sábado sabato zaterdag",
    "sunday sundays sun sonntag dimanche domingo domenica zondag",
)


def _numbered(names: tuple[str, ...], first: int) -> dict[str, int]:
    plain = str.maketrans("äéûçìá", "aeucia")
    return {
        name.translate(plain): number
        for number, line in enumerate(names, first)
        for name in line.split()
    }


MONTHS = _numbered(_MONTH_NAMES, 1)
WEEKDAYS = _numbered(_WEEKDAY_NAMES, 0)
"""Names in several languages, without accents; Monday is 0."""
WEAK_NAMES = _words(
    "may march mars mar mai mei maio maggio jan jun jul dec dez sep nov sun sat mon wed fri thu tue"
)
"""Names that are other words, too, when they are written small."""
QUARTERS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4,
}  # fmt: skip
RELATIVE_DAYS = frozenset(
    {"today", "tonight", "tomorrow", "yesterday"}
    | {
        f"{which} {span}"
        for which in ("last", "next", "this", "coming", "past")
        for span in ("week", "weekend", "month", "quarter", "year")
    }
)

ABBREVIATIONS = {
    "vp": "vice president", "svp": "senior vice president", "ceo": "chief executive officer",
    "cto": "chief technology officer", "cfo": "chief financial officer",
    "coo": "chief operating officer", "cmo": "chief marketing officer",
    "cio": "chief information officer", "hr": "human resources", "it": "information technology",
    "uk": "united kingdom", "us": "united states", "usa": "united states", "eu": "european union",
}  # fmt: skip
"""Data that holds one form grounds the other one."""
CURRENCIES = {
    "€": ("EUR", "Euro", "Euros"), "$": ("USD", "Dollar", "Dollars"), "£": ("GBP", "Pounds"),
    "¥": ("JPY", "Yen", "CNY"),
}  # fmt: skip
