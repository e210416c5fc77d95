//! Which certificate a match stands for.

use super::{assert_none, matcher, wrong};
use crate::key::CertificateId;
use crate::text::{AbstainReason, Context, Mention, Scratch, Verdict};
use crate::time::Period;

fn show(mention: &Mention) -> String {
    match &mention.verdict {
        Verdict::Certificate(id) => id.to_string(),
        Verdict::Family { family, .. } => format!("{family}*"),
        Verdict::Abstained { reason, .. } => format!("? {reason}"),
    }
}

fn verdicts(text: &str, context: &Context<'_>) -> String {
    let mentions = matcher().mentions(text, context);
    mentions.iter().map(show).collect::<Vec<_>>().join(", ")
}

#[test]
fn words_near_by_settle_ambiguous_names() {
    let cases = [
        ("BLS and ACLS certification for nurses in our hospital", "aha-bls, aha-acls"),
        ("BLS card from the American Heart Association", "aha-bls"),
        ("Basic Life Support (BLS)", "aha-bls, aha-bls"),
        ("Wage data come from BLS, the Bureau of Labor Statistics", "? other-meaning"),
        ("Bureau of Labor Statistics (BLS) employment survey", "? other-meaning"),
        ("Ask for the BLS desk", "? no-evidence"),
        ("CNA for our nursing home", "cna-state"),
        ("Certified Nursing Assistant (CNA)", "cna-state, cna-state"),
        ("Underwriting for CNA insurance", "? other-meaning"),
        ("CNA wanted", "? no-evidence"),
        ("CNA certification wanted for patient care", "cna-state"),
        ("ASE certification as a brake mechanic", "ase-master-auto"),
        ("Sybase ASE database administrator", "? other-meaning"),
        ("An A+ student with a GPA of 4", "? other-meaning"),
        ("A+ and Network+ for our help desk", "comptia-a-plus*, comptia-network-plus*"),
        ("Blood type A+", "? other-meaning"),
        ("CMA with experience in managerial accounting", "ima-cma"),
        ("CMA for a busy medical clinic, taking vitals", "aama-cma"),
        ("CMA", "? no-evidence"),
        ("Certified Medical Assistant (CMA) through AAMA", "aama-cma, aama-cma"),
        ("Certified Management Accountant (CMA)", "ima-cma, ima-cma"),
        ("CPA with audit and tax work", "cpa-state"),
        ("Lower our CPA in every ads campaign", "? other-meaning"),
        ("a program accredited by the Canadian Psychological Association (CPA)", "? other-meaning"),
        ("CPT for blood draws and venipuncture", "nha-cpt"),
        ("CPT on the production floor of our manufacturing plant", "mssc-cpt"),
        ("ICD and CPT codes for billing", "? other-meaning"),
        ("CCS or RHIT with ICD coding", "ahima-ccs, ahima-rhit"),
        ("CCS fast charging for electric cars", "? other-meaning"),
        ("RMA and warranty returns of merchandise", "? other-meaning"),
        ("RMA for a family medicine clinic with many patients", "amt-rma"),
        ("CDA for our preschool classroom", "cda-council"),
        ("CDA in a dental office", "danb-cda"),
        ("CDA with references", "? no-evidence"),
        ("Child Development Associate (CDA)", "cda-council, cda-council"),
        ("CST for the operating room, scrub role", "nbstsa-cst"),
        ("CST on our land surveying crew", "nsps-cst-1"),
        ("Call from 9 am to 5 pm CST, Monday to Friday", "? other-meaning"),
        ("CPC coder with ICD work", "aapc-cpc"),
        ("CPC for pastry and baking", "acf-cpc"),
        ("Cut CPC and raise click rates", "? other-meaning"),
        ("CPO to keep our pool clean", "cpo-pool"),
        ("Work under a Navy CPO", "? other-meaning"),
        ("EMT on an ambulance", "nremt-emt"),
        ("Bend EMT conduit as an electrician", "? other-meaning"),
        ("Chart in our EMR software", "? other-meaning"),
        ("PMP for project leads", "pmi-pmp"),
        ("Query the state PMP for opioid prescriptions", "? other-meaning"),
        ("CAP certification by the College of American Pathologists (CAP)", "? other-meaning, ? other-meaning"),
        ("NIMS and ICS courses by FEMA", "? other-meaning"),
        ("NIMS for CNC machinists on a lathe", "nims-measurement"),
        ("QuickBooks every day", "? product"),
        ("QuickBooks certification", "quickbooks-user"),
        ("Strong in AutoCAD", "? product"),
        ("certified phlebotomist", "? several-certificates"),
        ("certified phlebotomist (NHA)", "nha-cpt"),
        ("certified phlebotomist through ASCP", "ascp-pbt"),
        ("OSHA 10", "osha-10-construction"),
        ("OSHA 10 for general industry", "osha-10-general"),
        ("OSHA 10 for construction sites", "osha-10-construction"),
        ("CCNA or CISSP", "cisco-ccna, isc2-cissp"),
        ("LPN or LVN", "lpn-nclex, lpn-nclex"),
        // All in small letters: only with evidence.
        ("we want a cna for our nursing home", "cna-state"),
        ("we want a cna", ""),
        ("We want a cna for our nursing home", ""),
        ("put a cap on patients in the operating room", ""),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn each_place_of_a_name_is_read_by_its_own_sentence() {
    let cases = [
        (
            "BLS from the American Heart Association is required. Wage data come from the BLS, the Bureau of Labor Statistics.",
            "aha-bls, ? other-meaning",
        ),
        (
            "Wages follow the BLS, the Bureau of Labor Statistics. BLS from the American Heart Association is required.",
            "? other-meaning, aha-bls",
        ),
        (
            "You need BLS from the American Heart Association, and our wages follow the BLS, the Bureau of Labor Statistics",
            "aha-bls, ? other-meaning",
        ),
        (
            "- BLS card for every nurse\n- wage tables of the BLS employment survey\n- kind to patients",
            "aha-bls, ? other-meaning",
        ),
        (
            "CNA for our nursing home. Years of underwriting at CNA insurance do not count.",
            "cna-state, ? other-meaning",
        ),
        (
            "A CPA keeps our ledger and does the audit. The residency is accredited by the Canadian Psychological \
             Association, or CPA.",
            "cpa-state, ? other-meaning",
        ),
        (
            "PMP for the lead of each project. Nurses query the state PMP for opioid prescriptions.",
            "pmi-pmp, ? other-meaning",
        ),
        (
            "CMA to take vitals in our medical clinic. The controller of our budget is a CMA for managerial accounting.",
            "aama-cma, ima-cma",
        ),
        ("CDA for the preschool classroom. CDA for the dental chairside team.", "cda-council, danb-cda"),
        // A sentence that says nothing is read by what stands around it.
        ("We care for patients in a nursing home. CNA wanted.", "cna-state"),
        ("We publish wage and employment data. BLS is our name.", "? other-meaning"),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn words_beside_a_short_form_spell_it_out() {
    let cases = [
        ("CPA, the Canadian Psychological Association, in a tax year", "? other-meaning"),
        ("Canadian Psychological Association - CPA - and its audit", "? other-meaning"),
        ("CNA, certified nursing assistant", "cna-state, cna-state"),
        ("CMA, Certified Management Accountant, for our clinic", "ima-cma, ima-cma"),
        // Two words may have the initials by chance.
        ("Tax returns are done by an EA, early and alone", "irs-enrolled-agent"),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn an_act_is_no_certificate() {
    let cases = [
        ("Must be CPR certified", "cpr-first-aid"),
        ("Current CPR card", "cpr-first-aid"),
        ("Performs CPR when a guest falls ill", "? other-meaning"),
        ("Knows CPR techniques", "? other-meaning"),
        ("Provides basic life support to patients", "? other-meaning"),
        ("Basic life support procedures on the way to the hospital", "? other-meaning"),
        ("Firefighter (Basic Life Support)", "? other-meaning"),
        ("Basic Life Support (BLS) certification", "aha-bls, aha-bls"),
        ("Must have Advanced Cardiac Life Support (ACLS)", "aha-acls, aha-acls"),
        ("First Aid/CPR certification", "cpr-first-aid"),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn names_as_postings_write_them() {
    let cases = [
        ("Licensed as a registered nurse in any state", "rn-nclex"),
        ("Registered nurse licensure", "rn-nclex"),
        ("an active RN license", "rn-nclex"),
        ("Licensed Practical/Vocational Nurse", "lpn-nclex"),
        ("licensed practical or vocational nurse", "lpn-nclex"),
        ("Commercial Driver License, class B", "cdl-b"),
        ("Class A driver's license", "cdl-a"),
        ("Airframe & Powerplant license", "faa-amt*"),
        ("licensed pesticide applicator", "pesticide-applicator*"),
        ("forklift license", "forklift"),
        ("EPA Section 608 Universal", "epa-608"),
        ("Cisco Certified Network Associate", "cisco-ccna"),
        ("Works with ITIL every day", "? product"),
        ("ITIL certification", "itil-4-foundation"),
        ("HAZWOPER", "hazwoper-40"),
        ("food handler's permit", "servsafe-handler"),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn a_name_told_in_one_place_is_told_in_all_that_are_open() {
    let far = "Some words of no weight. ".repeat(12);
    let cases = [
        (format!("CDA for our preschool classroom. {far}CDA wanted."), "cda-council, cda-council"),
        (format!("CDA wanted. {far}CDA for our preschool classroom."), "cda-council, cda-council"),
        (
            format!("CDA for our preschool. {far}CDA wanted. {far}CDA at the dental chairside"),
            "cda-council, ? no-evidence, danb-cda",
        ),
        (
            format!("CNA for a nursing home. {far}CNA wanted. {far}Underwriting at CNA insurance."),
            "cna-state, ? no-evidence, ? other-meaning",
        ),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn bodies_that_accredit_and_examine_are_no_certificates() {
    let cases = [
        ("A school accredited by the ARRT in radiography", "? other-meaning"),
        (
            "An examination administered by the Dental Assisting National Board (DANB)",
            "? other-meaning, ? other-meaning",
        ),
        ("Certified by the Dental Assisting National Board (DANB)", "danb-cda, danb-cda"),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn a_note_says_which_certificate_is_meant_where_nothing_tells() {
    let cases = [
        ("Valid CDL", "cdl-a"),
        ("Valid CDL to drive the school bus", "cdl-b"),
        ("Valid CDL (Class B)", "cdl-b"),
        ("CDL for tractor and trailer", "cdl-a"),
        ("Must be CPR certified; CPR certification", "cpr-first-aid, cpr-first-aid"),
        ("OSHA 30", "osha-30-construction"),
    ];
    assert_none(
        cases.iter().filter_map(|(text, expected)| wrong(text, &verdicts(text, &Context::default()), expected)),
    );
}

#[test]
fn occupation_and_industry_settle_what_words_do_not() {
    let of = |soc| Context { soc: Some(soc), ..Context::default() };
    assert_eq!(verdicts("CNA wanted", &of("31-1131")), "cna-state");
    assert_eq!(verdicts("CMA wanted", &of("31-9092")), "aama-cma");
    assert_eq!(verdicts("CMA wanted", &of("13-2011")), "ima-cma");
    assert_eq!(verdicts("CDA wanted", &of("39-9011")), "cda-council");
    assert_eq!(verdicts("CDA wanted", &of("31-9091")), "danb-cda");
    assert_eq!(verdicts("BLS report", &of("15-2031")), "? no-evidence");
    let industry = Context { industry: Some("Nursing and residential care facilities"), ..Context::default() };
    assert_eq!(verdicts("CNA wanted", &industry), "cna-state");
}

#[test]
fn versions_are_kept_and_families_named() {
    let at = |year, month| Context { period: Period::month(year, month), ..Context::default() };
    let none = Context::default();
    assert_eq!(verdicts("CompTIA A+ 220-1101", &none), "comptia-a-plus-1101");
    assert_eq!(verdicts("CompTIA A+ (220-1201)", &none), "comptia-a-plus-1201");
    assert_eq!(verdicts("CompTIA A+ (220-1001/1002)", &none), "comptia-a-plus-1001");
    assert_eq!(verdicts("CompTIA A+ 220-1101 & 220-1102", &none), "comptia-a-plus-1101");
    assert_eq!(verdicts("CompTIA A+", &none), "comptia-a-plus*");
    assert_eq!(verdicts("Security+ SY0-701", &none), "comptia-security-plus-701");
    assert_eq!(verdicts("CompTIA A+", &at(2020, 5)), "comptia-a-plus-1001");
    assert_eq!(verdicts("CompTIA A+", &at(2024, 5)), "comptia-a-plus-1101");
    // Two versions were awarded in that month.
    assert_eq!(verdicts("CompTIA A+", &at(2022, 6)), "comptia-a-plus*");
    assert_eq!(verdicts("CompTIA A+", &at(2010, 1)), "comptia-a-plus*");
    let text = "CompTIA A+ (220-1201) holder";
    assert_eq!(matcher().mentions(text, &none)[0].span, 0..21);
    let Verdict::Family { members, .. } = &matcher().mentions("Net+ and Sec+", &none)[0].verdict else { panic!() };
    assert_eq!(members.len(), 3);
}

#[test]
fn an_abstention_names_its_candidates() {
    let mentions = matcher().mentions("CDA wanted", &Context::default());
    let Verdict::Abstained { candidates, reason } = &mentions[0].verdict else { panic!() };
    assert_eq!(candidates.iter().map(CertificateId::as_str).collect::<Vec<_>>(), ["cda-council", "danb-cda"]);
    assert_eq!(*reason, AbstainReason::NoEvidence);
    assert!(mentions[0].certificate().is_none());
}

#[test]
fn scratch_holds_nothing_over_from_another_text() {
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    let texts = ["Requirements:\nCCNA", "CCNA", "Nice to have: CISSP, BLS", "BLS", "", "CCNA required, CISSP a plus"];
    for text in texts.iter().chain(texts.iter().rev()) {
        matcher().mentions_into(text, &Context::default(), &mut scratch, &mut out);
        assert_eq!(out, matcher().mentions(text, &Context::default()), "{text}");
    }
}
