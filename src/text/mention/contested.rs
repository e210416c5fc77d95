//! Short forms that mean several things, with the words that go with each meaning.
//!
//! Written for this project from general knowledge of the fields. Words are compared without case and plural ending.

/// One short form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contested {
    pub(super) alias: &'static str,
    /// Words that speak for a certificate: its id in the catalogue, or an empty string for whichever bears the alias.
    pub(super) own: &'static [(&'static str, &'static str)],
    /// Words that speak for something else.
    pub(super) other: &'static str,
}

const fn row(alias: &'static str, own: &'static [(&'static str, &'static str)], other: &'static str) -> Contested {
    Contested { alias, own, other }
}

const CARE: &str = "cpr acls pals bls cardiac patient nurse nursing hospital clinic clinical medical ambulance emergency aed heart \
    rn lpn lvn paramedic resuscitation healthcare aha pediatric infusion bedside physician dental telemetry icu";
const CODING: &str = "coding coder ahima aapc icd inpatient outpatient cpc ccs rhit rhia billing reimbursement drg";
const CLINIC: &str =
    "medical clinic patient physician vital injection phlebotomy ehr ekg healthcare aama amt ccma ncma provider";
const CHILDREN: &str = "child childhood children preschool infant toddler classroom teacher daycare head kindergarten";
const DENTISTRY: &str = "dental dentist dentistry danb chairside radiograph orthodontic hygienist";
const VEHICLES: &str = "automotive automobile vehicle mechanic auto repair brake engine diesel truck technician dealership collision \
    transmission fleet car tire suspension";
const ACCOUNTS: &str = "accountant accounting audit auditor tax taxation finance financial gaap bookkeeping controller ledger budget \
    cia cfe fiscal treasury";
const TRAILERS: &str = "tractor trailer semi combination otr doubles triples flatbed";
const STRAIGHT: &str = "bus passenger dump straight box garbage refuse school";
const SITES: &str = "construction contractor jobsite site carpenter roofing concrete excavation foreman superintendent ironworker scaffold";
const PLANTS: &str =
    "general warehouse manufacturing plant factory production assembly distribution hospital healthcare laboratory";
const COOLING: &str = "hvac refrigeration refrigerant heating cooling air conditioning chiller 608 cfc universal freon";
const OTHER_EPA: &str = "water wastewater emission laboratory asbestos renovator";
const CARDS: &str = "card permit certified certification certificate license tabc servsafe alcohol qualification";
const CREW: &str = "supervise train hire hiring team";
const COMPUTERS: &str = "comptia network+ security+ net+ sec+ hardware desktop computer server cisco ccna linux helpdesk microsoft \
    cybersecurity windows laptop pc";

