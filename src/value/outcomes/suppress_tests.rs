//! The protection against readers who calculate.

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_oneof, proptest};

use super::attack;
use super::cells::{ALL, Cells, Key, MAX_DIMS};
use super::suppress::{CountTable, Kind, Visibility, protect};

const LEAST: u64 = 10;

/// One person: levels, employed, in field.
type Person = ([u32; 3], u8, u8);

/// People, employment among them, and in-field work among the employed; sizes of groups are skewed, as in life.
fn tables(n_dims: usize, people: &[Person]) -> (Cells, Vec<CountTable>) {
    let rows: Vec<Key> = people
        .iter()
        .map(|(levels, ..)| {
            let mut key = [ALL; MAX_DIMS];
            key[..n_dims].copy_from_slice(&levels[..n_dims]);
            key
        })
        .collect();
    let cells = Cells::of_rows(n_dims, &rows);
    let mut counts = vec![vec![[0_u64; 3]; cells.len()]; 3];
    for (row, (_, employed, in_field)) in rows.iter().zip(people) {
        for key in super::cells::margins(*row, n_dims) {
            let cell = cells.place(&key).unwrap();
            counts[0][cell][0] += 1;
            counts[1][cell][usize::from(*employed)] += 1;
            if *employed == 0 {
                counts[2][cell][usize::from(*in_field)] += 1;
            }
        }
    }
    let table = |(kind, base): (Kind, Option<usize>), counts| CountTable { kind, base, with: None, counts, room: None };
    let kinds = [(Kind::Total, None), (Kind::Share, Some(0)), (Kind::Share, Some(1))];
    (cells, kinds.into_iter().zip(counts).map(|(kind, counts)| table(kind, counts)).collect())
}

fn people() -> impl Strategy<Value = (usize, Vec<Person>)> {
    let skewed = |n: u32| {
        any::<u16>().prop_map(move |u| (f64::from(u) / 65_536.0).powi(3) * f64::from(n)).prop_map(|x| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
            let level = x as u32;
            level
        })
    };
    let part = prop_oneof![6 => Just(0_u8), 3 => Just(1_u8), 1 => Just(2_u8)];
    let person = ((skewed(4), skewed(4), skewed(3)).prop_map(|(a, b, c)| [a, b, c]), part.clone(), part);
    (0_usize..=3, prop::collection::vec(person, 1..500))
}

fn hidden(shown: &[Vec<Visibility>], table: usize, cell: usize) -> bool {
    shown[table][cell] != Visibility::Shown
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(150))]

    #[test]
    fn no_small_count_is_shown((n_dims, people) in people()) {
        let (cells, tables) = tables(n_dims, &people);
        let shown = protect(&cells, &tables, LEAST);
        for (place, table) in tables.iter().enumerate() {
            for cell in (0..cells.len()).filter(|cell| !hidden(&shown, place, *cell) && table.n(*cell) > 0) {
                for part in table.targets() {
                    prop_assert!(table.counts[cell][*part] >= LEAST);
                }
                prop_assert!(table.base.is_none_or(|base| !hidden(&shown, base, cell)));
            }
        }
    }

    #[test]
    fn no_hidden_count_can_be_bounded_more_closely_than_the_threshold((n_dims, people) in people()) {
        let (cells, tables) = tables(n_dims, &people);
        let shown = protect(&cells, &tables, LEAST);
        prop_assert!(attack::narrowest(&cells, &tables, &shown) >= LEAST as f64);
    }

    #[test]
    fn what_can_be_subtracted_is_itself_fit_to_be_shown((n_dims, people) in people()) {
        // A margin less what is shown of its parts is the sum of those hidden: as good as printed.
        let (cells, tables) = tables(n_dims, &people);
        let shown = protect(&cells, &tables, LEAST);
        for (place, table) in tables.iter().enumerate() {
            for cell in (0..cells.len()).filter(|cell| !hidden(&shown, place, *cell)) {
                for dim in 0..n_dims {
                    let rest: Vec<usize> = cells.parts(cell, dim).filter(|part| hidden(&shown, place, *part)).collect();
                    let people: u64 = rest.iter().map(|part| table.n(*part)).sum();
                    prop_assert!(rest.len() != 1 || people == 0, "one hidden part alone");
                    for part in table.targets() {
                        let count: u64 = rest.iter().map(|cell| table.counts[*cell][*part]).sum();
                        prop_assert!(people == 0 || count >= LEAST || place > 0, "{count} of {people}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_small_school_hides_another_one_too() {
    let mut all: Vec<Person> = Vec::new();
    for (school, n) in [(0, 5_u32), (1, 40), (2, 300)] {
        all.extend((0..n).map(|i| ([school, 0, 0], u8::from(i % 2 == 0), 0)));
    }
    let (cells, tables) = tables(1, &all);
    let shown = protect(&cells, &tables, LEAST);
    let of = |level: u32| shown[0][cells.place(&[level, ALL, ALL, ALL]).unwrap()];
    assert_eq!(
        [of(ALL), of(0), of(1), of(2)],
        [Visibility::Shown, Visibility::Small, Visibility::Complementary, Visibility::Shown]
    );
}

#[test]
fn nobody_small_hides_nothing() {
    let all: Vec<Person> =
        (0..400_u32).map(|i| ([i % 2, i / 2 % 2, 0], u8::from(i % 3 == 0), u8::from(i % 7 < 3))).collect();
    let (cells, tables) = tables(2, &all);
    let shown = protect(&cells, &tables, LEAST);
    assert!(shown.iter().flatten().all(|visibility| *visibility == Visibility::Shown));
}

#[test]
fn one_person_alone_is_hidden_with_every_margin() {
    let (cells, tables) = tables(3, &[([0, 0, 0], 0, 0)]);
    let shown = protect(&cells, &tables, LEAST);
    assert!((0..cells.len()).all(|cell| hidden(&shown, 0, cell)));
    assert_eq!(attack::narrowest(&cells, &tables, &shown), f64::INFINITY);
}
