"""設定一式: a whole center as tables, read from and written to a folder of CSV files, an archive of them or a workbook."""
