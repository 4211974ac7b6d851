"""Words around what is written from records: the ledger's claims and the tables of the data page.

Each in both languages; a row's own words (a statement, a note, what a column means) stand in ``data/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thesis.language import Text

VERDICT_NAMES: dict[str, Text] = {
    "reproduced": {"kk": "сәйкес келді", "en": "reproduced"},
    "differs": {"kk": "айырма бар", "en": "differs"},
    "not-computable": {"kk": "есептеуге дерек жоқ", "en": "not computable"},
}
WEIGHT_NAMES: dict[str, Text] = {
    "material": {"kk": "елеулі", "en": "material"},
    "minor": {"kk": "ұсақ", "en": "minor"},
    "misprint": {"kk": "баспа қатесі", "en": "misprint"},
}
AGAINST_NAMES: dict[str, Text] = {
    "own-data": {"kk": "диссертацияның өз дерегі", "en": "the thesis’s own data"},
    "own-text": {"kk": "диссертация мәтінінің басқа жері", "en": "another place in the thesis’s text"},
    "primary-source": {"kk": "басқа дереккөз", "en": "a source outside the thesis"},
}
RELATIONS: dict[str, Text] = {
    "at-least": {"kk": "кемінде", "en": "at least"},
    "more-than": {"kk": "мына саннан көп болуы керек –", "en": "to be more than"},
    "less-than": {"kk": "мына саннан аз болуы керек –", "en": "to be less than"},
    "at-most": {"kk": "ең көбі", "en": "at most"},
}
LEDGER: dict[str, Text] = {
    "statement": {"kk": "Тұжырым", "en": "Statement"},
    "printed": {"kk": "Басылғаны", "en": "Printed"},
    "found": {"kk": "Қайта есептелгені", "en": "Recomputed"},
    "verdict": {"kk": "Қорытынды", "en": "Verdict"},
    "how": {"kk": "Қалай тексерілді", "en": "How it was checked"},
    "rows": {"kk": "Жолдар", "en": "Rows"},
    "all-rows": {"kk": "барлық жол", "en": "all rows"},
    "against": {"kk": "Салыстыру негізі", "en": "Held against"},
    "wanted": {"kk": "Күтілген шарт", "en": "What the statement asks"},
    "tolerance": {"kk": "Рұқсат етілген ауытқу", "en": "Tolerance"},
    "meant": {"kk": "Дұрысы көрінетін жер", "en": "What was meant is shown by"},
    "in-chapter": {"kk": "тарауда", "en": "in the chapter"},
    "others": {"kk": "Қалған тұжырымдар", "en": "The other claims"},
    "search": {"kk": "Тұжырымнан іздеу", "en": "Search the claims"},
    "chapter": {"kk": "Тарау", "en": "Chapter"},
    "weight": {"kk": "Салмағы", "en": "Weight"},
    "any": {"kk": "бәрі", "en": "all"},
    "more": {"kk": "Тағы көрсету", "en": "Show more"},
    "shown": {"kk": "Табылғаны: {found}, барлығы: {all}", "en": "{found} of {all} found"},
}
"""Around the claims: headings of their rows, the filter, what introduces each part of a check."""

METHODS: dict[str, Text] = {
    "count": {
        "kk": "{table} кестесіндегі сәйкес жолдар саналды",
        "en": "The matching rows of {table} are counted",
    },
    "distinct": {
        "kk": "{table} кестесіндегі сәйкес жолдардың әртүрлі {column} мәндері саналды",
        "en": "The different values of {column} in the matching rows of {table} are counted",
    },
    "total": {
        "kk": "{table} кестесіндегі сәйкес жолдардың {column} мәндері қосылды",
        "en": "The values of {column} in the matching rows of {table} are added up",
    },
    "value": {
        "kk": "{table} кестесінен {column} мәні алынды",
        "en": "{column} is read from {table}",
    },
    "value_in_any": {
        "kk": "{table} кестесіндегі дереккөздердің {column} мәндері алынды; олардың бірімен сәйкессе жеткілікті",
        "en": "{column} is read from each source in {table}; agreeing with one of them is enough",
    },
    "largest": {
        "kk": "{table} кестесіндегі {column} мәндерінің ең үлкені алынды",
        "en": "The largest {column} in the matching rows of {table} is taken",
    },
    "smallest": {
        "kk": "{table} кестесіндегі {column} мәндерінің ең кішісі алынды",
        "en": "The smallest {column} in the matching rows of {table} is taken",
    },
    "rank_from_largest": {
        "kk": "{table} кестесіндегі орны {column} мәнінің кемуі бойынша анықталды",
        "en": "The place in {table} is found by {column}, the largest first",
    },
    "rank_from_smallest": {
        "kk": "{table} кестесіндегі орны {column} мәнінің өсуі бойынша анықталды",
        "en": "The place in {table} is found by {column}, the smallest or earliest first",
    },
    "share": {
        "kk": "{table} кестесіндегі сәйкес жолдардың {among} арасындағы үлесі есептелді, пайызбен",
        "en": "The share of the matching rows of {table} among {among} is computed, in per cent",
    },
    "share_of_total": {
        "kk": "{table} кестесіндегі {column} мәндерінің {among} жиынындағы үлесі есептелді, пайызбен",
        "en": "The share of {column} in the total over {among} is computed from {table}, in per cent",
    },
    "difference": {
        "kk": "{table} кестесіндегі {column} қосындысынан {among} қосындысы шегерілді",
        "en": "The total of {column} over {among} is taken from that of the matching rows of {table}",
    },
    "difference_in_count": {
        "kk": "{table} кестесіндегі сәйкес жолдар санынан {among} жолдарының саны шегерілді",
        "en": "The number of rows {among} is taken from the number of matching rows of {table}",
    },
    "ratio": {
        "kk": "{table} кестесіндегі {column} қосындысы {among} қосындысына бөлінді",
        "en": "The total of {column} over the matching rows of {table} is divided by that over {among}",
    },
    "count_not_among": {
        "kk": "{table} кестесіндегі {column} мәндерінің {among} арасында жоқтары саналды",
        "en": "The values of {column} in {table} that are not among {among} are counted",
    },
    "falls": {
        "kk": "{table} кестесіндегі {column} мәні жолдан жолға неше рет төмендегені саналды",
        "en": "How often {column} falls from one row of {table} to the next is counted",
    },
    "rises": {
        "kk": "{table} кестесіндегі {column} мәні жолдан жолға неше рет өскені саналды",
        "en": "How often {column} rises from one row of {table} to the next is counted",
    },
    "days_in_month": {
        "kk": "{table} кестесіндегі жыл мен ай бойынша айдағы күн саны анықталды",
        "en": "The number of days is found for the year and month that {table} gives",
    },
    "sourced_value": {
        "kk": "{table} кестесінен осы тұжырымға қатысты дереккөз ізделді",
        "en": "A source on this statement is looked for in {table}",
    },
    "distinct_beginnings": {
        "kk": "{table} кестесіндегі сәйкес жолдардың {column} мәндерінің әртүрлі алғашқы таңбалары саналды",
        "en": "The different first characters of {column} in the matching rows of {table} are counted",
    },
    "distinct_with_own_theme": {
        "kk": "{table} кестесінде өзінен басқа ешбір жолда жоқ тақырыбы (theme) бар {column} мәндері саналды",
        "en": "The values of {column} in {table} that have a theme which no other matching row has are counted",
    },
    "count_above": {
        "kk": "{table} кестесінде {column} мәні {among} жолдарының ең үлкенінен де артық жолдар саналды",
        "en": "The matching rows of {table} are counted whose {column} is above the largest among {among}",
    },
    "century": {
        "kk": "{table} кестесіндегі {column} мәнінің ғасыры анықталды",
        "en": "The century of {column} in {table} is found",
    },
    "months_of_period": {
        "kk": "{table} кестесіндегі {column} мерзімінің басынан аяғына дейінгі айлар саналды",
        "en": "The months from the beginning to the end of {column} in {table} are counted",
    },
    "duration": {
        "kk": "{table} кестесіндегі басталған күннен (date) аяқталған күнге (date_end) дейінгі күндер саналды",
        "en": "The days from the beginning (date) to the end (date_end) in {table} are counted",
    },
    "rank_by_killed": {
        "kk": "{table} кестесіндегі орны барлық қаза тапқандар саны бойынша анықталды",
        "en": "The place in {table} is found by the number of all killed, the largest first",
    },
    "difference_in_killed": {
        "kk": "{table} кестесіндегі сәйкес жолдарда барлық қаза тапқандар санынан {among} жолдарындағы сан шегерілді",
        "en": "The number of all killed over {among} is taken from that of the matching rows of {table}",
    },
    "officers_killed_beyond_civilians": {
        "kk": "{table} кестесінде қаза тапқан күштік құрылым қызметкерлерінің санынан азаматтар саны шегерілді",
        "en": "The civilians killed in the rows of {table} are taken from the members of the security forces killed",
    },
    "most_in_twelve_months": {
        "kk": "{table} кестесіндегі {column} бойынша он екі айға шыға алатын ең көп сан есептелді: "
        "әр айға дөңгелектеу үшін 50 қосылды, аталмаған айлар {among} жолындағыдай деп алынды",
        "en": "The most that twelve months can come to is computed from {column} in {table}: 50 is added to each month "
        "for rounding, and a month that no row names counts as {among}",
    },
    "sourced_century": {
        "kk": "{table} кестесінен осы тұжырымға қатысты дереккөз ізделіп, {column} мәнінің ғасыры анықталды",
        "en": "A source on this statement is looked for in {table}, and the century of {column} is found",
    },
    "sourced_day": {
        "kk": "{table} кестесінен осы тұжырымға қатысты дереккөз ізделіп, {column} мәнінен айдың нешесі екені алынды",
        "en": "A source on this statement is looked for in {table}, and the day of the month is read from {column}",
    },
}
"""What each check does; {table}, {column}, {among} stand for the parts of a claim."""

DATA: dict[str, Text] = {
    "column": {"kk": "Баған", "en": "Column"},
    "type": {"kk": "Түрі", "en": "Type"},
    "meaning": {"kk": "Мағынасы", "en": "Meaning"},
    "first": {"kk": "Алғашқы жолдары", "en": "First rows"},
    "rows": {"kk": "жол саны", "en": "rows"},
    "source": {"kk": "Дереккөзі", "en": "Source"},
    "licence": {"kk": "Лицензиясы", "en": "Licence"},
    "file": {"kk": "Файлы", "en": "File"},
}
"""Around a table of the data page, its columns and its first rows."""

TYPES: dict[str, Text] = {
    "string": {"kk": "мәтін", "en": "text"},
    "integer": {"kk": "бүтін сан", "en": "whole number"},
    "number": {"kk": "сан", "en": "number"},
    "date": {"kk": "күн", "en": "date"},
    "year": {"kk": "жыл", "en": "year"},
    "boolean": {"kk": "иә/жоқ", "en": "yes/no"},
}
"""What a column may hold, by the type in its description."""

UNITS: dict[str, Text] = {
    "acts": {"kk": "акт", "en": "acts"},
    "degrees": {"kk": "градус", "en": "degrees"},
    "events": {"kk": "оқиға", "en": "events"},
    "occurrences": {"kk": "кездесу саны", "en": "occurrences"},
    "people": {"kk": "адам", "en": "people"},
    "percent": {"kk": "пайыз", "en": "per cent"},
    "persons": {"kk": "адам", "en": "persons"},
    "points": {"kk": "ұпай", "en": "points"},
    "years": {"kk": "жыл", "en": "years"},
}
"""What a number counts or is measured in, by the unit in its description."""
