"""Words of both languages that the check of answers needs to know by kind."""

from __future__ import annotations

# Countries and capitals that news speaks of, in English; the lexicon leads Indonesian names here.
# A country's government is often called by its capital, so the pairs also serve as one name.
CAPITALS = dict(
    pair.split(":")
    for pair in """iran:tehran pakistan:islamabad russia:moscow turkey:ankara china:beijing
    india:delhi japan:tokyo france:paris germany:berlin italy:rome spain:madrid egypt:cairo
    iraq:baghdad syria:damascus lebanon:beirut jordan:amman qatar:doha afghanistan:kabul
    ukraine:kyiv indonesia:jakarta malaysia:putrajaya thailand:bangkok vietnam:hanoi
    philippines:manila australia:canberra canada:ottawa mexico:mexico brazil:brasilia
    argentina:argentina cuba:havana yemen:sanaa oman:muscat kuwait:kuwait bahrain:manama
    azerbaijan:baku armenia:yerevan georgia:tbilisi uzbekistan:tashkent kazakhstan:astana
    turkmenistan:ashgabat tajikistan:dushanbe bangladesh:dhaka myanmar:naypyidaw cambodia:phnom
    laos:vientiane singapore:singapore taiwan:taipei poland:warsaw hungary:budapest greece:athens
    sweden:stockholm norway:oslo finland:helsinki denmark:copenhagen netherlands:hague
    belgium:brussels austria:vienna switzerland:bern serbia:belgrade romania:bucharest
    sudan:khartoum libya:tripoli tunisia:tunis algeria:algiers morocco:rabat ethiopia:addis
    kenya:nairobi nigeria:abuja england:london britain:london israel:jerusalem palestine:ramallah
    venezuela:caracas colombia:bogota peru:lima chile:santiago nepal:kathmandu
    america:washington""".split()
)
OTHER_PLACES = "saudi arabia korea gaza turkiye states europe asia africa ireland".split()
# Written in capitals these are no pronouns or prepositions.
ABBREVIATIONS = {
    "US": "america",
    "USA": "america",
    "AS": "america",
    "UK": "britain",
    "UN": "nations",
    "PBB": "nations",
    "EU": "europe",
    "UE": "europe",
    "UAE": "emirates",
    "PRC": "china",
    "RRT": "china",
    "RRC": "china",
}
# What follows a year: BC is SM, AD is M, AH is H.
ERAS = frozenset("BC BCE AD CE AH SM M H".split())

