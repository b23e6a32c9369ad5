"""What holds messages to begin with, what staff kept back, and the indexes of their pages.

Theirs to change: what staff take out is not written again. Only phrases that a person in need would
hardly write; the wording follows public warnings of therapists' associations and attorneys general.
"""

from django.db import migrations, models

CHECK = "Overpayment: a check that bounces weeks later, after the therapist has paid money back."
BACK = "Overpayment: the therapist is to pay the “difference” back, of a check that bounces."
ONWARD = "Overpayment: the therapist is to pay a third person out of a check that bounces."
AHEAD = "Paying for many sessions ahead, before a word was spoken, begins most overpayment frauds."
TRAVEL = "“Coming to your city for some weeks” is how overpayment frauds explain that nobody calls."
QUOTE = "A price for all sessions in one sum is what an overpayment fraud needs first."
WIRE = "Money by wire cannot be called back, so frauds ask for it."
ADVERTISING = "Advertising to therapists, not a client."

PHRASES = [
    ("cashier's check", CHECK),
    ("certified check", CHECK),
    ("certified bank check", CHECK),
    ("check drawn from a US bank", CHECK),
    ("assistant will * a check", CHECK),
    ("check will be mailed to you", CHECK),
    ("refund the difference", BACK),
    ("refund the balance", BACK),
    ("return the excess", BACK),
    ("deduct your * fee", BACK),
    ("deduct the cost of * sessions", BACK),
    ("rest of the money to the", ONWARD),
    ("send the balance to my", ONWARD),
    ("forward the remaining * to", ONWARD),
    ("pay for all the sessions in advance", AHEAD),
    ("pay for all the sessions upfront", AHEAD),
    ("pay you in advance for all", AHEAD),
    ("visiting your town", TRAVEL),
    ("visiting your city for", TRAVEL),
    ("coming to your city for * weeks", TRAVEL),
    ("coming to your area for * weeks", TRAVEL),
    ("total cost for * sessions", QUOTE),
    ("total cost of * sessions", QUOTE),
    ("western union", WIRE),
    ("moneygram", WIRE),
    ("first page of google", ADVERTISING),
    ("seo services", ADVERTISING),
]
# Asked by frauds, and by clients as well: for a wave of fraud, until then not in use.
CAREFUL = [
    ("do you accept credit cards", "Many frauds begin so; clients ask it, too. Turn it on in a wave."),
    ("get back to me with your * cost", "Many frauds ask so; clients do, too. Turn it on in a wave."),
]
ANY_LINK = "Clients seldom need a link, and a link can lead to a page that steals. Look, then hand on."


def rules(apps):
    rule = apps.get_model("therapists", "HoldRule")
    return [
        rule(kind="link", phrase="", note=ANY_LINK),
        *(rule(kind="phrase", phrase=phrase, note=note) for phrase, note in PHRASES),
        *(rule(phrase=phrase, note=note, is_active=False) for phrase, note in CAREFUL),
    ]


def write_rules(apps, schema_editor):
    apps.get_model("therapists", "HoldRule").objects.bulk_create(rules(apps), ignore_conflicts=True)


def remove_rules(apps, schema_editor):
    """Those that are as they were written; what staff made of them, or added, is theirs."""
    for rule in rules(apps):
        same = {"kind": rule.kind, "phrase": rule.phrase, "note": rule.note}
        type(rule).objects.filter(**same, is_active=rule.is_active).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('therapists', '0019_delivery_due'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='message',
            options={
                'ordering': ['-received_at', '-pk'], 'verbose_name': 'message of a client',
                'verbose_name_plural': 'messages of clients',
            },
        ),
        migrations.AlterModelOptions(
            name='delivery',
            options={
                'ordering': ['-queued_at', '-pk'], 'verbose_name': 'letter of a message',
                'verbose_name_plural': 'letters of messages',
            },
        ),
        migrations.AlterField(
            model_name='message',
            name='state',
            field=models.CharField(
                choices=[
                    ('held', 'Held for staff'), ('refused', 'Kept back as fraud'),
                    ('sent', 'Handed on'), ('answered', 'Answered'), ('full', 'No room'),
                    ('referred', 'Not a fit'), ('spam', 'Spam'),
                ],
                default='sent', editable=False, max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(
                models.F('held_for'), models.F('state'),
                condition=models.Q(('held_for', ''), _negated=True), name='message_held_for',
            ),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['delivered_at'], name='delivery_delivered'),
        ),
        migrations.RunPython(write_rules, remove_rules),
    ]
