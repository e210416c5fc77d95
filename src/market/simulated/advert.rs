//! Puts a job into words.

use super::draft::{Draft, Named};
use super::naming::{begins_with_vowel, list, namesakes};
use super::posting::{DecoyKind, DecoyTruth, MentionClass, MentionTruth};
use super::words;
use super::world::World;
use super::writer::{Noise, Writer, fill};
use crate::numeric::random::SplitMix64;
use crate::time::{Frequency, Period};

/// Tells the random stream of wording from the others.
const STREAM: u64 = 0x776f_7264;

/// Bytes below which an advertisement says something about its employer.
const LEAST: usize = 300;

/// What may differ between an advertisement and its near-copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    pub(super) city: usize,
    pub(super) requisition: u64,
    /// Closing day, days since 1970.
    pub(super) closes: i32,
}

/// An advertisement with where its names stand.
#[derive(Debug)]
pub(super) struct Advert {
    pub(super) text: String,
    pub(super) mentions: Vec<MentionTruth>,
    pub(super) decoys: Vec<DecoyTruth>,
}

/// Writes the advertisement of original `i`; pay goes in if it is given.
pub(super) fn write(world: &World, i: u64, draft: &Draft, variant: Variant, pay: Option<&str>) -> Advert {
    let mut random = SplitMix64::of(world.params.seed ^ STREAM, i);
    let noise = if random.unit() < world.params.noise_share { Noise::draw(&mut random) } else { Noise::NONE };
    let writer = Writer::new(noise, SplitMix64::of(world.params.seed ^ STREAM ^ 1, i));
    let style = Style {
        headed: random.unit() < 0.75,
        heading: random.below(4),
        bullet: words::BULLETS[random.below(words::BULLETS.len())],
    };
    let mut page = Page {
        world,
        draft,
        variant,
        random,
        writer,
        style,
        mentions: Vec::new(),
        decoys: Vec::new(),
        pay: pay.unwrap_or(""),
    };
    page.all();
    let Page { writer, mut mentions, decoys, .. } = page;
    mentions.sort_by_key(|m| m.span.start);
    Advert { text: writer.finish(), mentions, decoys }
}

#[derive(Clone, Copy)]
struct Style {
    /// Sections have headings and items; otherwise all is prose.
    headed: bool,
    heading: usize,
    bullet: &'static str,
}

pub(super) struct Page<'a> {
    pub(super) world: &'a World,
    pub(super) draft: &'a Draft,
    variant: Variant,
    pub(super) random: SplitMix64,
    writer: Writer,
    style: Style,
    mentions: Vec<MentionTruth>,
    decoys: Vec<DecoyTruth>,
    pay: &'a str,
}

/// What a template may name besides the facts of the job.
#[derive(Clone, Copy, Default)]
pub(super) struct Fields<'a> {
    pub(super) named: &'a [Named],
    pub(super) skill: &'a str,
    pub(super) number: u64,
    pub(super) decoy: Option<(&'a str, DecoyKind)>,
}