/// The table, in the order of the alphabet.
pub(super) const CONTESTED: &[Contested] = &[
    row(
        "A&P",
        &[("", "faa aircraft airframe powerplant aviation mechanic airline avionics hangar helicopter")],
        "anatomy physiology grocery supermarket nursing prerequisite",
    ),
    row(
        "A+",
        &[("", COMPUTERS)],
        "grade gpa blood bbb rating student essay score credit school average negative donor attitude",
    ),
    row("A+ certification", &[("", COMPUTERS)], "grade gpa blood"),
    row("ACLS", &[("", CARE)], "network router firewall vlan access cisco routing subnet lists"),
    row(
        "ARRT",
        &[("", "general radiologic radiography radiographer diagnostic x ray r")],
        "therapy therapeutic nuclear computed tomography magnetic nmtcb advanced mammography t n ct mr mri sonography",
    ),
    row(
        "ASE",
        &[("", VEHICLES)],
        "sybase adaptive database sap enterprise sql application stock exchange accredited engineer",
    ),
    row(
        "BLS",
        &[("", CARE), ("", "card emt lifeguard")],
        "statistics labor bureau employment wage economic economist economics survey inflation unemployment occupational",
    ),
    row(
        "CAP",
        &[("", "administrative iaap assistant secretary clerical office")],
        "pathologist college laboratory accreditation corrective action market capital salary bottle installation air patrol",
    ),
    row("CASP", &[("", COMPUTERS), ("", "security cissp cism ceh cysa iat dod")], "autism speech project"),
    row(
        "CCA",
        &[("", CODING), ("", "health information records")],
        "citrix crop agronomy adviser community choice energy",
    ),
    row(
        "CCS",
        &[("", CODING), ("", "health information records")],
        "charging charger electric vehicle carbon capture combined storage",
    ),
    row(
        "CCST",
        &[("isa-ccst-1", "instrument instrumentation control process calibration isa loop plc")],
        "cisco networking cybersecurity helpdesk",
    ),
    row(
        "CCT",
        &[("", "ekg ecg cardiac cardiographic telemetry stress holter cardiology")],
        "transport ambulance clock crate",
    ),
    row(
        "CDA",
        &[("cda-council", CHILDREN), ("danb-cda", DENTISTRY)],
        "clinical document architecture hl7 confidential disclosure",
    ),
    row("CDL", &[("cdl-a", TRAILERS), ("cdl-b", STRAIGHT)], ""),
    row("Commercial Driver's License", &[("cdl-a", TRAILERS), ("cdl-b", STRAIGHT)], ""),
    row("commercial driver license", &[("cdl-a", TRAILERS), ("cdl-b", STRAIGHT)], ""),
    row("CDA certification", &[("cda-council", CHILDREN), ("danb-cda", DENTISTRY)], ""),
    row(
        "CDM",
        &[("", "dietary food foodservice kitchen nutrition cfpp meal anfp dietitian menu")],
        "clinical data construction database cdisc trial",
    ),
    row(
        "CEH",
        &[("", "security hacker hacking ethical penetration cissp cyber cybersecurity oscp vulnerability ec council")],
        "continuing hour credits education",
    ),
    row(
        "CET",
        &[("", "ekg ecg cardiac telemetry holter electrocardiogram")],
        "time zone central european electronics eta",
    ),
    row(
        "CFI",
        &[("", "flight pilot faa aviation aircraft flying instrument cfii mei")],
        "forensic interviewer institute finance modeling",
    ),
    row(
        "CLA",
        &[("", "logistics supply warehouse mssc distribution forklift")],
        "laboratory assistant phlebotomy bar paralegal",
    ),
    row(
        "CLT",
        &[("", "logistics supply warehouse mssc distribution")],
        "charlotte airport classic learning laminated timber",
    ),
    row(
        "CMA",
        &[("aama-cma", CLINIC), ("ima-cma", ACCOUNTS), ("ima-cma", "cpa managerial cost ima")],
        "realtor comparative listing country music aide medication",
    ),
    row(
        "CNA",
        &[(
            "",
            "nursing nurse aide patient resident care hospital hospice health lpn rn lvn hha facility bedside vital clinical \
        assisted living caregiver stna homecare healthcare",
        )],
        "novell netware union insurance insurer underwriting naval analyses cve numbering mandarin anesthetist anesthesia anesthetic \
        anesthetizing crna aprn apn",
    ),
    row(
        "COA",
        &[("", "ophthalmic ophthalmology eye vision optometric jcahpo ijcahpo optometry retina lens")],
        "account accounts chart action course authority certificate occupancy analysis homeowner",
    ),
    row("COTA", &[("", "occupational therapy therapist rehabilitation nbcot ot")], "race racing circuit track"),
    row(
        "Core Curriculum",
        &[("", "nccer construction craft trade apprentice contren carpentry")],
        "school college university graduate orientation vision teacher student state degree coursework",
    ),
    row(
        "CPA",
        &[("", ACCOUNTS), ("", "cma license licensed state enrolled attorney lawyer")],
        "psychological psychology psychologist internship doctoral acquisition click campaign marketing ads apa accredited \
        psychiatric residency canadian affiliate",
    ),
    row(
        "CPC",
        &[("aapc-cpc", CODING), ("acf-cpc", "pastry culinary baking baker chef acf dessert")],
        "click ppc cost campaign ads marketing constructor",
    ),
    row(
        "CPO",
        &[
            ("cpo-pool", "pool spa aquatic swimming chlorine hot tub lifeguard"),
            ("ifpo-cpo", "guard security patrol ifpo"),
        ],
        "petty navy rank chief product officer warrant customs",
    ),
    row("CPP", &[("", "payroll payrollorg fpc wage garnishment")], "protection asis security file source"),
    row(
        "CPT",
        &[
            ("nha-cpt", "phlebotomy phlebotomist blood venipuncture draw specimen nha"),
            ("mssc-cpt", "production manufacturing plant mssc assembly quality maintenance"),
        ],
        "coding code coder icd hcpcs billing procedural drg personal trainer fitness captain army rank terminology claim \
        procedure ltc maj sgt col gym sergeant lieutenant",
    ),
    row(
        "CRT",
        &[("", "respiratory rrt nbrc ventilator oxygen airway therapist")],
        "cathode tube monitor resynchronization critical race",
    ),
    row(
        "CSM",
        &[("", "scrum agile sprint product kanban safe backlog psm")],
        "customer success sergeant major army sgm rank saas account",
    ),
    row(
        "CSP",
        &[("", "safety osha ehs bcsp asp chst hygiene industrial hazard")],
        "content policy cloud provider microsoft solution partner",
    ),
    row(
        "CST",
        &[
            ("nbstsa-cst", "surgical operating scrub sterile surgery perioperative nbstsa or"),
            ("nsps-cst-1", "survey surveying surveyor land nsps gps boundary"),
        ],
        "time pm am est pst mst zone standard central noon friday monday",
    ),
    row(
        "CVA",
        &[("", "veterinary animal pet clinic tvma assistant kennel dog cat")],
        "stroke cerebrovascular accident valuation appraisal business neuro",
    ),
    row(
        "CVT",
        &[("", "veterinary animal pet anesthesia dog cat vtne dvm")],
        "transmission variable gearbox car vehicle",
    ),
    row("DTR", &[("", "dietetic dietitian nutrition diet ndtr cdr")], "serial port signal"),
    row(
        "EA",
        &[("", "tax irs enrolled taxation cpa return preparer")],
        "each electronic arts early action environmental assessment executive",
    ),
    row(
        "EMR",
        &[("", "responder ambulance rescue ems nremt emt fire")],
        "electronic medical record epic charting software ehr system documentation cerner computer",
    ),
    row(
        "EMT",
        &[(
            "",
            "emergency ambulance paramedic medic firefighter ems nremt aemt rescue patient cpr bls first responder",
        )],
        "conduit tubing electrical bend raceway refund electrician wiring tool",
    ),
    row("EPA certification", &[("", COOLING)], OTHER_EPA),
    row("EPA certified", &[("", COOLING)], OTHER_EPA),
    row("FPC", &[("", "payroll payrollorg cpp wage")], "flexible circuit printed pcb"),
    row("Food Handlers", &[("", CARDS)], CREW),
    row("Food Handler's", &[("", CARDS)], CREW),
    row("HHA", &[("", "certified certificate certification cna caregiver license training")], "agency"),
    row("MLR", &[("", VEHICLES)], "regression loss ratio multinomial linear model"),
    row(
        "MLT",
        &[("", "laboratory ascp lab specimen hematology medical clinical mls amt microbiology chemistry")],
        "machine learning team",
    ),
    row(
        "MMC",
        &[("", "mariner uscg vessel ship twic maritime deckhand coast")],
        "memory card sd storage emmc committee",
    ),
    row(
        "NIMS",
        &[("", "machining machinist cnc lathe mill metalworking measurement milling turning")],
        "incident fema ics emergency response disaster command",
    ),
    row(
        "NRP",
        &[("", "paramedic ambulance ems nremt emt medic")],
        "neonatal resuscitation newborn nicu labor delivery nursing nurse birth obstetric infant provider",
    ),
    row("OSHA 10", &[("osha-10-construction", SITES), ("osha-10-general", PLANTS)], ""),
    row("OSHA 30", &[("osha-30-construction", SITES), ("osha-30-general", PLANTS)], ""),
    row("PALS", &[("", CARE)], "pen friends buddies prison"),
    row("PCAP", &[("", "python programming programmer pcep")], "packet capture wireshark tcpdump traffic"),
    row(
        "PE",
        &[(
            "",
            "engineer engineering licensed license civil structural stamp eit registration registered fe professional",
        )],
        "physical education gym coach school teacher teaching health student equity earnings pulmonary embolism private",
    ),
    row(
        "PHR",
        &[("", "hr human resources shrm sphr hrci recruiting benefits employee")],
        "personal health record patient portal",
    ),
    row(
        "PMP",
        &[("", "project pmi program capm portfolio agile scrum management manager")],
        "prescription monitoring opioid performance plan",
    ),
    row("RBT", &[("", "behavior autism aba bcba bacb therapy analyst")], "risk testing based"),
    row("RDA", &[("", DENTISTRY)], "dietary allowance recommended daily rural development"),
    row(
        "RMA",
        &[("", CLINIC)],
        "return merchandise authorization warranty replacement crop usda rank shipping vendor risk retail announcement",
    ),
    row(
        "RN",
        &[
            ("", CARE),
            (
                "",
                "registered license licensed licensure bsn adn nclex care health md np unit charge case home treatment",
            ),
        ],
        "royal navy radon",
    ),
    row(
        "RRT",
        &[(
            "",
            "respiratory crt nbrc ventilator ventilation oxygen oxygenation airway therapist pulmonary spirometry coarc rt \
            license licensed credential credentials",
        )],
        "rapid team rescue code blue",
    ),
    row("RVT", &[("", "veterinary animal pet anesthesia dog cat vtne dvm")], "vascular ultrasound sonographer ardms"),
    row(
        "Series 7",
        &[("", "finra nasd securities broker brokerage series license licensed investment advisor financial cfp")],
        "bmw phone watch tractor model",
    ),
    row("SIE", &[("", "finra securities broker brokerage series investment advisor financial")], ""),
    row("WRS", &[("", "readiness work career")], "wetland reserve water"),
    row("WSI", &[("", "swim swimming water lifeguard aquatic pool red cross")], "web services"),
];