NEGATORS = frozenset(
    """not no never neither nor cannot without none nothing nobody hardly tidak tak tiada bukan
    belum tanpa jangan non enggan mustahil bukanlah tidaklah""".split()
)
# These deny the adjective after them and nothing else of the sentence: less stable.
SOFT_NEGATORS = frozenset("less kurang".split())
RISING = frozenset("semakin makin kian increasingly ever".split())
ALTERNATIVES = frozenset("or nor atau ataupun maupun".split())
# After these a "not" denies nothing: "not only the people", "bukan sekadar kata".
ONLY = frozenset("only just merely simply solely hanya cuma sekadar saja semata melulu".split())
# Verbs that deny what they lead, and are concepts themselves.
DENIALS = frozenset(
    """deny denied denies denying refuse refused refuses refusing reject rejected rejects rejecting
    fail failed fails lack lacks lacked oppose opposed opposes membantah bantah menolak ditolak
    menampik menyangkal gagal batal menentang exclude excluded excludes excluding
    mengecualikan dikecualikan""".split()
)
# The same in two words.
DENYING_PHRASES = frozenset(
    (verb, particle)
    for verbs, particles in (
        ("turn turns turned turning", "down away"),
        ("leave leaves left leaving", "out"),
        ("rule rules ruled ruling", "out"),
        ("call calls called calling", "off"),
        ("shut shuts shutting", "out"),
        ("free", "of from"),
    )
    for verb in verbs.split()
    for particle in particles.split()
)
# What one side of a pair affirms the other denies. Both languages, any form of a word.
OPPOSITES = tuple(
    tuple(frozenset(side.split()) for side in pair.split("|"))
    for pair in (
        """rise rising rose increase increasing grow growing growth grew climb climbed surge
        escalate escalation meningkat meningkatnya peningkatan naik kenaikan bertambah tumbuh
        pertumbuhan memuncak melonjak
        |fall falling fell decline declining decrease drop dropped shrink diminish lessen subside
        menurun turun penurunan berkurang pengurangan merosot menyusut mereda anjlok""",
        """strengthen stronger deepen tighten menguat memperkuat penguatan mempererat memperdalam
        |weaken weaker loosen melemah memperlemah pelemahan melonggarkan""",
        """improve improving improved better membaik |worsen worsening worse deteriorate memburuk
        merosot""",
        """expand expanding widen broaden memperluas perluasan meluas
        |reduce curtail narrow mengurangi memangkas membatasi mempersempit""",
        """win won victory menang memenangi memenangkan kemenangan
        |lose lost defeat defeated kalah kekalahan""",
        "buy bought membeli dibeli |sell sold menjual dijual",
        "easy easily mudah |difficult hard sulit sukar",
        "allow permit permitted mengizinkan diizinkan membolehkan mengizinkannya"
        "|ban banned forbid forbidden prohibit prohibited bar barred melarang dilarang larangan",
        "majority mayoritas |minority minoritas",
        "full fully completely penuh sepenuhnya |below short bawah",
        """advanced developed maju
        |backward underdeveloped undeveloped lagging tertinggal terbelakang""",
        "open functioning working running terbuka berfungsi berjalan tersambung"
        "|closed severed shut cut broken disconnected tertutup ditutup terputus diputus putus",
        "largest biggest terbesar |smallest terkecil",
        "highest tertinggi |lowest terendah",
        "ally allies sekutu |enemy enemies foe musuh seteru",
        "rich wealthy kaya |poor miskin",
        "safe safer aman |dangerous unsafe berbahaya",
        "import imports impor mengimpor |export exports ekspor mengekspor",
        "release released free freed membebaskan dibebaskan"
        "|arrest arrested detain detained menangkap ditangkap menahan ditahan",
        "north northern utara |south southern selatan",
        "woman women wanita perempuan |man men pria laki",
        "husband suami |wife istri",
        "praise praised memuji dipuji"
        "|criticise criticised criticize criticized mengecam mengkritik",
        "optimistic optimistis |pessimistic pesimistis",
        "hopeful harapan |hopeless",
    )
)
WEAK_AFTER_NEGATION = frozenset(
    """ever pernah punya mempunyai memiliki ada adanya akan lagi longer any a an the be been have
    has had is are was were do does did yet to of bisa dapat mau ingin pun lah yang for in with
    untuk di ke oleh really sangat very it he she they there this that dengan antara between
    interested terdapat enough cukup""".split()
)
MORE_LIGHT = frozenset(
    """also both each other others another said says say told according including included include
    among amid during after before while since until ahead upon whether well already still just
    now then very later earlier however meanwhile therefore because what one two made make made
    juga keduanya kedua mereka masing-masing bahwa katanya ujarnya ujar kata mengatakan menyebut
    disebut menyatakan menurutnya menambahkan menegaskan menuturkan menurut antara lain termasuk
    setelah sebelum sesudah seusai selama ketika sehingga sambil karena sebab sekaligus maupun
    ataupun meski namun bagi satu dua dirinya sendiri ikut turut selaku adapun terhadap melalui
    its it's such described describe adding added added noted stated state stating reportedly took
    take place taken held hold under into via per within""".split()
)
CLAUSE_WORDS = frozenset(
    """sedangkan while whereas but tetapi tapi namun although meskipun which who after before
    setelah sesudah sebelum ketika when asalkan provided""".split()
)
PREPOSITIONS = frozenset(
    """from in to of into with against on at for about near toward towards dari di ke dengan
    terhadap kepada pada bagi melawan untuk dalam tentang antara between bersama""".split()
)
ARTICLES = frozenset("the a an its his her their our sang si para".split())
# Titles before a name, with a point: no part of it.
SHORT_TITLES = frozenset(
    """gen col lt sgt capt maj adm brig mr mrs ms dr prof sen rep gov st jend kol letjen mayjen
    brigjen komjen irjen kombes ir drs tn ny""".split()
)
# After these a capital is a town, not its country's government.
LOCATIVES = frozenset("in at from near into to toward towards via di ke dari menuju".split())
# Words that open sentences and that the lexicon does not know; they are no names.
OPENERS = frozenset(
    """through across under over above below behind beneath against amongst alongside outside
    inside near onto only around along half most some about nearly almost despite unlike instead
    besides beyond throughout towards via per plus like except without within upon once twice
    perhaps maybe indeed
    thus hence moreover furthermore additionally overall together although though unless until
    whether because since following amid amidst regarding concerning given here there today
    yesterday tomorrow recently previously finally eventually initially originally formerly
    separately similarly likewise meanwhile afterwards later earlier soon often usually sometimes
    several many much few fewer more less another others everyone someone anyone nobody each every
    either neither all any such what when where who why how aside apart next last
    sekitar hampir kira-kira selain sejumlah banyak beberapa semua seluruh setiap tiap kini dulu
    dahulu kelak nanti sayangnya akhirnya awalnya mulanya biasanya umumnya misalnya contohnya
    artinya jadi maka lantas bahkan malah justru walaupun meskipun walau meski padahal sehingga
    supaya agar biar kendati sejauh sebanyak sebagian separuh setengah seusai usai seraya sembari
    alih-alih berkat lewat via tanpa hanya cuma sekadar pertama terakhir berikut begitu demikian
    tak hingga sampai menjelang selepas selagi lagi pula pun adapun para kaum sang si
    nama itulah inilah begitulah demikianlah""".split()
)
# Words of posts and offices: they stand in titles and do nothing themselves.
POST_WORDS = frozenset(
    """minister menteri menlu president presiden prime perdana foreign luar negeri deputy wakil
    interim caretaker sementara secretary sekretaris general jenderal speaker ketua chief army
    intelligence ambassador duta besar dubes leader pemimpin spokesman spokeswoman juru bicara
    information penerangan defense defence pertahanan national nasional security keamanan
    assembly majelis parliament parlemen supreme tertinggi council dewan panglima militer military
    commander finance keuangan governor gubernur king raja queen interior dalam chairman acting
    economy ekonomi trade envoy utusan diplomat senator prince pangeran revolusi revolution islam
    islamic ayatullah ayatollah menhan menkeu counterpart mitra""".split()
)
