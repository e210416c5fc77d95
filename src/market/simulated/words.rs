//! Vocabulary and templates. Braces stand for: `L` a list of certificates, `E` employer, `T` title, `I` title with its article, `C` city, `R` region, `A` a
//! string that looks like a certificate, `N` a number, `S` a skill, `P` pay, `D` a day, `Q` a requisition number, `O` a duty.
//!
//! No template holds a string that is a certificate's acronym, in capitals or not; a test checks it.

pub(super) const SOFT_SKILLS: [&str; 14] = [
    "communication skills",
    "attention to detail",
    "teamwork",
    "time management",
    "problem solving",
    "customer service",
    "ability to work independently",
    "positive attitude",
    "adaptability",
    "organizational skills",
    "reliability",
    "critical thinking",
    "ability to multitask",
    "leadership skills",
];

/// Sentences that name one soft skill.
pub(super) const SOFT: [&str; 6] = [
    "Strong {S}",
    "{S} is important in this role",
    "We value {S}",
    "Demonstrated {S}",
    "You bring {S}",
    "Proven record of {S}",
];

pub(super) const INTRO: [&str; 8] = [
    "{E} is hiring {I} for our {C} location.",
    "Join the {E} team in {C}! We are looking for {I} who cares about doing the job well.",
    "{E} has served {R} for more than {N} years. Our {C} office needs {I}.",
    "Are you {I} looking for a steady schedule? {E} in {C} would like to hear from you.",
    "{T} - {C}. {E} is growing and so are our people.",
    "Position: {T}. Location: {C}, {R}. Employer: {E}.",
    "At {E}, we don't just fill shifts; we build careers. We're seeking {I} in {C}.",
    "We are currently accepting applications for the position of {T} at {E} ({C}).",
];

pub(super) const ENTRY: [&str; 5] = [
    "This is an entry-level position; no experience necessary.",
    "Entry level. We will train the right person.",
    "No prior experience required - paid training provided.",
    "Recent graduates are welcome to apply.",
    "Great first job for someone new to the field.",
];

pub(super) const YEARS: [&str; 7] = [
    "{N}+ years of experience",
    "Minimum of {N} years of related experience",
    "At least {N} year(s) experience in a similar role",
    "{N} years experience required",
    "Must have {N} or more years of hands-on experience",
    "Prior experience of {N} years",
    "{N} yrs exp in the field",
];

pub(super) const DUTY: [&str; 4] = ["{O}", "{O}", "{O} as needed", "Daily: {O}"];

pub(super) const SKILL: [&str; 5] =
    ["Experience with {S}", "Knowledge of {S}", "Skilled in {S}", "Comfortable with {S}", "Good understanding of {S}"];

/// Complete by themselves, wherever they stand.
pub(super) const REQUIRED: [&str; 14] = [
    "{L} required",
    "{L} is required",
    "Must have {L}",
    "Must hold a current {L}",
    "Must possess a valid {L} at time of hire",
    "Candidates must hold {L}",
    "Required: {L}",
    "Active {L} is a must",
    "Applicants without {L} will not be considered",
    "You need {L} for this role",
    "Current {L} (required)",
    "{L} mandatory",
    "Proof of {L} must be presented before the first shift",
    "Requires {L}",
];

/// Under a heading that says that what follows is required.
pub(super) const REQUIRED_BARE: [&str; 5] =
    ["{L}", "Current {L}", "{L} in good standing", "Valid {L}", "Active {L} or equivalent"];

pub(super) const MAY_OBTAIN: [&str; 6] = [
    "{L} required, or willing to obtain within {N} months",
    "Must have or be able to obtain {L} within {N} months of hire",
    "Must obtain {L} within the first {N} months of employment",
    "{L} or willingness to obtain is required",
    "Must be willing to obtain {L} during the first {N} months",
    "{L} must be earned before the end of probation",
];

pub(super) const PREFERRED: [&str; 12] = [
    "{L} preferred",
    "{L} a plus",
    "{L} is a plus",
    "{L} is highly desirable",
    "Nice to have: {L}",
    "Preference given to candidates with {L}",
    "Ideally you hold {L}",
    "Bonus points for {L}",
    "{L} preferred but not required",
    "Preferred: {L}",
    "{L} would be an advantage",
    "We like to see {L}",
];

pub(super) const PREFERRED_BARE: [&str; 4] = ["{L}", "Current {L}", "{L} in hand", "Holder of {L}"];

pub(super) const IN_PASSING: [&str; 10] = [
    "After one year {E} pays for training toward {L}.",
    "Our {C} site offers evening classes for {L}.",
    "You will work beside colleagues who hold {L}.",
    "{E} was the first employer in {R} to offer staff the {L} course.",
    "Help new staff to study for {L}.",
    "Career path: many of our people earn {L} in their second year.",
    "Benefits include tuition help for programs such as {L}.",
    "Keep the binder of staff records for {L} up to date.",
    "Reports to a supervisor with {L}.",
    "Our trainers teach the {L} course twice a year.",
];

