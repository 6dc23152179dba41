"""Common English words that the grounding check takes for nobody's name."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ACRONYMS = _words("crm ok asap fyi faq id pdf tbd eta q&a")
ANYWHERE = _words(
    """
    a an the and or but nor for of to in on at by with from as into over under via per vs about
    is are be not no yes english he she it they we you his her its their our your him them
    this that these those
    lead contact name email e-mail phone company job title notes note status source activity
    call meeting demo quote answer follow up research hand disqualify none person high medium low
    """
)
"""Capitalised or not, these name nobody: function words, our fields and our enumerations."""

_VERBS = _words(
    """
    accept acknowledge act add address adjust advise agree align allow analyse analyze announce
    answer apologise apologize appear apply appoint appreciate approach approve arrange ask assess
    assign assist attach attempt attend avoid await back become begin believe belong book bring
    build buy call cancel care cause change check choose claim clarify close collect come
    compare compile complain complete conduct confirm connect consider contact contain continue
    convert coordinate correct cost count cover create deal decide decline delay deliver demand
    demo demonstrate depend deploy describe design determine develop direct disclose discover
    discuss dislike disqualify double draft draw drive email emphasise emphasize employ encourage
    engage enjoy enquire ensure enter escalate establish estimate evaluate examine exchange expand
    expect experience explain explore export express extend face fear feel figure fill finalise
    finalize find finish fit fix focus follow forward found gather gauge get give go grow handle
    happen hate have head hear help hesitate highlight hire hold host identify imply import
    include increase indicate inform initiate inquire insist install integrate intend introduce
    invest investigate invite involve join keep know lack launch lead learn leave let like limit
    link list listen live locate log look lose love maintain make manage manufacture match mean meet
    mention message migrate miss modernise modernize monitor move name need negotiate note notify
    object obtain offer open operate order organise organize outline outsource overhaul oversee
    own participate pass pause pay pick pilot pitch place plan play point possess postpone prefer
    prepare present prioritise prioritize proceed process produce promise promote propose provide
    publish purchase pursue push put qualify question quote raise reach read realise realize
    recall receive recommend reconfirm reconnect record reduce reengage refer register reject rely
    remain remember remind renew rent repeat replace reply report represent request require
    reschedule research reside resolve respond restart result resume retire return review revisit
    reward roll run save say schedule search see seek seem sell send serve set share shift ship
    show sign skip sound source speak specialise specialize specify spend staff stand start state
    stay stop store strengthen struggle study submit subscribe suggest suit summarise summarize
    supervise supply support switch tailor take talk teach tell test thank think track
    train transfer travel treat trial trust try turn understand update upgrade urge use validate
    value verify view visit volunteer wait walk want warn watch welcome win wish wonder work worry
    write
    """
)
_OTHER_OPENERS = _words(
    """
    about above access according across active actively activities activity additional after
    afterwards again against ahead all almost alone along already also alternatively although
    always am amid among another any anyone anything apart apparently applied are as assuming at
    available aware background based be became because been before began begun being best better
    between beyond big both bought brief briefly brought budget built business but buyer by caller
    came can cannot careful carefully chose chosen clarified clear clearly client clients cold
    company context contract contracts could current currently customer cut cutting data deadline
    dealt decision delivery despite detail detailed details developer did director discount
    disqualified dissatisfied do docs documents does doing done drawn drove due during each
    eager earlier early either eligible else engineer engineers enough especially even every
    everyone everything evidence evidently executive existing feedback felt few final finally
    finance first for former free founder freelance freelancer friendly from frustrated full further
    furthermore gave general generally getting given global goal goals gone good got great had
    happy has he heard held her here hers high highly him his history hopes hoping hot how however
    identified if immediately important in inactive inbound indeed independent information initial
    initially insight instead interest interested international into invoice is it its just keen
    kept key kindly knew known large last lastly late later latest led left less licence licences
    license licenses likely little local logged logging long lost low made main manager many
    marketing may maybe meant meanwhile meetings met might more moreover most much must my neither
    never new next no nobody none not nothing notified now objection objections of often on once
    one ongoing only or other others otherwise our out outbound outreach over overall owner owners
    paid pain past pending people perhaps person phone planned planning please polite position
    positive possible possibly potential preferred preferring previous previously price prices
    pricing primarily prior priority probably procurement product products professional promptly
    proposal prospect prospective qualified quickly ran rather re reactivate ready reason reassign
    recap recent recently referred referring regarding regular related relevant relied renewal
    replied responsible responsive rest right risk risks running said sales same satisfied saw
    sceptical seat seats seen senior sent service services setting several shall she shipped
    shipping shop shops should shown silent similarly simply since single skeptical small so sold
    some somebody someone something soon sought specifically specified spent spoke spoken status
    step steps still stock stood stopped strong strongly studied subsequently such summary
    supplied sure taken taught team teams technical than that the their them then there thereafter
    therefore these they things this those though thought through thus time timeline timing to
    together told too took total touch towards tried unable unclear under understood unfortunately
    unhappy unknown unless unlike unqualified unresponsive until unwilling up upon urgent urgently
    user users usually verified very via warm was we well went were what whatever when whenever
    where whereas whether which while who whoever whose why willing winning with within without
    won worth would written wrote yes yet you your
    """
)


def _inflected(verb: str) -> tuple[str, ...]:
    """The regular forms; those that are not stand among the other openers."""
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    if verb.endswith("y") and verb[-2] not in "aeou":
        third = f"{verb[:-1]}ies"
    else:
        third = f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{verb}s"
    past = f"{verb}d" if verb.endswith("e") else f"{verb}ed"
    return verb, third, past, f"{stem}ing"


OPENERS = _OTHER_OPENERS.union(*map(_inflected, _VERBS))
"""Words that open English sentences, and are nobody's name: verbs, adverbs, function words."""
