//! What a posting says of a certificate.

use std::sync::OnceLock;

use super::{assert_none, matcher, wrong};
use crate::key::CertificateId;
use crate::text::{Class, Context, MentionMatcher, Rule};

fn classes(text: &str) -> String {
    let list = ["CCNA", "CISSP", "ServSafe", "RHIT", "LPN", "CWI", "TWIC"].map(|a| (a, CertificateId::new(a)));
    static MATCHER: OnceLock<MentionMatcher> = OnceLock::new();
    let matcher = MATCHER.get_or_init(|| MentionMatcher::from_aliases(list).unwrap());
    let mentions = matcher.mentions(text, &Context::default());
    mentions.iter().map(|m| m.rule.name()).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_a_name_only_describes_is_not_asked_for() {
    let cases = [
        ("You must be a graduate of an LPN program.", "no-cue"),
        ("Two years of CCNA work experience required.", "no-cue"),
        ("Must have one year of experience as an LPN or RHIT.", "no-cue, no-cue"),
        ("Must be employed as a certified LPN.", "obligation"),
        ("LPN requirements: must be kind.", "no-cue"),
        ("LPN, experience required.", "obligation"),
        ("Must have finished a year of an LPN training program.", "no-cue"),
        ("Must be a graduate of an LPN/RHIT program.", "no-cue, no-cue"),
        ("Requirements:\n- no accident while holding a TWIC, a year if not holding TWIC", "no-cue, no-cue"),
        ("Ideal candidates are certified in CCNA.", "preference"),
        ("Priority will be given to those with a CCNA.", "preference"),
        ("Safety is our first priority. CCNA", "no-cue"),
        ("Possession of a valid TWIC card.", "obligation"),
        ("Non-LPN aide wanted.", "not-required"),
        ("A TWIC may be required.", "no-cue"),
        ("A TWIC will be required.", "obligation"),
        ("I certify that I currently possess a TWIC card.", "item-obligation"),
        ("I certify that my TWIC number is right.", "answer"),
        ("Maintains a TWIC card with annual renewal.", "obligation"),
        ("Certifications: TWIC, CCNA", "heading-required, heading-required"),
        ("Certification: TWIC, CCNA", "heading-required, heading-required"),
        ("Licensure: do you hold a TWIC?", "question"),
        ("Licensure:\n1. Provide the number of your TWIC licence.", "no-cue"),
    ];
    let wrong: Vec<_> = cases.iter().filter(|(text, expected)| classes(text) != *expected).collect();
    assert!(wrong.is_empty(), "{:?}", wrong.iter().map(|(text, _)| (text, classes(text))).collect::<Vec<_>>());
}

#[test]
fn clauses_decide_the_class() {
    let cases = [
        ("Must hold a CCNA.", "obligation"),
        ("Applicants must possess and maintain a current LPN.", "obligation"),
        ("CCNA required.", "obligation"),
        ("CCNA certification is required for this job.", "obligation"),
        ("The job requires a CCNA.", "obligation"),
        ("You need a TWIC to enter.", "obligation"),
        ("A TWIC is a condition of employment.", "obligation"),
        ("As a condition of employment you keep a TWIC.", "obligation"),
        ("Required: CCNA, CISSP or RHIT", "obligation, obligation, obligation"),
        ("CCNA, CISSP or RHIT required", "obligation, obligation, obligation"),
        ("Must have one of: CCNA; CISSP; RHIT.", "obligation, obligation, obligation"),
        ("Candidates must be ServSafe certified.", "obligation"),
        ("A ServSafe card is mandatory.", "obligation"),
        ("A ServSafe card is a must.", "obligation"),
        ("You are required to have a TWIC.", "obligation"),
        ("Required certifications include CCNA.", "obligation"),
        ("CCNA preferred.", "preference"),
        ("CCNA is a plus.", "preference"),
        ("CCNA a big plus!", "preference"),
        ("CCNA or CISSP is desirable.", "preference, preference"),
        ("We prefer a CCNA.", "preference"),
        ("Preferably with a CCNA.", "preference"),
        ("Preference is given to holders of a CCNA.", "preference"),
        ("Preferred: CCNA, CISSP.", "preference, preference"),
        ("CCNA nice to have.", "preference"),
        ("Nice to have: CCNA", "preference"),
        ("CISSP certification would be an advantage.", "preference"),
        ("CCNA required, CISSP preferred.", "obligation, preference"),
        ("Must have CCNA, CISSP preferred.", "obligation, preference"),
        ("Must have CCNA; CISSP preferred.", "obligation, preference"),
        ("CCNA (required), CISSP (preferred)", "obligation, preference"),
        ("CCNA preferred but not required.", "preference"),
        ("CCNA is not required but is a plus.", "not-required-but-preferred"),
        ("CCNA is not required but preferred.", "not-required-but-preferred"),
        ("CCNA is not required.", "not-required"),
        ("CCNA isn't required.", "not-required"),
        ("No CCNA required.", "not-required"),
        ("No CCNA or CISSP needed.", "not-required, not-required"),
        ("You do not need a CCNA.", "not-required"),
        ("This does not require a CCNA.", "not-required"),
        ("Apply without a CCNA.", "not-required"),
        ("No CCNA? No problem!", "not-required"),
        ("CCNA not required but CISSP is required.", "not-required, obligation"),
        ("No CCNA is needed but you must hold a CISSP.", "not-required, obligation"),
        ("A degree is not required, however CCNA is preferred.", "preference"),
        ("Must hold a CCNA or be willing to obtain it within six months.", "obtain-later"),
        ("CCNA, or ability to obtain one within 90 days of hire.", "obtain-later"),
        ("Must obtain a TWIC within 30 days.", "obtain-later"),
        ("Two years of work may be accepted in lieu of a CCNA.", "in-lieu"),
        ("A CCNA may substitute for one year of work.", "in-lieu"),
        ("Do you hold a current CCNA?", "question"),
        ("Are you ServSafe certified?", "question"),
        ("Which of these do you have: CCNA or CISSP?", "question, question"),
        ("I have a current CCNA.", "answer"),
        ("A. I hold a CCNA B. None of these", "answer"),
        ("No, I do not possess a CCNA.", "answer"),
        ("This job requires a CCNA. Do you hold a CCNA?", "obligation, item-obligation"),
        ("Do you possess the required CCNA?", "item-obligation"),
        ("Answer to this question is required. Do you hold a CCNA?", "question"),
        ("You must submit a copy of your CCNA.", "no-cue"),
        ("Must be able to work with an LPN.", "no-cue"),
        ("We pay for your CCNA.", "training-offered"),
        ("LPN training provided.", "training-offered"),
        ("Our team: two LPNs and a cook.", "no-cue"),
        ("Certificates such as CCNA are required.", "obligation"),
        ("Required. The CCNA is explained below.", "no-cue"),
        ("\u{2022} Degree required \u{2022} CCNA", "no-cue"),
        ("Requirements:\n- CCNA\n- CISSP preferred\n- RHIT", "heading-required, preference, heading-required"),
        ("Preferred Qualifications\nCCNA\nRequirements\nLPN", "heading-preferred, heading-required"),
        ("Nice to have:\n* CCNA\n\nBenefits:\n* LPN on site", "heading-preferred, no-cue"),
        ("What you'll need:\nCCNA", "heading-required"),
        ("Whoever wants to work in this house for a long time must hold\na current LPN from this state.", "obligation"),
        ("CCNA required\nCISSP", "obligation, no-cue"),
        ("CCNA preferred. Must hold a TWIC.", "preference, obligation"),
        ("Possess a valid CCNA.", "obligation"),
        ("Have worked beside many others who held a CCNA.", "no-cue"),
        ("Must work under the direction of a doctor or an LPN.", "no-cue"),
        ("1. Must hold a license. Works under the supervision of a senior LPN or cook.", "no-cue"),
        ("Selective factor: CCNA.", "obligation"),
        ("This is a selective placement factor. Yes, I hold a CCNA.", "item-obligation"),
        ("Screen-out question: do you hold a CCNA?", "item-obligation"),
        ("Registered with the selective service and a CCNA.", "no-cue"),
        ("1. Do you possess each of the following requirements? (a) A degree. (b) CCNA", "item-obligation"),
        ("All applicants must possess the following:\n1. Good English?\n2. Do you hold a CCNA?", "heading-required"),
        ("Answer the following:\n2. Do you hold a CCNA?", "question"),
        ("Must hold a CCNA. The CCNA certification is the entry level of many.", "obligation, item-obligation"),
        ("Must hold a license. A CCNA is fine. The CCNA certification is hard.", "no-cue, no-cue"),
    ];
    assert_none(cases.iter().filter_map(|(text, expected)| wrong(text, &classes(text), expected)));
}

#[test]
fn questionnaires_demand_above_and_behind() {
    let filler = "Some words that say nothing of it. ".repeat(40);
    let cases: Vec<(String, &str)> = [
        (format!("1. Must hold a license. {filler}\nDo you hold a CCNA?"), "item-obligation"),
        (format!("1. Must hold a license. {filler}{filler}\nDo you hold a CCNA?"), "question"),
        ("1. Be kind.\n(a) Must hold a license.\nDo you hold a CCNA?".to_owned(), "item-obligation"),
        ("All nurses must hold a CCNA.\n2. Age?\n3. Do you hold a CCNA?\nA. I hold a CCNA".to_owned(), {
            "obligation, item-obligation, item-obligation"
        }),
        (format!("All nurses must hold a CCNA.\n{filler}\n3. Do you hold a CCNA?"), "obligation, question"),
        ("SELECTIVE FACTORS: all listed below.\n1. Speak English?\n Yes\n No\n2. Do you hold a CCNA?".to_owned(), {
            "heading-required"
        }),
        ("Do you hold a CCNA? Note: this is not a requirement, but it is highly desirable.".to_owned(), {
            "not-required-but-preferred"
        }),
        ("Do you hold a CCNA? (Required for the night shift)".to_owned(), "item-obligation"),
        ("Do you hold a CCNA? Note: a copy is required.".to_owned(), "question"),
        ("2. Do you hold a CCNA?\nException. Above this grade the candidate must be certified.\n A. Yes".to_owned(), {
            "item-obligation"
        }),
        ("2. Do you hold a CCNA?\n A. Yes\n B. No\n3. Must be certified as a cook.".to_owned(), "question"),
        ("1. Must hold a licence. Individuals who have a CCNA may start as helpers.".to_owned(), "no-cue"),
        ("GS-6: a year that fully meets the requirements for the GS-5 LPN".to_owned(), "no-cue"),
        ("Training that is accepted as qualifying for full LPN licensure must be finished.".to_owned(), "no-cue"),
        ("Must come from a state in which the applicant is licensed as an LPN.".to_owned(), "no-cue"),
        ("The house may waive the CCNA requirement.".to_owned(), "not-required"),
        ("Does the lifting if an LPN is not required.".to_owned(), "no-cue"),
        ("Failure to obtain a CCNA ends the job.".to_owned(), "obligation"),
        ("Applicants who do not hold a CCNA will not be considered.".to_owned(), "obligation"),
    ]
    .into();
    assert_none(cases.iter().filter_map(|(text, expected)| wrong(text, &classes(text), expected)));
}

#[test]
fn other_ways_and_other_names_take_no_obligation() {
    let cases = [
        ("CCNA or equivalent experience required.", "no-cue"),
        ("A degree in accounting or a CCNA is required.", "no-cue"),
        ("A degree or CCNA preferred.", "preference"),
        ("CCNA or equivalent required.", "obligation"),
        ("CCNA (CISSP preferred)", "no-cue, preference"),
        ("CCNA (strongly preferred)", "preference"),
        ("CCNA; CISSP; or RHIT is required.", "obligation, obligation, obligation"),
        ("CCNA; the CISSP is required.", "no-cue, obligation"),
        ("Requirements of the CCNA are hard.", "no-cue"),
        ("A sign-on bonus is paid. CCNA", "no-cue"),
    ];
    assert_none(cases.iter().filter_map(|(text, expected)| wrong(text, &classes(text), expected)));
}

#[test]
fn examples_and_distance_lower_the_confidence() {
    let confidence = |text: &str| matcher().mentions(text, &Context::default())[0].confidence;
    assert!(confidence("Certificates such as CCNA are required.") < confidence("CCNA is required."));
    let far = format!("Must hold {} CCNA", "some more words and ".repeat(5));
    assert!(confidence(&far) < confidence("Must hold CCNA"));
    for rule in Rule::ALL {
        assert!(rule.confidence() > 0.0 && rule.confidence() < 1.0, "{rule}");
    }
}

#[test]
fn rules_have_stable_names_and_classes() {
    let of = |class| Rule::ALL.into_iter().filter(|r| r.class() == class).map(Rule::name).collect::<Vec<_>>().join(" ");
    assert_eq!(of(Class::Required), "obligation obtain-later item-obligation held heading-required");
    assert_eq!(of(Class::Preferred), "preference not-required-but-preferred heading-preferred");
    assert_eq!(of(Class::Negated), "not-required");
    assert_eq!(of(Class::Mentioned), "in-lieu question answer training-offered no-cue");
}
