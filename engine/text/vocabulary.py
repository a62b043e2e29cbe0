"""Word tables of the normaliser: abbreviations, acronyms, units, currencies, symbols, names.

Data only, any thread; imports nothing. Spoken forms are spelled as the American dictionary has them.
"""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def _table(rows: str) -> dict[str, str]:
    """Rows "KEY = spoken words", separated by ";" or new lines."""
    pairs = (row.split("=", 1) for row in rows.replace(";", "\n").splitlines() if row.strip())
    return {key.strip(): value.strip() for key, value in pairs}


MONTHS = _table("""
Jan = january; Feb = february; Mar = march; Apr = april; May = may; Jun = june; Jul = july; Aug = august
Sep = september; Sept = september; Oct = october; Nov = november; Dec = december
""")
MONTH_NAMES = tuple(dict.fromkeys(MONTHS.values()))

# Written with a dot; always said this way. The lower-case ones are said so without a dot as well.
ABBREVIATIONS = _table("""
Mr = mister; Mrs = missus; Ms = ms; Messrs = messieurs; Prof = professor; Jr = junior; Sr = senior
Inc = incorporated; Ltd = limited; Corp = corporation; Co = company; Bros = brothers; Dept = department
Ave = avenue; Blvd = boulevard; Hwy = highway; Esq = esquire; Univ = university; Assn = association
Tues = tuesday; Thurs = thursday; Wed = wednesday; Thu = thursday; Tue = tuesday; Fri = friday; Mon = monday
""")
LOWER_ABBREVIATIONS = _table("""
etc = et cetera; vs = versus; approx = approximately; dept = department; govt = government; mr = mister
mrs = missus; viz = namely; incl = including; excl = excluding; appt = appointment; blvd = boulevard
""")
# Only before a capital letter ("Gen. Lee").
TITLES = _table("""
Gen = general; Col = colonel; Lt = lieutenant; Sgt = sergeant; Capt = captain; Cpl = corporal; Maj = major
Rev = reverend; Hon = honorable; Gov = governor; Sen = senator; Rep = representative; Pres = president
Mt = mount; Ft = fort; Pvt = private; Adm = admiral; Cmdr = commander; Supt = superintendent; Fr = father
""")
# Only before a digit ("fig. 3"), first letter in either case.
BEFORE_NUMBER = _table("""
no = number; nos = numbers; p = page; pp = pages; vol = volume; vols = volumes; ch = chapter; fig = figure
figs = figures; sec = section; eq = equation; ext = extension; ver = version; art = article; par = paragraph
op = opus; ca = circa; c = circa; ed = edition; tel = telephone; pt = part; apt = apartment; rm = room; ref = reference
""")
DOTTED = _table("""
e.g = for example; i.e = that is; a.k.a = also known as; w.r.t = with respect to; i.a = among others
r.i.p = rest in peace; ph.d = p h d; m.sc = m s c; b.sc = b s c; r.s.v.p = r s v p
""")
SLASHED = _table("""
w/ = with; w/o = without; c/o = care of; b/c = because; n/a = n ay; a/c = ay c
24/7 = twenty four seven; 9/11 = nine eleven; 20/20 = twenty twenty
""")
SAINTS = word_set(
    """louis paul petersburg john johns george mary peter patrick nicholas andrew andrews james joseph thomas
    francis helena lucia kitts vincent albans ives moritz tropez bernard lawrence mark luke matthew catharines
    augustine barts croix denis germain anne ann clair clement cloud martin michael stephen petersburg"""
)
REGAL = word_set(
    """henry louis george elizabeth charles edward james john paul pius leo benedict gregory clement urban innocent
    richard william philip frederick francis nicholas alexander peter catherine napoleon ivan otto ferdinand
    alfonso wilhelm friedrich ramses rameses ptolemy xerxes darius cyrus haile mary maria christian gustav
    sixtus boniface adrian alfonso leopold ludwig baldwin robert malcolm constantine justinian harald olaf"""
)
NUMBERED = word_set(
    """chapter part volume section act scene book war type phase level stage class article appendix figure table
    title grade season episode bowl tier group category division vol pt ch world mark unit lesson module
    step round series factor schedule exhibit corps quarter"""
)
LETTERED = word_set(
    """plan vitamin grade type group option team class section hepatitis an letter exhibit point level column
    part side row gate block appendix list apartment building influenza company model series category"""
)

