"""An invented center as a folder of tables: a town's hall with one agreement, two plans and three past years."""

from pathlib import Path

TABLES = {
    "organisations.csv": """code,name,name_en,source
mori-town,森町,Mori Town,指定管理協定書
mori-hall-trust,一般財団法人森町ホール,,指定管理協定書
""",
    "centers.csv": """code,name,short_name,supporter,operator,source
mori-hall,森町文化ホール,文化ホール,mori-town,mori-hall-trust,指定管理協定書
""",
    "agreements.csv": """code,kind,position,title,short_title,starts_on,ends_on,source
operation,basic,1,森町文化ホールの管理に関する基本協定書,基本協定,2020-04-01,2025-03-31,指定管理協定書
""",
    "parties.csv": """agreement,side,name,source
operation,supporter,森町,指定管理協定書
operation,operator,一般財団法人森町ホール,指定管理協定書
""",
    "conclusions.csv": """agreement,concluded_on,document_number,known_from,source
operation,2020-03-20,森文第12号,2020-03-20,指定管理協定書
""",
    "provisions.csv": """agreement,key,parent,kind,position,label,heading,summary,source
operation,art9,,article,1,第9条,報告,年度の終わりに報告する。,指定管理協定書
""",
    "obligations.csv": """agreement,code,provision,position,title,bound,way,timing,due_month,due_day,due_year_offset,source
operation,report,art9,1,事業報告書,operator,review,yearly,5,31,1,指定管理協定書
""",
    "required_documents.csv": """agreement,obligation,code,position,name,source
operation,report,report,1,事業報告書,指定管理協定書
""",
    "support_measures.csv": """code,agreement,position,kind,title,first_year,last_year,total,unit,limit_rule,source
fee,operation,1,contribution,管理の費用,2020,2024,1.5,億円,period_total,指定管理協定書
""",
    "support_amounts.csv": """measure,fiscal_year,stage,value,unit,known_from,source
fee,2020,settled,30000,千円,2021-06-30,決算書
fee,2021,settled,31000,千円,2022-06-30,決算書
""",
    "accounts.csv": """code,position,side,name,parent,within,first_year,purpose,measure,source
fees,1,revenue,利用料,,,2020,rent,,決算書
town-fee,2,revenue,管理の費用,,,2020,,fee,決算書
costs,3,expenditure,運営費,,,2020,,,決算書
staff,4,expenditure,人件費,costs,,2020,,,決算書
building,5,expenditure,維持管理費,costs,,2020,,,決算書
""",
    "statement_lines.csv": """fiscal_year,stage,account,value,unit,known_from,source
2020,settlement,fees,8000,千円,2021-06-30,決算書
2020,settlement,town-fee,30000,千円,2021-06-30,決算書
2020,settlement,staff,20000,千円,2021-06-30,決算書
2020,settlement,building,17000,千円,2021-06-30,決算書
""",
    "statement_totals.csv": """fiscal_year,stage,of,account,value,unit,known_from,source
2020,settlement,revenue,,38000,千円,2021-06-30,決算書
2020,settlement,account,costs,37001,千円,2021-06-30,決算書
""",
    "plans.csv": """code,label,first_year,last_year,under,source
first,第1期計画,2020,2021,operation,計画書
second,第2期計画,2022,2024,operation,計画書
""",
    "goals.csv": """plan,code,position,label,continues_plan,continues_code,reason,source
first,lively,1,にぎわい,,,,計画書
second,lively,1,にぎわいづくり,first,lively,内容が同じため,計画書
""",
    "indicators.csv": """plan,code,goal,position,name,unit,kind,source
first,visitors,lively,1,来館者数,人,flow,計画書
second,visitors,lively,1,来館者数,人,flow,計画書
""",
    "targets.csv": """plan,indicator,fiscal_year,value,unit,known_from,source
first,visitors,2020,20000,人,2020-03-20,計画書
first,visitors,2021,22000,人,2020-03-20,計画書
second,visitors,2022,24000,人,2022-03-25,計画書
""",
    "actuals.csv": """plan,indicator,fiscal_year,as_of,value,unit,certainty,known_from,source
first,visitors,2020,2021-03-31,9000,人,final,2021-06-30,事業報告書
first,visitors,2021,2022-03-31,23000,人,final,2022-06-30,事業報告書
second,visitors,2022,2023-03-31,24500,人,final,2023-06-30,事業報告書
""",
    "categories.csv": """code,position,name,unit,source
concerts,1,演奏会,回,事業報告書
""",
    "records.csv": """category,number,title,happened,source
concerts,1,開館記念演奏会,2020-04-29,事業報告書
""",
}


def write(folder: Path, **changed: str | None) -> Path:
    """The tables in the folder. `changed`: by name without its ending, another text, or None for no such file."""
    for name, text in TABLES.items():
        told = changed.pop(name.removesuffix(".csv"), text)
        if told is not None:
            (folder / name).write_text(told, "utf-8")
    for name, told in changed.items():
        (folder / f"{name.replace('__', '-')}.csv").write_text(told or "", "utf-8")
    return folder


def swapped(table: str, old: str, new: str) -> dict[str, str]:
    """A table with something else in one place."""
    assert old in TABLES[f"{table}.csv"]
    return {table: TABLES[f"{table}.csv"].replace(old, new, 1)}
