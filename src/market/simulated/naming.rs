//! How certificates are written.

use super::catalogue::issuer;
use super::certificates::{CERTIFICATES, Doubt};
use super::draft::Named;
use super::posting::{DecoyKind, MentionTruth};
use super::world::World;
use super::writer::Writer;
use crate::key::CertificateId;
use crate::numeric::random::SplitMix64;

/// Whether a title is spoken with a vowel first.
pub(super) fn begins_with_vowel(title: &str) -> bool {
    title.starts_with(['A', 'E', 'I', 'O']) || title.starts_with("HVAC") || title.starts_with("MIG")
}

/// The certificates that are called `name`.
pub(super) fn namesakes(world: &World, name: &str, kind: DecoyKind) -> Vec<CertificateId> {
    let is_one = |c: &usize| kind != DecoyKind::NearName && CERTIFICATES[*c].aliases.contains(&name);
    (0..CERTIFICATES.len()).filter(is_one).map(|c| world.ids[c].clone()).collect()
}

/// `A`, `A or B`, `A, B and C`.
pub(super) fn list(
    world: &World,
    writer: &mut Writer,
    random: &mut SplitMix64,
    named: &[Named],
    mentions: &mut Vec<MentionTruth>,
) {
    let last = if random.unit() < 0.5 { " and " } else { ", " };
    for (k, one) in named.iter().enumerate() {
        if k > 0 {
            writer.text(if k + 1 == named.len() { last } else { ", " });
        }
        name(world, writer, random, *one, mentions);
    }
}

/// One certificate in one of its forms.
fn name(world: &World, writer: &mut Writer, random: &mut SplitMix64, named: Named, mentions: &mut Vec<MentionTruth>) {
    let row = &CERTIFICATES[named.certificate];
    let mut mention = |span, without_version| {
        mentions.push(MentionTruth {
            certificate: world.ids[named.certificate].clone(),
            class: named.class,
            span,
            may_obtain: named.may_obtain,
            without_version,
        });
    };
    let draw = random.unit();
    if row.version.is_some() {
        match draw {
            u if u < 0.2 => mention(writer.name(row.name), false),
            u if u < 0.55 => mention(writer.name(row.aliases[0]), false),
            _ => mention(writer.name(row.aliases[1]), true),
        }
        return;
    }
    // Acronyms of words, offices and grades never stand alone in their sense as certificates.
    let (alone, bracketed) = match row.doubt {
        Doubt::None => (0.3, 0.6),
        Doubt::Shared => (0.2, 0.6),
        _ => (0.0, 0.4),
    };
    if draw < alone {
        mention(writer.name(row.aliases[0]), false);
    } else if draw < bracketed {
        mention(writer.name(row.name), false);
        writer.text(" (");
        mention(writer.name(row.aliases[0]), false);
        writer.text(")");
    } else if draw > 0.85 && alone == 0.0 {
        writer.text(issuer(named.certificate));
        writer.text(" ");
        mention(writer.name(row.aliases[0]), false);
        writer.text(" certification");
    } else if let (Some(other), true) = (row.aliases.get(1), draw > 0.85) {
        mention(writer.name(other), false);
    } else if draw > 0.95 {
        mention(writer.name(&row.name.to_lowercase()), false);
    } else {
        mention(writer.name(row.name), false);
    }
}