pub(super) const NEGATED: [&str; 8] = [
    "{L} is not required",
    "{L} not needed for this position",
    "You do not need {L} to apply",
    "We do not require {L}",
    "No {L} needed",
    "{L} is no longer required for this role",
    "This job does not call for {L}",
    "{L} not necessary",
];

pub(super) const WORD: [&str; 4] = [
    "WE {A} BY EXAMPLE.",
    "Bring your energy and set the {A} for the whole crew.",
    "HIGH ENERGY, STEADY {A}, GREAT PEOPLE!",
    "The {A} person on each shift hands out the day's work.",
];

pub(super) const OFFICE: [&str; 3] = [
    "Reports are filed with the {S} ({A}) every quarter.",
    "You will answer letters from the {S}; {A} staff visit twice a year.",
    "Figures of the {S} ({A}) are used to set targets.",
];

pub(super) const GRADE: [&str; 4] = [
    "This position is classified at pay grade {A}.",
    "Salary grade: {A}.",
    "Pay band {A} on the company scale applies.",
    "Job level {A}, grade step to be set at hire.",
];

pub(super) const UNSETTLED: [&str; 5] = [
    "{A} a plus.",
    "Familiarity with {A} is helpful.",
    "{A} experience welcome.",
    "Please mention {A} in your application.",
    "{A} preferred.",
];

pub(super) const NEAR: [&str; 4] = [
    "Our {A} program thanks long-serving staff.",
    "Time is kept in the {A} system.",
    "We use {A} for scheduling.",
    "Parking is beside the {A} building.",
];

pub(super) const ABOUT: [&str; 6] = [
    "{E} is a family-owned company with {N} locations across {R}. Our people stay because we listen, promote from within and keep our word.",
    "Founded {N} years ago, {E} believes that good work deserves good tools, fair schedules and respect.",
    "{E} serves customers throughout {R}. We're proud of our safety record and of the people who built it.",
    "About us: {E} employs {N}0 people in {R} and has been named a great place to work by its staff.",
    "Why {E}? Steady hours, a clean and modern workplace, and managers who know your name.",
    "{E} is part of the {C} community: we sponsor local teams, hire locally and buy locally.",
];

pub(super) const BENEFITS: [&str; 10] = [
    "Medical, dental and vision insurance",
    "401(k) with company match",
    "Paid time off and holidays",
    "Tuition assistance",
    "Employee discounts & referral bonus",
    "Weekly pay and direct deposit",
    "Life and disability insurance",
    "Uniforms provided",
    "Overtime available",
    "Free parking",
];

pub(super) const EQUAL: [&str; 5] = [
    "{E} is an equal opportunity employer. All qualified applicants will receive consideration without regard to race, color, religion, sex, national origin, disability or veteran status.",
    "We are an Equal Opportunity Employer and celebrate diversity. Reasonable accommodation is available on request.",
    "EOE. Drug-free workplace. Background check may apply.",
    "{E} does not discriminate on the basis of age, sex, race, color, religion, disability or any other protected status, and asks all candidates to apply.",
    "Equal opportunity employer - veterans and individuals with disabilities are encouraged to apply.",
];

pub(super) const APPLY: [&str; 5] = [
    "Apply online by {D}. Requisition {Q}.",
    "To apply, send your resume and reference number {Q} by {D}.",
    "Job ID: {Q}. Applications close {D}.",
    "Req #{Q} - open until {D} or filled.",
    "Walk-in interviews welcome in {C}. Quote {Q}; closing date {D}.",
];

pub(super) const PAY: [&str; 6] = [
    "Pay: {P}",
    "Compensation: {P}",
    "Salary: {P}",
    "We offer {P}",
    "Pay range {P} based on experience",
    "Starting wage: {P}",
];

pub(super) const WITHOUT_AMOUNT: [&str; 4] =
    ["DOE", "Competitive", "Negotiable", "Competitive pay, depends on experience"];

pub(super) const DUTIES_HEAD: [&str; 6] =
    ["Responsibilities", "What You'll Do", "Job Duties", "Duties", "Essential Functions", "Your Day"];
pub(super) const REQUIRED_HEAD: [&str; 6] = [
    "Requirements",
    "Required Qualifications",
    "Minimum Qualifications",
    "Must Haves",
    "What We Require",
    "Basic Requirements",
];
pub(super) const PREFERRED_HEAD: [&str; 5] =
    ["Preferred Qualifications", "Nice to Have", "Preferred", "Desired Qualifications", "Bonus Points"];
pub(super) const LICENCE_HEAD: [&str; 3] =
    ["Required Licenses and Certifications", "Licenses/Certifications Required", "Required Certifications"];
pub(super) const BENEFITS_HEAD: [&str; 4] = ["Benefits", "What We Offer", "Perks & Benefits", "Why Work Here"];

