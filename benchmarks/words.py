"""Names and sentences for people who do not exist: the same ones every time."""

# ruff: noqa: S311, SIM905 - seeded, not secret; lists of words are easier to read as text

from itertools import accumulate, product
from random import Random

FIRST_NAMES, LAST_NAMES = 2_000, 20_000
WORDS, SENTENCES = 4_000, 30_000

# The words of any text, commonest first, and behind them what therapists write of.
GLUE = """
the and to of a I in you with my is that we for it as are your or can be who have this what not but
they from on at by when how so an their there more our about into like each
""".split()
OF_THERAPY = """
therapy people work feel life relationships anxiety help together find trauma experience space
depression clients years support change believe family self pain safe grief approach healing trust
stress loss understand sessions emotions body couples story past adults individuals person needs
patterns growth difficult time listen relationship deeper room thoughts practice training heart
challenges connection way explore hope strengths start care toward others without first often
process goals skills identity struggling feelings children parents world offer ways through
compassion anger fear talk question worth shame patience humor honest curious gentle direct warm
collaborative mindful present moment attention breath sleep panic worry burnout career school
transition divorce separation marriage partner intimacy conflict communication boundaries childhood
attachment abuse neglect recovery addiction alcohol sobriety eating food image illness chronic
disability aging caregiving pregnancy birth postpartum infertility adoption parenting teen teenager
adolescent college student young older woman women man men nonbinary transgender gender queer gay
lesbian bisexual sexuality polyamory kink culture race racism immigration immigrant refugee language
faith spirituality religion religious meaning purpose loneliness isolation friendship community
belonging justice power privilege history memory dream dreams imagination art music play movement
nature silence words voice tears laughter courage strength resilience hurt wound wounds repair
rupture loneliest longing desire guilt regret forgiveness acceptance commitment values choice
freedom death dying mourning bereavement suicide crisis danger safety stability regulation nervous
system somatic sensation brain evidence research studies method technique exercise homework plan
assessment diagnosis medication psychiatry psychology counselor counseling psychotherapist analyst
supervision license clinic hospital private office online video evening weekend weekly fee insurance
sliding scale consultation call email question answers welcome begin beginning middle end goodbye
perfectionism procrastination confidence esteem assertiveness attention autism neurodivergent
obsession compulsion intrusive phobia dissociation flashback nightmare veteran military combat
first-responder nurse teacher artist musician executive lawyer engineer athlete retirement money
work-life betrayal affair infidelity jealousy stepfamily sibling mother father grandparent estranged
""".split()

ONSETS = "b br c ch d dr f fl g gr h k l m n p pl r s sh st t th tr v w".split()
VOWELS = "a e i o u ai ea ou".split()
CODAS = ["", "", "l", "m", "n", "nd", "r", "rn", "s", "st", "t"]


def invented(chance, number, syllables, known=()):
    """`number` different words of so many syllables (a choice), none of them `known`."""
    parts = ["".join(part) for part in product(ONSETS, VOWELS)]
    words = dict.fromkeys(known)
    while len(words) < number + len(known):
        length = chance.choice(syllables)
        words["".join(chance.choices(parts, k=length)) + chance.choice(CODAS)] = None
    return list(words)[len(known) :]


def vocabulary():
    """All words of all texts, commonest first."""
    real = list(dict.fromkeys(GLUE + OF_THERAPY))
    return real + invented(Random("words"), WORDS - len(real), (2, 2, 3, 3, 4), real)


def sentences():
    """A stock of sentences whose words are as unevenly common as those of real ones (Zipf)."""
    chance, words = Random("sentences"), vocabulary()
    common = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for _ in range(SENTENCES):
        sentence = " ".join(chance.choices(words, cum_weights=common, k=chance.randint(6, 14)))
        yield sentence[0].upper() + sentence[1:] + "."


def names():
    """(first names, last names), commonest first."""
    first = invented(Random("first names"), FIRST_NAMES, (1, 2, 2, 2, 3))
    last = invented(Random("last names"), LAST_NAMES, (2, 2, 3), first)
    return [name.capitalize() for name in first], [name.capitalize() for name in last]
