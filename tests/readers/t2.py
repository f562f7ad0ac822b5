"""T2 of the report, typed a second time as it is printed (千円, occupancy in percent), for everything that must show it."""

YEARS = (2015, 2016, 2017, 2018, 2019, 2020)

# Account or total by its code → name as printed, then H27, H28, H29, H30, R1, R2.
MONEY = {
    "rent": "共同研究負担金(賃料)等|73,912|89,702|108,467|127,665|151,716|204,665",
    "research-income": "研究費|304,654|584,617|505,906|445,336|505,794|600,536",
    "city-startup": "立ち上げ期間支援|250,000|220,000|160,000|130,000|80,000|50,000",
    "city-promotion": "研究促進負担金|-|-|-|-|100,000|110,000",
    "other-revenue": "その他|0|9,775|5,005|24,785|9,411|7,240",
    "revenue": "合計|628,566|904,094|779,378|727,786|846,921|972,441",
    "research": "研究事業|256,924|493,351|426,854|389,350|394,574|435,884",
    "operation": "運営費|369,386|388,284|376,001|343,796|410,926|459,895",
    "facilities": "施設管理|-|-|-|-|189,699|227,358",
    "research-support": "研究支援|-|-|-|-|221,227|232,537",
    "expenditure": "合計|626,310|881,635|802,855|733,146|805,499|895,780",
    "balance": "当期収支差額|2,256|22,459|▲23,477|▲5,360|41,422|76,661",
}
OCCUPANCY = {"目標": "45%|55%|60%|65%|75%|80%", "実績": "44%|42%|56%|58%|79%|80%"}


def printed() -> list[list[str]]:
    """The rows from top to bottom: name and six figures; 「-」 as the portal prints it."""
    rows = [[name, *text.split("|")] for name, text in OCCUPANCY.items()]
    return rows + [text.replace("|-", "|－").split("|") for text in MONEY.values()]


def thousands() -> dict[tuple[str, int], int | None]:
    """Every figure of money by code and first calendar year of the fiscal year; None for 「-」."""
    return {
        (code, year): None if figure == "-" else int(figure.replace(",", "").replace("▲", "-"))
        for code, text in MONEY.items()
        for year, figure in zip(YEARS, text.split("|")[1:], strict=True)
    }