/// Statements of education by level, then of the same level when only preferred.
pub(super) const EDUCATION: [[&str; 3]; 5] = [
    ["No degree needed", "No diploma needed", "No formal education needed"],
    ["High school diploma or GED", "High School Diploma/GED required", "HS diploma or equivalent"],
    [
        "Completion of a postsecondary certificate program",
        "Vocational certificate or trade school diploma",
        "Graduate of a technical program",
    ],
    ["Associate degree", "Associate's degree in a related field", "Two-year degree"],
    ["Bachelor's degree", "Bachelor's degree in a related field or equivalent", "BA/BS required"],
];
pub(super) const EDUCATION_PREFERRED: [[&str; 2]; 5] = [
    ["No degree needed", "No diploma needed"],
    ["High school diploma preferred", "GED a plus"],
    ["Trade school diploma preferred", "Postsecondary certificate a plus"],
    ["Associate degree preferred", "Associate's degree a plus"],
    ["Bachelor's degree preferred", "BA/BS a plus"],
];

pub(super) const BULLETS: [&str; 6] = ["- ", "\u{2022} ", "* ", "\u{b7} ", "", "o "];

/// Sentences of a summary in prose.
pub(super) const SUMMARY: [&str; 12] = [
    "In this role you will {O}, among other things.",
    "The {T} works closely with the rest of the team and reports to the site manager in {C}.",
    "On a typical day you will {O}, and when it is quiet you will help wherever hands are needed.",
    "This is a full-time position with regular hours and occasional weekends.",
    "We are looking for someone who shows up on time, asks good questions and takes pride in the result.",
    "You'll get a mentor for your first {N} weeks and a review after the first season.",
    "Our customers know us by name, and you will be one of the faces they remember.",
    "The successful candidate will {O} with little supervision.",
    "Because we keep growing, there is room to move up; most of our managers started in a job like this one.",
    "Turnover on this team is low: several colleagues have been with us for more than {N} years.",
    "You will learn our systems step by step, and nobody is left alone on the first day.",
    "It's a busy place and no two days are the same.",
];

pub(super) const SCHEDULE: [&str; 8] = [
    "Monday to Friday, 8 am to 4:30 pm",
    "Rotating shifts, including every third weekend",
    "Second shift, 3 pm to 11 pm",
    "Four ten-hour days",
    "Full time, {N}6 hours per week",
    "Day shift with some overtime in the busy season",
    "Part-time and full-time openings",
    "Flexible start between 6 and 9 am",
];
pub(super) const SCHEDULE_HEAD: [&str; 3] = ["Schedule", "Hours", "Shift"];

pub(super) const PHYSICAL: [&str; 8] = [
    "Able to lift up to {N}0 pounds",
    "Able to stand and walk for most of the shift",
    "Work indoors and outdoors in all seasons",
    "Frequent bending, reaching and kneeling",
    "Use of hands to handle tools and controls",
    "Noise level is moderate; hearing protection is provided",
    "Vision good enough to read small print and screens",
    "May be exposed to dust, heat or cold for short periods",
];
pub(super) const PHYSICAL_HEAD: [&str; 3] = ["Physical Demands", "Physical Requirements", "Work Environment"];

/// Requirements with the words of certificates that name none of the catalogue.
pub(super) const GENERIC: [&str; 9] = [
    "Valid driver's license and a clean record",
    "Reliable transportation",
    "Must pass a background check and drug screen",
    "Must be at least 18 years of age",
    "Proof of eligibility to work; birth certificate or passport accepted",
    "Any industry certifications should be listed on your resume",
    "Authorized to work without sponsorship",
    "Certified copies of transcripts may be asked for",
    "Able to read, write and follow written instructions",
];

/// Long texts of employers.
pub(super) const LEGAL: [&str; 6] = [
    "This description is intended to show the general nature and level of the work. It is not a complete list of all duties, responsibilities and skills, and {E} may change it at any time with or without notice. Nothing in it is a contract of employment; employment is at will and may be ended by either side.",
    "{E} takes part in electronic verification of the right to work. New hires complete the forms on the first day & bring original documents. Offers depend on a background check, and for some sites on a drug screen, in line with the law of {R}.",
    "Candidates in {R} may ask for a copy of our privacy notice, which says what we collect, why we collect it and how long we keep it. We don't sell personal data, and we'll never ask an applicant for money, bank details or gift certificates.",
    "Recruiters and agencies: {E} does not accept resumes without a signed agreement. Resumes sent to any employee without one become the property of the company and no fee will be due.",
    "If you need help with any part of the application because of a disability, call the {C} office and ask for the people team. We'll arrange an interpreter, a quiet room, more time or whatever else makes sense.",
    "Pay within the range depends on skills, location and time in similar work. The posted range is what we expect to pay at the time of posting; it isn't a promise and may be changed as the market moves.",
];

/// What happens after one applies.
pub(super) const PROCESS: [&str; 5] = [
    "What happens next: a short call, a visit to the {C} site, and an answer within {N} days.",
    "We read every application ourselves. If your background isn't a perfect match, apply anyway and tell us what you would bring.",
    "Interviews are held on site. Please wear closed shoes, and bring the names of two people who have worked with you.",
    "Interested? Tell us in a few lines why you would like to work at {E}.",
    "Applications are reviewed as they arrive, and the posting may close early.",
];
