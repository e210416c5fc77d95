//! Writes an advertisement with its typographic noise, and keeps where each name stands.

use std::ops::Range;

use crate::numeric::random::SplitMix64;

/// How an advertisement is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    /// Apostrophes are curly.
    pub(super) curly: bool,
    /// Some characters are HTML entities.
    pub(super) entities: bool,
    /// Probability that a blank does not break.
    pub(super) no_break: f64,
    /// Probability that a full stop is missing.
    pub(super) no_stop: f64,
    /// Probability that a line is in capitals.
    pub(super) capitals: f64,
    /// Line ends became blanks.
    pub(super) flat: bool,
}

impl Noise {
    pub(super) const NONE: Self =
        Self { curly: false, entities: false, no_break: 0.0, no_stop: 0.0, capitals: 0.0, flat: false };

    pub(super) fn draw(random: &mut SplitMix64) -> Self {
        Self {
            curly: random.unit() < 0.4,
            entities: random.unit() < 0.12,
            no_break: if random.unit() < 0.3 { 0.03 } else { 0.0 },
            no_stop: if random.unit() < 0.4 { 0.3 } else { 0.0 },
            capitals: if random.unit() < 0.3 { 0.08 } else { 0.0 },
            flat: random.unit() < 0.2,
        }
    }
}

/// The text so far.
#[derive(Debug)]
pub(super) struct Writer {
    out: String,
    noise: Noise,
    random: SplitMix64,
    capitals: bool,
}

impl Writer {
    pub(super) fn new(noise: Noise, random: SplitMix64) -> Self {
        Self { out: String::with_capacity(2_500), noise, random, capitals: false }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Begins a line, perhaps in capitals.
    pub(super) fn begin(&mut self) {
        self.capitals = self.noise.capitals > 0.0 && self.random.unit() < self.noise.capitals;
    }

    /// Ends a line.
    pub(super) fn end(&mut self) {
        self.capitals = false;
        self.out.push(if self.noise.flat { ' ' } else { '\n' });
    }

    /// An empty line between sections.
    pub(super) fn gap(&mut self) {
        if !self.noise.flat {
            self.out.push('\n');
        }
    }

    /// Ordinary text.
    pub(super) fn text(&mut self, text: &str) {
        let Noise { curly, entities, no_break, .. } = self.noise;
        if !(curly || entities || no_break > 0.0 || self.capitals) {
            self.out.push_str(text);
            return;
        }
        for c in text.chars() {
            match c {
                '\'' if entities => self.out.push_str("&#39;"),
                '\'' if curly => self.out.push('\u{2019}'),
                '&' if entities => self.out.push_str("&amp;"),
                '\u{2022}' if entities => self.out.push_str("&bull;"),
                ' ' if no_break > 0.0 && self.random.unit() < no_break => {
                    self.out.push_str(if entities { "&nbsp;" } else { "\u{a0}" });
                }
                c if self.capitals => self.out.push(c.to_ascii_uppercase()),
                c => self.out.push(c),
            }
        }
    }

    /// A name, as it stands but for capitals; where it stands.
    pub(super) fn name(&mut self, name: &str) -> Range<usize> {
        let start = self.out.len();
        self.out.push_str(name);
        if self.capitals {
            self.out[start..].make_ascii_uppercase();
        }
        start..self.out.len()
    }

    /// A full stop, unless it is left out or the sentence has ended.
    pub(super) fn stop(&mut self) {
        let ended = self.out.ends_with(['.', '!', '?', ':']);
        let missing = self.noise.no_stop > 0.0 && self.random.unit() < self.noise.no_stop;
        if !ended && !missing {
            self.out.push('.');
        }
    }

    /// Raises the first letter of what follows byte `start`.
    pub(super) fn capitalise(&mut self, start: usize) {
        if let Some(first) = self.out.get_mut(start..start + 1) {
            first.make_ascii_uppercase();
        }
    }
}

/// Writes a template; `field` writes what stands for a letter in braces.
pub(super) fn fill(writer: &mut Writer, template: &str, mut field: impl FnMut(&mut Writer, u8)) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        writer.text(before);
        field(writer, after.bytes().next().unwrap_or(b'?'));
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    writer.text(rest);
}
