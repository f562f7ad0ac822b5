"""委員会資料: which sections a pack can have, what they read, and how workbook, preview and data are made of them."""