impl Page<'_> {
    fn all(&mut self) {
        // Short, ordinary and long advertisements; the shares are guesses.
        let length = [0, 1, 1, 2, 2, 3][self.random.below(6)];
        self.sentence(&words::INTRO, Fields { number: 5 + self.draft.employer as u64 % 60, ..Fields::default() });
        if self.draft.entry_level {
            self.sentence(&words::ENTRY, Fields::default());
        }
        let voice = self.world.employers[self.draft.employer].voice;
        let about_first = voice.is_multiple_of(3);
        if about_first {
            self.about(voice);
        }
        self.summary(length);
        if self.random.unit() < 0.8 {
            self.duties();
            self.decoy();
            self.requirements();
        } else {
            self.requirements();
            self.duties();
            self.decoy();
        }
        self.passing();
        if length > 0 {
            self.some(&words::SCHEDULE_HEAD, &words::SCHEDULE, 1);
        }
        if length > 1 && self.random.unit() < 0.6 {
            let n = 2 + self.random.below(4);
            self.some(&words::PHYSICAL_HEAD, &words::PHYSICAL, n);
        }
        if !self.pay.is_empty() {
            self.sentence(&words::PAY, Fields::default());
        }
        self.benefits(voice);
        if !about_first && (length > 0 || self.writer.len() < LEAST) {
            self.about(voice);
        }
        self.boilerplate(voice, length);
        let equal = words::EQUAL[usize::try_from(voice / 7 % words::EQUAL.len() as u64).unwrap_or(0)];
        self.sentence(&[equal], Fields::default());
        self.sentence(&words::APPLY, Fields::default());
    }

    fn about(&mut self, voice: u64) {
        let about = words::ABOUT[usize::try_from(voice / 3 % words::ABOUT.len() as u64).unwrap_or(0)];
        self.sentence(&[about], Fields { number: 2 + voice % 40, ..Fields::default() });
    }

    /// Some sentences in prose.
    fn summary(&mut self, length: usize) {
        let duties = self.draft.job().duties;
        let first = self.random.below(words::SUMMARY.len());
        for k in 0..length * 2 {
            // 5 and 12 have no common divisor, so no sentence comes twice.
            let sentence = words::SUMMARY[(first + 5 * k) % words::SUMMARY.len()];
            let number = 2 + self.random.below(9) as u64;
            self.writer.begin();
            self.template(&[sentence], Fields { number, skill: duties[k % duties.len()], ..Fields::default() });
            self.writer.stop();
            self.writer.text(" ");
        }
        if length > 0 {
            self.writer.end();
        }
    }

    /// A section of `n` different items.
    fn some(&mut self, heads: &[&str], items: &[&str], n: usize) {
        self.heading(heads);
        let mut order: Vec<usize> = (0..items.len()).collect();
        self.random.shuffle(&mut order);
        for &k in order.iter().take(n) {
            let number = 2 + self.random.below(3) as u64;
            self.item(&[items[k]], Fields { number, ..Fields::default() });
        }
        self.section_end();
    }

    /// What an employer puts under all its advertisements.
    fn boilerplate(&mut self, voice: u64, length: usize) {
        for k in 0..length {
            let place = usize::try_from(voice / 11 % words::LEGAL.len() as u64).unwrap_or(0) + k;
            self.sentence(&[words::LEGAL[place % words::LEGAL.len()]], Fields::default());
        }
        if length > 1 {
            self.sentence(&words::PROCESS, Fields { number: 5 + voice % 10, ..Fields::default() });
        }
    }

    fn duties(&mut self) {
        self.heading(&words::DUTIES_HEAD);
        let mut order = [0, 1, 2, 3];
        self.random.shuffle(&mut order);
        let n = 2 + self.random.below(3);
        for &k in &order[..n] {
            let duty = self.draft.job().duties[k];
            self.item(&words::DUTY, Fields { skill: duty, ..Fields::default() });
        }
        self.section_end();
    }

    fn requirements(&mut self) {
        let draft = self.draft;
        let of = |class: MentionClass, may: bool| -> Vec<Named> {
            draft.named.iter().filter(|n| n.class == class && n.may_obtain == may).copied().collect()
        };
        let required = of(MentionClass::Required, false);
        let licence_section = self.style.headed && !required.is_empty() && self.random.unit() < 0.25;
        self.heading(&words::REQUIRED_HEAD);
        self.background();
        if !licence_section {
            self.certificates(&required, &words::REQUIRED, &words::REQUIRED_BARE);
        }
        self.certificates(&of(MentionClass::Required, true), &words::MAY_OBTAIN, &words::MAY_OBTAIN);
        let preferred = of(MentionClass::Preferred, false);
        let preferred_section = self.style.headed && !preferred.is_empty() && self.random.unit() < 0.5;
        if !preferred_section {
            self.certificates(&preferred, &words::PREFERRED, &words::PREFERRED);
        }
        let negated = of(MentionClass::Negated, false);
        self.certificates(&negated, &words::NEGATED, &words::NEGATED);
        self.section_end();
        if licence_section {
            self.heading(&words::LICENCE_HEAD);
            self.certificates(&required, &words::REQUIRED, &words::REQUIRED_BARE);
            self.section_end();
        }
        if preferred_section {
            self.heading(&words::PREFERRED_HEAD);
            self.certificates(&preferred, &words::PREFERRED, &words::PREFERRED_BARE);
            self.section_end();
        }
    }

    /// Education, experience, skills.
    fn background(&mut self) {
        if let Some(education) = self.draft.education {
            let level = education.level as usize;
            let choice = if education.preferred {
                words::EDUCATION_PREFERRED[level][self.random.below(2)]
            } else {
                words::EDUCATION[level][self.random.below(3)]
            };
            self.item(&[choice], Fields::default());
        }
        if let Some(years) = self.draft.years {
            self.item(&words::YEARS, Fields { number: u64::from(years), ..Fields::default() });
        }
        let skills = self.draft.job().skills;
        let skill = skills[self.random.below(skills.len())];
        self.item(&words::SKILL, Fields { skill, ..Fields::default() });
        if self.random.unit() < 0.4 {
            self.item(&words::GENERIC, Fields::default());
        }
        for &k in &self.draft.soft_skills {
            self.item(&words::SOFT, Fields { skill: words::SOFT_SKILLS[k], ..Fields::default() });
        }
    }

    /// Certificates of one class, one by one or in lists. `bare` may be used where a heading says the class.
    fn certificates(&mut self, named: &[Named], complete: &[&str], bare: &[&str]) {
        let mut rest = named;
        while !rest.is_empty() {
            let n = if self.random.unit() < 0.5 { rest.len().min(3) } else { 1 };
            let (these, others) = rest.split_at(n);
            rest = others;
            let templates = if self.style.headed && self.random.unit() < 0.45 { bare } else { complete };
            let number = [3, 6, 6, 12][self.random.below(4)];
            self.item(templates, Fields { named: these, number, ..Fields::default() });
        }
    }

    fn passing(&mut self) {
        let draft = self.draft;
        for named in draft.named.iter().filter(|n| n.class == MentionClass::InPassing) {
            self.sentence(&words::IN_PASSING, Fields { named: std::slice::from_ref(named), ..Fields::default() });
        }
    }

    fn benefits(&mut self, voice: u64) {
        let n = self.random.below(6);
        if n == 0 {
            return;
        }
        self.heading(&words::BENEFITS_HEAD);
        for k in 0..n {
            let place = (usize::try_from(voice % 1_000).unwrap_or(0) + 3 * k) % words::BENEFITS.len();
            self.item(&[words::BENEFITS[place]], Fields::default());
        }
        self.section_end();
    }

    fn heading(&mut self, choices: &[&str]) {
        if !self.style.headed {
            return;
        }
        self.writer.gap();
        let title = choices[self.random.below(choices.len())];
        match self.style.heading {
            0 => self.writer.text(&format!("{title}:")),
            1 => self.writer.text(&title.to_uppercase()),
            2 => self.writer.text(&format!("**{title}**")),
            _ => self.writer.text(&format!("{title} -")),
        }
        self.writer.end();
    }

    fn section_end(&mut self) {
        if !self.style.headed {
            self.writer.end();
        }
        self.writer.gap();
    }

    /// An item of a list, or a sentence where there are no lists.
    fn item(&mut self, templates: &[&str], fields: Fields<'_>) {
        self.writer.begin();
        if self.style.headed {
            let bullet = self.style.bullet;
            self.writer.text(bullet);
            self.template(templates, fields);
            if self.random.unit() < 0.2 {
                self.writer.stop();
            }
            self.writer.end();
        } else {
            self.template(templates, fields);
            self.writer.stop();
            self.writer.text(" ");
        }
    }

    /// A sentence on a line of its own.
    pub(super) fn sentence(&mut self, templates: &[&str], fields: Fields<'_>) {
        self.writer.begin();
        self.template(templates, fields);
        self.writer.stop();
        self.writer.end();
    }

    fn template(&mut self, templates: &[&str], fields: Fields<'_>) {
        let template = templates[self.random.below(templates.len())];
        let start = self.writer.len();
        let Self { world, draft, variant, random, writer, mentions, decoys, pay, .. } = self;
        fill(writer, template, |writer, letter| match letter {
            b'L' => list(world, writer, random, fields.named, mentions),
            b'A' => {
                if let Some((name, kind)) = fields.decoy {
                    let span = writer.name(name);
                    decoys.push(DecoyTruth { span, kind, certificates: namesakes(world, name, kind) });
                }
            }
            b'E' => writer.text(&world.employers[draft.employer].name),
            b'T' => writer.text(draft.job().titles[draft.title]),
            b'I' => {
                let title = draft.job().titles[draft.title];
                writer.text(if begins_with_vowel(title) { "an " } else { "a " });
                writer.text(title);
            }
            b'C' => writer.text(world.regions[draft.region].cities[variant.city]),
            b'R' => writer.text(world.regions[draft.region].name),
            b'S' | b'O' => writer.text(fields.skill),
            b'N' => writer.text(&fields.number.to_string()),
            b'P' => writer.text(pay),
            b'D' => writer.text(&Period::from_ordinal(Frequency::Daily, variant.closes).to_string()),
            b'Q' => writer.text(&format!("R-{}", variant.requisition)),
            letter => debug_assert!(false, "no field {}", char::from(letter)),
        });
        self.writer.capitalise(start);
    }
}