# Acronyms said as words (those the dictionary has with four letters or more need no entry).
ACRONYM_WORDS = word_set(
    """nasa nato unesco unicef opec aids laser radar scuba gif gifs jpeg jpegs ram rom pin sim fifa uefa covid
    ikea yolo nasdaq wysiwyg json yaml bios raid ajax crud rest pdfs gui wifi ascii unix linux nafta darpa noaa
    mpeg png's cern swat posh sonar osha fema hipaa asean brics moma gulag basic cobol fortran lisp java gnu lan
    wan vat imax bafta naca sars mers zip ebay mac sad dad mom bmx's isis hamas nimby taser"""
)
# Two or three capitals that are words said loudly; others are spelled ("US", "IT", "WHO", "CIA").
LOUD_WORDS = word_set(
    """not no yes all and the you me my he she we so now can do one two any too to in on at is are was for but or
    if of be get go out up big bad new old top hot why how did don has had his her him our off ten six run see
    say let end buy use red day man boy god oh ah hey wow yay aha huh try ask far few got job key lot may met
    nor own put sat set sit son sun ten act add age ago air arm art bed bit box car cat cup cut dog dry due ear
    eat egg eye fat fit fly fun gas hit ice ill law lay leg lie low map mix net odd oil pay per pop raw rid row
    sea sex shy sir sky tax tea tie tip toe war way wet win won yet"""
)
# Written forms with their own saying, case-sensitive, whole words.
SPECIAL = _table("""
WWI = world war one; WWII = world war two; ctrl = control
PhD = p h d; LaTeX = lay tech; TeX = tech; OK = okay; Ok = okay; ok = okay; MSc = m s c; BSc = b s c
OAuth = o auth; IEEE = i triple e; iOS = i o s; macOS = mac o s; GitHub = git hub; GUIs = gooeys
SQLite = s q lite; MySQL = my s q l; PostgreSQL = post gress q l; VS = versus; vs = versus; NaN = not a number
LinkedIn = linked in; WiFi = wifi; YouTube = youtube; kHz = kilohertz; MHz = megahertz; GHz = gigahertz
Hz = hertz; kWh = kilowatt hours; km = kilometers; kg = kilograms; cm = centimeters; GB = gigabytes
MB = megabytes; TB = terabytes; KB = kilobytes; kB = kilobytes; mph = miles per hour; Mbps = megabits per second
btw = by the way; FYI = f y i; TBD = t b d; mRNA = m r n ay; pH = p h; dB = decibels; ft = feet; lbs = pounds
""")
EXTENSIONS = word_set(
    """txt md py js ts jsx tsx json yaml yml toml html htm css csv tsv xml pdf doc docx xls xlsx ppt pptx png jpg
    jpeg gif svg webp bmp mp mp3 mp4 wav flac ogg avi mkv mov zip tar gz bz2 xz 7z exe dll so dmg iso bin sh bat
    ps1 c h cpp hpp cc cs java kt go rs rb php pl swift lua sql db log ini cfg conf env lock ipynb tex bib net
    com org io ai app dev edu gov info co uk us de fr eu me tv int mil biz xyz tech cloud online"""
)
DOMAIN_WORDS = word_set("com org net info app dev gov biz tech cloud online shop blog news store site")

# unit -> (one, many)
UNITS: dict[str, tuple[str, str]] = {}
for _row in """
mm millimeter|cm centimeter|m meter|km kilometer|ft foot feet|yd yard|yds yard|mi mile|nm nanometer|µm micrometer
mg milligram|g gram|kg kilogram|µg microgram|mcg microgram|lb pound|lbs pound|oz ounce
ml milliliter|mL milliliter|cl centiliter|dl deciliter|l liter|L liter|gal gallon
ms millisecond|µs microsecond|s second|sec second|secs second|min minute|mins minute|h hour|hr hour|hrs hour
Hz hertz hertz|kHz kilohertz kilohertz|MHz megahertz megahertz|GHz gigahertz gigahertz|THz terahertz terahertz
kB kilobyte|KB kilobyte|MB megabyte|GB gigabyte|TB terabyte|PB petabyte|KiB kilobyte|MiB megabyte
GiB gigabyte|Mb megabit|Gb gigabit|kb kilobit|Mbit megabit|Gbit gigabit|kbit kilobit
W watt|kW kilowatt|MW megawatt|GW gigawatt|mW milliwatt|V volt|kV kilovolt|mV millivolt|A amp|mA milliamp
mAh milliamp-hour milliamp-hours|kWh kilowatt-hour kilowatt-hours|Wh watt-hour watt-hours|N newton|J joule
kJ kilojoule|cal calorie|kcal kilocalorie|Pa pascal|kPa kilopascal|hPa hectopascal|psi p-s-i p-s-i|bar bar
dB decibel|px pixel|dpi d-p-i d-p-i|ppm parts-per-million parts-per-million|K kelvin kelvin|ha hectare
mph mile-per-hour miles-per-hour|kph kilometer-per-hour kilometers-per-hour|rpm r-p-m r-p-m
kmh kilometer-per-hour kilometers-per-hour|fps frame-per-second frames-per-second
Mbps megabit-per-second megabits-per-second|Gbps gigabit-per-second gigabits-per-second
kbps kilobit-per-second kilobits-per-second|bpm beat-per-minute beats-per-minute|Ω ohm|kΩ kilohm
in inch inches|tsp teaspoon|tbsp tablespoon|ac acre|mol mole|rad radian|lm lumen|ly light-year light-years
""".replace("\n", "|").split("|"):
    if _row.strip():
        _unit, _one, *_many = _row.split()
        UNITS[_unit] = (_one.replace("-", " "), (_many[0] if _many else f"{_one}s").replace("-", " "))
