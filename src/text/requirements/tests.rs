use proptest::prelude::*;

use super::EducationLevel::{Associate, Bachelor, Doctorate, HighSchool, Master, NoneNeeded, SomeCollege};
use super::*;

fn read(text: &str) -> Requirements {
    RequirementsReader::new().read(text)
}

#[test]
fn education_is_read_as_a_person_would() {
    // Text, floor, whether marked as required, preferred, whether experience substitutes.
    type Case = (&'static str, Option<EducationLevel>, bool, Option<EducationLevel>, bool);
    let cases: &[Case] = &[
        ("High school diploma or equivalent required.", Some(HighSchool), true, None, false),
        ("High school diploma or GED.", Some(HighSchool), false, None, false),
        ("Must have a HS diploma.", Some(HighSchool), true, None, false),
        ("GED accepted", Some(HighSchool), false, None, false),
        ("You will tutor high school students.", None, false, None, false),
        ("Some college preferred.", None, false, Some(SomeCollege), false),
        ("Technical certificate in welding required", Some(SomeCollege), true, None, false),
        ("Associate degree in nursing required", Some(Associate), true, None, false),
        ("Associate's degree preferred", None, false, Some(Associate), false),
        ("Two-year degree required", Some(Associate), true, None, false),
        ("Associate of Applied Science", Some(Associate), false, None, false),
        ("Sales associate for our store", None, false, None, false),
        ("Associate or Bachelor's degree required", Some(Associate), true, None, false),
        ("Bachelor's degree required", Some(Bachelor), true, None, false),
        ("Bachelor\u{2019}s degree required; Master\u{2019}s preferred", Some(Bachelor), true, Some(Master), false),
        ("Required: Bachelor's degree. Preferred: MBA.", Some(Bachelor), true, Some(Master), false),
        ("BS in computer science", Some(Bachelor), false, None, false),
        ("B.S./M.S. in biology required", Some(Bachelor), true, None, false),
        ("BS/BA required", Some(Bachelor), true, None, false),
        ("Four-year college degree", Some(Bachelor), false, None, false),
        ("Bachelor's degree or equivalent experience", Some(Bachelor), false, None, true),
        ("Bachelor's degree or 4 years of related experience required", Some(Bachelor), true, None, true),
        ("Degree in lieu of experience: bachelor's degree required", Some(Bachelor), true, None, false),
        ("Bachelor's degree not required", None, false, None, false),
        ("No degree required.", Some(NoneNeeded), true, None, false),
        ("No high school diploma required", Some(NoneNeeded), true, None, false),
        ("High school diploma required, bachelor's degree preferred.", Some(HighSchool), true, Some(Bachelor), false),
        ("A bachelor's degree is a plus", None, false, Some(Bachelor), false),
        ("Master's degree in social work required", Some(Master), true, None, false),
        ("Advanced degree desired", None, false, Some(Master), false),
        ("Master electrician, scrum master", None, false, None, false),
        ("Knows MS Office and MS Word", None, false, None, false),
        ("PhD in physics required", Some(Doctorate), true, None, false),
        ("Doctor of Pharmacy", Some(Doctorate), false, None, false),
        ("Preferred qualifications:\nBachelor's degree\nBenefits\nDental", None, false, Some(Bachelor), false),
        (
            "Minimum requirements\n- High school diploma\nPreferred skills\n- Associate degree",
            Some(HighSchool),
            true,
            Some(Associate),
            false,
        ),
        ("Education: High School", Some(HighSchool), false, None, false),
        ("Education: Associate (Preferred)", None, false, Some(Associate), false),
        (
            "Bachelor's degree and 5 years' experience, or Master's degree and 3 years' experience",
            Some(Bachelor),
            false,
            None,
            false,
        ),
        ("4-year degree or equivalent work experience", Some(Bachelor), false, None, true),
        ("College degree preferred but not required", None, false, Some(Bachelor), false),
        ("Drive safely.", None, false, None, false),
        ("", None, false, None, false),
    ];
    for (text, floor, is_required, preferred, experience_substitutes) in cases {
        let expected = Education {
            floor: *floor,
            is_required: *is_required,
            preferred: *preferred,
            experience_substitutes: *experience_substitutes,
        };
        assert_eq!(read(text).education, expected, "{text}");
    }
}

#[test]
fn experience_is_read_as_a_person_would() {
    // Text, least months, most months, preferred months.
    type Case = (&'static str, Option<u32>, Option<u32>, Option<u32>);
    let cases: &[Case] = &[
        ("3+ years of experience required", Some(36), None, None),
        ("At least three (3) years' experience", Some(36), None, None),
        ("two to four years of experience", Some(24), Some(48), None),
        ("2-4 years experience in retail", Some(24), Some(48), None),
        ("1 - 3+ yrs exp", Some(12), None, None),
        ("6 months of warehouse experience", Some(6), None, None),
        ("six months experience", Some(6), None, None),
        ("up to 2 years of experience", Some(0), Some(24), None),
        ("0-2 years of experience", Some(0), Some(24), None),
        ("one year experience preferred", None, None, Some(12)),
        ("Experience: 5 years (required)", Some(60), None, None),
        ("Minimum experience of 2 years", Some(24), None, None),
        ("5 or more years of experience", Some(60), None, None),
        ("Must be 18 years of age with driving experience", None, None, None),
        ("Applicants 21 years or older, experience a plus", None, None, None),
        ("Our company has 15 years of experience", None, None, None),
        ("Over 50 years of experience", None, None, None),
        ("No experience necessary", Some(0), None, None),
        ("No prior sales experience required", Some(0), None, None),
        ("Experience is not required, we will train", Some(0), None, None),
        ("2 years of experience required. 5 years of experience preferred.", Some(24), None, Some(60)),
        ("1 year of sales experience and 3 years of retail experience", Some(36), None, None),
        ("5 years of experience, or 2 years of experience with a degree", Some(24), None, None),
        ("A 3 year contract", None, None, None),
        ("4-year degree or equivalent work experience", None, None, None),
        ("No prior experience? No problem!", Some(0), None, None),
        ("Welding: 2 years of experience (Required), MIG: 1 year (Preferred)", Some(24), None, Some(12)),
    ];
    for (text, min, max, preferred) in cases {
        let found = read(text).experience;
        assert_eq!((found.min_months, found.max_months, found.preferred_months), (*min, *max, *preferred), "{text}");
    }
    assert!(read("We will train you.").experience.is_trained);
    assert!(read("Paid training").experience.is_trained);
    assert!(!read("You train staff.").experience.is_trained);
}

#[test]
fn entry_level_names_the_rule_that_decided() {
    let cases = [
        ("Entry-level welder", Some(true), EntryRule::SaysEntry),
        ("This is not an entry level position.", Some(false), EntryRule::SaysNot),
        ("Electrician apprentice", Some(true), EntryRule::ForBeginners),
        ("Recent graduates welcome", Some(true), EntryRule::ForBeginners),
        ("3 years of experience required", Some(false), EntryRule::AsksExperience),
        ("Master's degree required", Some(false), EntryRule::AsksAdvancedDegree),
        ("No experience necessary", Some(true), EntryRule::NoExperienceNeeded),
        ("We will train the right person", Some(true), EntryRule::Trains),
        ("6 months of experience", Some(true), EntryRule::AsksLittle),
        ("18 months of experience", None, EntryRule::NothingSaid),
        ("Cook wanted", None, EntryRule::NothingSaid),
        ("Entry level, 5 years of experience", Some(true), EntryRule::SaysEntry),
    ];
    for (text, is_entry, rule) in cases {
        assert_eq!(read(text).entry_level, EntryLevel { is_entry, rule }, "{text}");
    }
}

#[test]
fn skills_are_counted_by_group() {
    use SkillGroup::{
        Character, Cognitive, Computer, CustomerService, Financial, PeopleManagement, ProjectManagement, Social,
        Software, Writing,
    };
    let cases: [(&str, &[SkillGroup]); 12] = [
        ("Problem-solving and critical thinking", &[Cognitive]),
        ("Strong communication and teamwork", &[Social]),
        ("Detail-oriented, multi-tasking, good time management", &[Character]),
        ("Writing", &[Writing]),
        ("Serve customers, clients and patients", &[CustomerService]),
        ("Project management", &[ProjectManagement]),
        ("Project management and staff management", &[ProjectManagement, PeopleManagement]),
        ("Accounting and cost control", &[Financial]),
        ("Microsoft Excel and PowerPoint", &[Computer]),
        ("Python, SQL or C++", &[Software]),
        ("Excel in all you do, mathematically", &[]),
        ("Underwriting, researcher", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).skills.groups().collect::<Vec<_>>(), expected, "{text}");
    }
    assert_eq!(read("Sales and sales and customers").skills.count(CustomerService), 3);
}

#[test]
fn time_is_linear_in_the_text() {
    for piece in [
        "degree or ",
        "3 years ",
        "3 years experience preferred ",
        "no ",
        "high school ",
        "required ",
        "bachelor or ",
        "a",
        "\n",
        "' ",
        "3+",
    ] {
        let text = piece.repeat(400_000 / piece.len());
        let start = std::time::Instant::now();
        let _ = read(&text);
        assert!(start.elapsed().as_secs() < 20, "{piece:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn pieces_of_requirements_are_read_without_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "bachelor", "'s", "\u{2019}s", "degree", "high", "school", "or", "2", "3+", "(3)", "years", "to", "of", "experience",
        "required", "not", "preferred", "\n", ".", ":", "/", "no", "associate", "in", "BS", "entry", "level", "é", "c++", "up",
        "qualifications", "master", "two", "99", "months",
    ]), 0..40), gap in prop::sample::select(vec!["", " "])) {
        let found = read(&parts.join(gap));
        prop_assert!(found.experience.min_months.is_none_or(|months| months <= 300));
        let (low, high) = (found.experience.min_months, found.experience.max_months);
        prop_assert!(low.zip(high).is_none_or(|(low, high)| low <= high));
    }
}
