"""（R8.5.1に記録）: what stands beside a fact that was recorded after the day of which it speaks."""

from django import template

from agreements.instruments import texts

register = template.Library()
register.filter("recorded_later", texts.recorded_later)
