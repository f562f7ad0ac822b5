"""Files that are not settled leave the append-only ones: what waits to be applied waits apart, and so does what jobs made.

Of an import that was refused or given up nothing but its name and digest stays: its file goes.
"""

import django.db.models.deletion
import django.utils.timezone
from datetime import timedelta
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.utils import timezone

FACTS = ("center_id", "name", "content_type", "size", "sha256", "uploaded_at", "uploaded_by_id")
AT_ONCE = 100


def _now(editor):
    """PostgreSQL alters no table whose rows still wait for the end of a transaction to be looked at."""
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _moved(file, files, contents, **more):
    made = files.create(**{fact: getattr(file, fact) for fact in FACTS}, **more)
    contents.create(file=made, data=file.content.data)
    return made


def part(apps, editor):
    """What is open waits from today on; what is settled stays; the rest goes."""
    model = lambda name: apps.get_model("portal", name).objects  # noqa: E731
    imports, jobs, stored = model("TableImport"), model("Job"), model("StoredFile")
    of_file = stored.filter(pk=OuterRef("file"))
    imports.update(name=Subquery(of_file.values("name")), sha256=Subquery(of_file.values("sha256")))
    gone = []
    for pk in list(imports.exclude(state="applied").values_list("pk", flat=True)):
        table = imports.select_related("file").get(pk=pk)
        gone.append(table.file_id)
        table.waiting = None
        if table.state in ("reading", "checked"):
            until = timezone.now() + timedelta(days=30)
            table.waiting = _moved(table.file, model("WaitingFile"), model("WaitingContent"), waits_until=until)
        imports.filter(pk=pk).update(file=None, waiting=table.waiting)
    for pk in list(jobs.exclude(stored_result=None).values_list("pk", flat=True)):
        job = jobs.select_related("stored_result").get(pk=pk)
        gone.append(job.stored_result_id)
        until = timezone.now() + timedelta(days=7)
        made = _moved(job.stored_result, model("WaitingFile"), model("WaitingContent"), waits_until=until)
        jobs.filter(pk=pk).update(result=made, stored_result=None)
    for begin in range(0, len(gone), AT_ONCE):
        model("FileContent").filter(file__in=gone[begin : begin + AT_ONCE]).delete()
        stored.filter(pk__in=gone[begin : begin + AT_ONCE]).delete()
    _now(editor)


def together(apps, editor):
    """On the way back every import has a file; of what went, an empty one."""
    model = lambda name: apps.get_model("portal", name).objects  # noqa: E731
    imports, jobs = model("TableImport"), model("Job")
    for table in imports.filter(file=None).select_related("waiting"):
        if table.waiting is not None:
            file = _moved(table.waiting, model("StoredFile"), model("FileContent"))
        else:
            file = model("StoredFile").create(
                center_id=table.center_id,
                name=table.name,
                content_type="application/octet-stream",
                size=0,
                sha256=table.sha256,
                uploaded_at=table.uploaded_at,
                uploaded_by_id=table.uploaded_by_id,
            )
            model("FileContent").create(file=file, data=b"")
        imports.filter(pk=table.pk).update(file=file, waiting=None)
    for job in jobs.exclude(result=None).select_related("result"):
        kept = _moved(job.result, model("StoredFile"), model("FileContent"))
        jobs.filter(pk=job.pk).update(stored_result=kept, result=None)
    model("WaitingContent").all().delete()
    model("WaitingFile").all().delete()
    _now(editor)


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0011_reset_proposals'),
    ]

    operations = [
        migrations.CreateModel(
            name='WaitingFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='File name')),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('waits_until', models.DateTimeField(db_index=True)),
                ('center', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='portal.center')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('uploaded_at__isnull', True), ('uploaded_by__isnull', True)), models.Q(('uploaded_at__isnull', False), ('uploaded_by__isnull', False)), _connector='OR'), name='portal_waitingfile_uploaded_pair', violation_error_message='A time and its person are recorded together.')],
            },
        ),
        migrations.CreateModel(
            name='WaitingContent',
            fields=[
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='content', serialize=False, to='portal.waitingfile')),
                ('data', models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name='tableimport',
            name='name',
            field=models.CharField(default='', max_length=200, verbose_name='File name'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='tableimport',
            name='sha256',
            field=models.CharField(default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='tableimport',
            name='waiting',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='table_import', to='portal.waitingfile'),
        ),
        migrations.AlterField(
            model_name='tableimport',
            name='file',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='portal.storedfile'),
        ),
        migrations.RenameField(
            model_name='job',
            old_name='result',
            new_name='stored_result',
        ),
        migrations.AddField(
            model_name='job',
            name='result',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobs', to='portal.waitingfile'),
        ),
        migrations.RunPython(part, together),
        migrations.RemoveField(
            model_name='job',
            name='stored_result',
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('file__isnull', False), ('state', 'applied'), ('waiting__isnull', True)), models.Q(models.Q(('state', 'applied'), _negated=True), ('file__isnull', True)), _connector='OR'), name='portal_tableimport_file_kept_when_applied', violation_error_message='The file of an import is kept from when it is applied.'),
        ),
    ]
