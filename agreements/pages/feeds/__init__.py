"""The calendar that a person subscribes to: its address, its contents."""
