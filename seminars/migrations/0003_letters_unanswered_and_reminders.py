from django.db import migrations, models


def doubt(apps, schema_editor):
    """A try that was neither answered nor refused may have arrived; until now nothing else tells of it."""
    letters = apps.get_model("seminars", "Letter").objects.using(schema_editor.connection.alias)
    tried = letters.filter(
        kind__in=["invitation", "update"], state__in=["pending", "failed", "dead"], attempts__gt=0
    )
    tried.exclude(last_error__regex=r"^[45][0-9][0-9]").update(unanswered=1)


class Migration(migrations.Migration):
    dependencies = [
        ("seminars", "0002_feed_versions_and_connection_secrets"),
    ]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="unanswered",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="letter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "Invitation"),
                    ("update", "Update"),
                    ("cancellation", "Cancellation"),
                    ("withdrawal", "Withdrawal of an invitation"),
                    ("message", "Message"),
                    ("reminder", "Reminder"),
                    ("feedback", "Request for feedback"),
                    ("sign_in", "Sign-in link"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="letter",
            name="ordering_key",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["kind", "state", "next_at"], name="letter_first"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["ordering_key", "state", "stamp"], name="letter_in_order"),
        ),
        migrations.RunPython(doubt, migrations.RunPython.noop),
    ]
