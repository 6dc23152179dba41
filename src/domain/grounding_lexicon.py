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
    about above access according accordingly accountant across active actively activities activity
    additional additionally adequate administrator after afterwards again against agenda agreement
    ahead all almost alone along already also alternative alternatively alternatives although
    always am amid among analyst annual another any anyone anything apart apparently applied
    appointment approximately architect are area around artist as assistant assuming at attachment
    attachments authority availability available average aware background based be became because
    been before began begun behind being below beside besides best better between beyond big board
    both bought branch branches brief briefly brochure brought budget built business but buyer by
    callback caller came can cannot capacity careful carefully catalog catalogue cautious
    certainly chair challenge challenges choice chose chosen clarified clear clearly client
    clients co cold commercial communication company comparison competitor competitors complaint
    complaints concern concerns conference consequently considering construction consultant
    consulting context contract contracts conversation conversations conversely coordinator
    corporate costs could critical crucial curious current currently customer cut cutting daily
    data date dates day days deadline dealt decision definitely delivery demonstration department
    designer despite detail detailed details developer did digital director discount discussion
    discussions disqualified dissatisfied do docs doctor documents does doing done drawn drove due
    during each eager earlier early education either eligible else employee employees engagement
    engineer engineers enough enterprise enthusiastic especially essential estimates evaluation
    even event events eventually every everyone everything evidence evidently ex exactly except
    excluding executive existing expenses expert factory feature features feedback felt few final
    finally finance financial firm first fixed flexible for formal former formerly founder free
    freelance freelancer friendly from frustrated full fully functionality further furthermore
    future gave general generally getting given global goal goals gone good got government granted
    great growth had happy hardware has he headquarters healthcare heard held hence her here hers
    high highly him his history hopefully hopes hoping hot how however ideally identified if
    immediate immediately implementation important in inactive inbound including incomplete
    inconclusive indeed independent industrial industry informal information initial initially
    inside insight instead insufficient integration intent interest interested international into
    introduction invitation invoice is issue issues it its just keen kept key kindly knew known
    language large last lastly late lately later latest lawyer led left legal less licence
    licences license licenses likely likewise limited little local location logged logging
    logistics long lost low loyal made main mainly major manager manufacturing many marketing may
    maybe meant meanwhile medical meetings member members met mid might migration minor minutes
    mixed moderate month monthly months more moreover most mostly much must my namely names near
    nearly negative negotiation neither neutral never nevertheless new newly next no nobody none
    nonetheless nonprofit not notably nothing notified now number numbers objection objections
    objective objectives obviously of office offices often on onboarding once one ongoing online
    only operational operator opportunities opportunity opposite option options or orders
    originally other others otherwise our out outbound outreach outside over overall owner owners
    paid pain particularly partly partner partners past payment payments pending people perhaps
    person personal phone planned planning platform please polite poorly position positive
    possible possibly potential preference preferences preferred preferring presentation
    presumably previous previously price prices pricing primarily prior priority private probably
    problem problems procurement product products professional profit promptly proposal prospect
    prospective provided public qualified quantity quarter quick quickly quotation ran rather re
    reactivate ready reason reassign recap recent recently referred referring regarding regular
    related relationship relevant relied reminder remote renewal replied reportedly representative
    requirement requirements researcher responsible responsive rest retail revenue right risk
    risks roadmap role roughly running said sales same sample samples satisfied savings saw
    sceptical scientist scope seat seats secretary seen self senior sent serious service services
    setting several severe shall she shipment shipped shipping shop shops short should shown
    silent similarly simply since single site sites size skeptical small so software sold solution
    solutions some somebody someone something soon sought specialist specifically specification
    specified spent spoke spoken stakeholder stakeholders status step steps still stock stood
    stopped strategic strong strongly student studied subsequently such sufficient summary
    supervisor supplied supplier suppliers supposedly sure system systems tactical taken taught
    teacher team teams technical technician technology than that the their them then there
    thereafter therefore these they things this those though thought through thus tight time
    timeline times timing title titles to together told too took tool tools total touch towards
    tried turnover ultimately unable unclear unconfirmed undecided under understood undisclosed
    unfortunately unhappy uninterested unknown unless unlike unlimited unqualified unresponsive
    unspecified until unwilling up upon urgent urgently usage user users usually vendor vendors
    verbal verified very via voicemail volume warehouse warm was we webinar website week weekly
    weeks well went were what whatever when whenever where whereas whether which while who whoever
    wholesale whose why willing winning with within without won workshop worth would writer
    written wrote year years yes yet you your
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