# These read as units only when written without a space ("5V", "2h"; "5 A students" are none).
TIGHT_UNITS = word_set("A N V W J h s l in ac")
# After a slash, where no quantity stands before them ("per hour").
PER = {
    "h": "hour",
    "hr": "hour",
    "s": "second",
    "sec": "second",
    "min": "minute",
    "d": "day",
    "yr": "year",
    "mo": "month",
}

# sign or code -> (one, many, hundredth, hundredths)
CURRENCIES: dict[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("u s dollar", "u s dollars", "cent", "cents"),
    "A$": ("australian dollar", "australian dollars", "cent", "cents"),
    "C$": ("canadian dollar", "canadian dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₽": ("ruble", "rubles", "kopek", "kopeks"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₿": ("bitcoin", "bitcoins", "cent", "cents"),
    "USD": ("u s dollar", "u s dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "JPY": ("yen", "yen", "sen", "sen"),
    "CHF": ("swiss franc", "swiss francs", "centime", "centimes"),
    "CAD": ("canadian dollar", "canadian dollars", "cent", "cents"),
    "AUD": ("australian dollar", "australian dollars", "cent", "cents"),
}
SCALES = {
    "hundred": "hundred", "thousand": "thousand", "million": "million", "billion": "billion",
    "trillion": "trillion", "k": "thousand", "K": "thousand", "M": "million", "m": "million", "mn": "million",
    "B": "billion", "b": "billion", "bn": "billion", "T": "trillion", "tn": "trillion",
}  # fmt: skip

SYMBOLS_SAID = _table("""
& = and; % = percent; ° = degrees; × = times; ÷ = divided by; ± = plus or minus; ≈ = about; ≤ = is at most
≥ = is at least; ≠ = is not equal to; √ = the square root of; ∞ = infinity; ¢ = cents; § = section; µ = micro
€ = euros; £ = pounds; ¥ = yen; ₹ = rupees; ‰ = per mille; ∑ = the sum of; ∫ = the integral of; ∂ = partial
∈ = in; Ω = ohms; ∴ = therefore
""")
FRACTION_NAMES = {2: "half", 4: "quarter"}

STAGE_WORDS = word_set(
    """laugh laughs laughing laughter chuckle chuckles chuckling sigh sighs sighing smile smiles smiling grin grins
    grinning pause pauses pausing wink winks winking nod nods nodding giggle giggles giggling gasp gasps gasping
    cough coughs coughing whisper whispers whispering clears clearing shrug shrugs shrugging yawn yawns yawning
    sniff sniffs sniffle sniffles sob sobs sobbing groan groans groaning snort snorts snorting smirk smirks
    smirking frown frowns frowning blink blinks waves waving leans leaning beat silence applause music cheers
    applauds inhales exhales breathes gulps hums humming singing sings cries crying hugs bows thinks thinking
    rolls raises scratches stares shakes tilts takes looks turns glances chuckled laughed sighed smiled"""
)
STAGE_ADVERBS = word_set(
    "softly quietly gently warmly nervously slightly awkwardly sadly happily suddenly slowly loudly long short "
    "deep brief dramatic he she they i"
)
# Words that may open a sentence after an abbreviation such as "U.S." or "St.".
SENTENCE_STARTERS = word_set(
    """the a an he she it they we i you this that these those there here but and so then now in on at when while
    after before if as his her its their my our your what who where why how not no yes however also one some
    many most all both each every for from with although because since until today yesterday"""
)
CONJUNCTIONS = word_set(
    """and but or nor because which that when while if so although though where who whom whose than then unless
    until since whereas after before whether as yet"""
)
PREPOSITIONS = word_set(
    """of in on at to for with from by about into over under between through during without within against among
    around across behind beyond near toward towards upon via along like inside outside"""
)
GREEK = _table("""
α = alpha; β = beta; γ = gamma; δ = delta; ε = epsilon; ζ = zeta; η = eta; θ = theta; ι = iota; κ = kappa
λ = lambda; μ = mu; ν = nu; ξ = xi; ο = omicron; π = pi; ρ = rho; σ = sigma; ς = sigma; τ = tau; υ = upsilon
φ = phi; χ = chi; ψ = psi; ω = omega
""")
