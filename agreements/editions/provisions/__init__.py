"""条・項・号: the whole wording of an edition, whatever it was drafted over."""
