"""Of each center: the mark of its negative figures, and the days of every year on which its offices are closed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0016_organisations_and_centers_by_page'),
    ]

    operations = [
        migrations.AddField(
            model_name='center',
            name='closing_days',
            field=models.CharField(blank=True, default='12/29〜1/3', max_length=200, verbose_name='Closing days of the offices'),
        ),
        migrations.AddField(
            model_name='center',
            name='negative_mark',
            field=models.CharField(choices=[('▲', '▲'), ('△', '△')], default='▲', max_length=20, verbose_name='Mark of negative figures'),
        ),
        migrations.AddConstraint(
            model_name='center',
            constraint=models.CheckConstraint(condition=models.Q(('negative_mark__in', ['▲', '△'])), name='portal_center_negative_mark_known', violation_error_message='Choose one of the marks.'),
        ),
    ]
