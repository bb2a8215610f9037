import django.db.models.deletion
import seminars.keys
import seminars.models.sessions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("seminars", "0003_letters_unanswered_and_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        default=seminars.keys.new_code, editable=False, max_length=12, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="OwnWords",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "Invitation"),
                            ("update", "Update"),
                            ("cancellation", "Cancellation"),
                            ("withdrawal", "Withdrawal of an invitation"),
                            ("message", "Message"),
                            ("reminder", "Reminder"),
                            ("asking", "Reminder to answer"),
                            ("substitution", "Decision about a substitute"),
                            ("convocation", "Convocation"),
                            ("feedback", "Request for feedback"),
                            ("sign_in", "Sign-in link"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text_fr", models.TextField(blank=True, max_length=2000)),
                ("text_it", models.TextField(blank=True, max_length=2000)),
                ("text_en", models.TextField(blank=True, max_length=2000)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["kind"],
            },
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seats", models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        default=seminars.keys.new_code, editable=False, max_length=12, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("it", "Italiano"), ("en", "English")],
                        default="fr",
                        max_length=2,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("is_accepted", models.BooleanField(null=True)),
            ],
            options={
                "ordering": ["asked_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Unsubscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "Invitation"),
                            ("update", "Update"),
                            ("cancellation", "Cancellation"),
                            ("withdrawal", "Withdrawal of an invitation"),
                            ("message", "Message"),
                            ("reminder", "Reminder"),
                            ("asking", "Reminder to answer"),
                            ("substitution", "Decision about a substitute"),
                            ("convocation", "Convocation"),
                            ("feedback", "Request for feedback"),
                            ("sign_in", "Sign-in link"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="calendarkey",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="calendarkey",
            name="language",
            field=models.CharField(
                blank=True, choices=[("fr", "Français"), ("it", "Italiano"), ("en", "English")], max_length=2
            ),
        ),
        migrations.AddField(
            model_name="calendarkey",
            name="past_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="calendarkey",
            name="scope",
            field=models.CharField(
                choices=[
                    ("all", "All my sessions"),
                    ("coming", "Those I said yes to, and those I lead"),
                    ("leading", "Those I lead"),
                ],
                default="all",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="about",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="letter",
            name="delivered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="audience",
            field=models.CharField(
                choices=[
                    ("everybody", "Everybody who did not say no"),
                    ("unanswered", "Those who have not answered"),
                    ("coming", "Those who said yes"),
                ],
                default="everybody",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="asks_again",
            field=models.JSONField(blank=True, default=seminars.models.sessions.usual_asking),
        ),
        migrations.AddField(
            model_name="session",
            name="reminders",
            field=models.JSONField(blank=True, default=seminars.models.sessions.usual_reminders),
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
                    ("asking", "Reminder to answer"),
                    ("substitution", "Decision about a substitute"),
                    ("convocation", "Convocation"),
                    ("feedback", "Request for feedback"),
                    ("sign_in", "Sign-in link"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("about", ""), _negated=True),
                fields=("invitation", "kind", "about"),
                name="posted_by_the_clock_once",
            ),
        ),
        migrations.AddField(
            model_name="group",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="groups_made",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="group",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="groups",
                to="seminars.organisation",
            ),
        ),
        migrations.AddField(
            model_name="group",
            name="people",
            field=models.ManyToManyField(blank=True, related_name="groups", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="ownwords",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ownwords",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="own_words", to="seminars.session"
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="quotas", to="seminars.organisation"
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="quotas", to="seminars.session"
            ),
        ),
        migrations.AddField(
            model_name="substitution",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="substitution",
            name="invitation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="substitutions",
                to="seminars.invitation",
            ),
        ),
        migrations.AddField(
            model_name="substitution",
            name="made",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replaces",
                to="seminars.invitation",
            ),
        ),
        migrations.AddField(
            model_name="unsubscription",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="unsubscriptions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="ownwords",
            constraint=models.UniqueConstraint(fields=("session", "kind"), name="own_words_once"),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.UniqueConstraint(fields=("session", "organisation"), name="one_quota_each"),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at", None)), fields=("invitation",), name="one_open_substitution"
            ),
        ),
        migrations.AddConstraint(
            model_name="unsubscription",
            constraint=models.UniqueConstraint(fields=("person", "kind"), name="unsubscribed_once"),
        ),
    ]
