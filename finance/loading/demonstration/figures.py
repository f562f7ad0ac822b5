"""What the invented center received and spent, as data: thousand yen by account's code and fiscal year."""

# The research income is that of the invented KPI reports, in full yen there; the contributions are the measures' amounts.
SETTLED: dict[int, dict[str, int]] = {
    2019: {"rent": 41_200, "research-income": 251_904, "startup": 120_000, "other": 0,
           "research": 214_600, "operation": 195_020},
    2020: {"rent": 44_870, "research-income": 248_611, "startup": 100_000, "other": 2_315,
           "research": 211_930, "operation": 190_744},
    2021: {"rent": 52_140, "research-income": 290_455, "startup": 85_000, "other": 4_020,
           "research": 248_210, "operation": 189_365},
    2022: {"rent": 58_320, "research-income": 294_110, "indirect": 67_870, "promotion": 58_000, "other": 3_180,
           "research": 251_480, "facilities": 92_310, "support": 71_940},
    2023: {"rent": 61_750, "research-income": 288_954, "indirect": 66_680, "promotion": 58_000, "other": 5_460,
           "research": 246_120, "facilities": 95_870, "support": 76_205},
    2024: {"rent": 66_480, "research-income": 331_870, "indirect": 76_585, "promotion": 59_000, "other": 2_905,
           "research": 283_640, "facilities": 97_455, "support": 79_310},
    2025: {"rent": 69_915, "research-income": 361_204, "indirect": 83_355, "promotion": 61_500, "other": 4_770,
           "research": 309_180, "facilities": 101_640, "support": 81_930},
}  # fmt: skip

BUDGET: dict[int, dict[str, int]] = {
    2024: {"rent": 64_000, "research-income": 310_000, "promotion": 59_000, "other": 3_000,
           "research": 268_000, "facilities": 97_000, "support": 78_000},
    2025: {"rent": 68_000, "research-income": 347_000, "promotion": 60_000, "other": 3_000,
           "research": 300_000, "facilities": 98_000, "support": 80_000},
    2026: {"rent": 71_000, "research-income": 354_000, "promotion": 62_000, "other": 3_000,
           "research": 306_000, "facilities": 100_000, "support": 83_000},
    2027: {"rent": 72_000, "research-income": 360_000, "other": 3_000,
           "research": 310_000, "facilities": 101_000, "support": 84_000},
}  # fmt: skip
SUPPLEMENTED_2025 = BUDGET[2025] | {"facilities": 103_000, "other": 8_000}
FORECAST_2025 = BUDGET[2025] | {"research-income": 358_000, "research": 307_000, "facilities": 102_500}
FORECAST_2026 = BUDGET[2026] | {"research-income": 349_000, "research": 303_000}
# What was first settled for 2024, before a mistake was found.
FIRST_2024 = SETTLED[2024] | {"other": 2_405}

DEPOSITS = {2024: (1_800, 0), 2025: (600, 900)}  # received, repaid
