"""What the templates of editions write with."""

from django import template

from agreements.editions import texts

register = template.Library()
register.simple_tag(texts.change_chip)
register.simple_tag(texts.marked)
