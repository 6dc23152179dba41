"""Leads as summarizers know them: names, notes and numbers as they come in real life."""

from domain.summary_input import KnownActivity, StageMove, SummaryInput

CALL, MAIL, VISIT = "019abcde-0000-7000-8000-000000000001", "act-2", "act-3"


def lead(*, notes: str = "", **facts: str) -> SummaryInput:
    told = {"status": "new", "source": "manual", **facts, **({"notes": notes} if notes else {})}
    return SummaryInput(told)


ADA = SummaryInput(
    {
        "name": "Ada Lovelace", "email": "ada.lovelace@engines.example",
        "phone": "+44 20 7946 0958",
        "company": "Analytical Engines Ltd", "job_title": "VP of Sales", "status": "contacted",
        "source": "webinar",
        "notes": "Runs a team of 40 people. Budget: £50k, decision by 14 March 2027. Uses Excel; "
        "wants to see the API on Thursday at 3:30 pm. Asked for 12 licences at 1,200 each. See "
        "https://www.engines.example/api and write to billing@engines.example. 5 million rows.",
    },
    [
        KnownActivity(CALL, "call", "2026-11-20", "Spoke with Charles Babbage: 15% discount."),
        KnownActivity(MAIL, "email", "2026-10-02", "Sent the price list, asked about two pilots."),
        KnownActivity(VISIT, "meeting", "2026-09-03", "Met at the Expo in London, hall 7."),
    ],
    [StageMove("2026-11-21", "new", "contacted")],
)  # fmt: skip
OBRIEN = lead(
    name="Siobhán O'Brien", email="siobhan@obrien-foods.example", phone="(01) 234-5678",
    company="O'Brien & Sons", job_title="Head of Procurement",
    notes="Needs delivery before 06:30, 3 times a week. Pays €1.250,50 per month now.",
)  # fmt: skip
BEETHOVEN = lead(
    name="Ludwig van den Berg-Müller", email="l.vdb@mueller-bau.example", phone="0049 (0)30 123456",
    company="Müller Bau GmbH", job_title="Geschäftsführer",
    notes="Möchte drei Lizenzen bis Ende März. Demo am 3. Dezember um 15 Uhr, Budget 12.500 €. "
    "Ruft Frau Weiß zurück.",
)  # fmt: skip
LEFEVRE = lead(
    name="Éloïse Lefèvre", email="eloise@lefevre.example", company="L'Atelier du Goût",
    job_title="Directrice générale",
    notes="Rendez-vous vendredi 12 février à Lyon. Cherche un CRM pour vingt vendeurs.",
)  # fmt: skip
WANG = lead(
    name="王小明", email="wang@example.cn", company="华为技术有限公司", job_title="采购经理",
    notes="想要在10月试用。联系人 Li Wei, 电话 138 0013 8000.",
)  # fmt: skip
IVANOV = lead(name="Иван Петров", email="ivan@example.ru", company="Яндекс", job_title="CTO",
              notes="Prefers Telegram: @ivan_petrov. Team of twenty-five.")  # fmt: skip
BRAND = lead(
    name="danah boyd", email="danah@ebay.example", company="eBay", job_title="chief of staff",
    notes="moved from salesforce to hubspot in 2024, iPhone only, ends 30.6. or so. calls "
    "after 5pm please, not mon.",
)  # fmt: skip
STARTUP = lead(
    name="Raj Patel", email="raj@node.example", company="3M", job_title="Chief Technology Officer",
    notes="Q3 launch on AWS with Node.js 18 and B2B portal, 24/7 support, ISO 9001. 1.5 million "
    "users, ½ in the EU, growing 12.5 % a year. Renewal on 2027-01-31. 10-20 seats.",
)  # fmt: skip
TALL = lead(
    name="Jan de Vries", email="jan@devries.example", phone="+31612345678", company="De Vries B.V.",
    job_title="owner",
    notes="Two shops. Half of the stock is old. Meet in May, any Monday at 9-11 am.",
)  # fmt: skip
