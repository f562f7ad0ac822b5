"""Every form, query and address with what nobody should type: no error of ours, and the same verdict on both databases."""
