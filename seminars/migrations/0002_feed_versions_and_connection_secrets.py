"""Versions of calendar feeds, with a row for each key that opens one today; secrets of live connections."""

import time

from django.db import migrations, models

ROWS = """
    INSERT INTO seminars_feedversion (name, version)
    SELECT calendar.key_hash, %s
    FROM seminars_calendarkey calendar JOIN seminars_person person ON person.id = calendar.person_id
    WHERE calendar.revoked_at IS NULL AND person.is_active
    UNION ALL SELECT 'public', %s
"""
# A process that has a feed in hand hears at once that it is no longer that one, whoever changed the row.
TELL = """
    CREATE FUNCTION seminars_tell_feed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('feed', OLD.name);
        RETURN NULL;
    END $$;
    CREATE TRIGGER seminars_tell_feed AFTER UPDATE OR DELETE ON seminars_feedversion
    FOR EACH ROW EXECUTE FUNCTION seminars_tell_feed();
"""
UNTELL = """
    DROP TRIGGER IF EXISTS seminars_tell_feed ON seminars_feedversion;
    DROP FUNCTION IF EXISTS seminars_tell_feed();
"""


def make_rows(apps, schema_editor):
    present = int(time.time())
    schema_editor.execute(ROWS, [present, present])


def tell(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TELL, None)


def untell(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UNTELL, None)


class Migration(migrations.Migration):
    dependencies = [
        ("seminars", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedVersion",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("version", models.PositiveBigIntegerField(default=1)),
            ],
        ),
        migrations.RunPython(make_rows, migrations.RunPython.noop),
        migrations.RunPython(tell, untell),
        migrations.AddField(
            model_name="lease",
            name="secret_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