/// A name that a word beside it turns into the name of another credential.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turned {
    pub(super) alias: &'static str,
    /// One word directly before, or before the name spelt out in front of its short form.
    pub(super) before: &'static [&'static str],
    /// One word directly behind.
    pub(super) behind: &'static [&'static str],
}

/// Disciplines of radiologic technology other than radiography, nurses of advanced practice, the coder of physicians' services.
pub(super) const TURNED: &[Turned] = &[
    Turned {
        alias: "ARRT",
        before: &["advanced"],
        behind: &["t", "n", "m", "ct", "mr", "mri", "vi", "ci", "bd", "bs", "vs", "mammography", "sonography"],
    },
    Turned { alias: "Registered Nurse", before: &["practice", "certified"], behind: &["anesthetist", "practitioner"] },
    Turned { alias: "CCS", before: &[], behind: &["p"] },
    Turned { alias: "Certified Coding Specialist", before: &[], behind: &["physician"] },
];

/// Words of names, issuers and sectors that say nothing of a field.
pub(super) const GENERIC: &str = "a an the of and or in for to with by on at as i ii iii iv v level certified certificate certification \
    certifications certifying license licensed licence licensure registered registry state national american association board \
    institute international council society center commission professional professionals associate specialist technician \
    technologist technical assistant basic advanced general entry exam examination provider service services system systems \
    operator user credential credentials agency organization organisation training program programme academy department local \
    united us inc company foundation group standards standard test master expert fundamentals core customer support industry career \
    skills education operations management manager";

/// Names of what is done as well as certified: `performed CPR` is no certificate.
pub(super) const DEEDS: [&str; 7] = ["life support", "cpr", "first aid", "resuscitation", "bls", "acls", "pals"];

/// Verbs before a deed.
pub(super) const DOING: &str = "perform performed performing performs provide provided provides providing administer administered \
    administers administering using initiate initiated apply applied deliver delivered conduct conducted";

/// What a deed is done with, or what is done: a word behind its name.
pub(super) const DEED_NOUNS: &str = "procedure technique measure practice care ambulance unit equipment kit treatment intervention station \
    supply supplies room method protocol";

/// Jobs that name a deed in parentheses.
pub(super) const POSTS: &str =
    "firefighter fighter driver operator paramedic medic emt technician inspector chief officer";

/// Words that make a deed a credential, beside those of every name.
pub(super) const DEED_CREDENTIAL: &str = "card current currently valid renewal provider";

/// Words that make a name a credential.
pub(super) const CREDENTIAL: &str = "certification certified certificate cert license licensed licensure licence credential credentialed \
    registered registry recertification endorsement accredited";
