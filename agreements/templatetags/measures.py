"""What templates say of the terms of support measures, and of what amendments make of them."""

from django import template

from agreements.support import amended_texts

register = template.Library()
register.filter("measure_terms", amended_texts.terms_in_words)
register.filter("measure_change_in_words", amended_texts.change_in_words)
