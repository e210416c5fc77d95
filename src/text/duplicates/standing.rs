//! What each sighting of an advertisement is: the first, a duplicate, a repost.

use super::groups::Groups;
use super::report::{DuplicateCounts, Ruling, Standing};
use super::settings::Duplicates;
use super::sighting::Sighting;

impl Groups {
    /// The ruling for each sighting, in the order of [`Groups::iter`], added to `counts`. O(n log n).
    #[must_use]
    pub fn rule(&self, settings: Duplicates, counts: &mut DuplicateCounts) -> Vec<Ruling> {
        let mut places: Vec<u32> = (0..).take(self.sightings.len()).collect();
        // Orphans stand at the end, and the first of an advertisement may be one of them.
        places.sort_unstable_by_key(|place| self.sightings[*place as usize].order());
        let mut histories: Vec<Option<History>> = vec![None; self.advertisements.len()];
        let none = Ruling { id: 0, day: 0, standing: Standing::NoText, is_near: false, is_evergreen: false };
        let mut rulings = vec![none; self.sightings.len()];
        for place in places.into_iter().map(|place| place as usize) {
            let sighting = &self.sightings[place];
            let (standing, is_near) = match self.of[place] {
                None => (Standing::NoText, false),
                Some(index) => match &mut histories[index as usize] {
                    Some(history) => history.see(sighting, settings),
                    history => {
                        *history = Some(History::new(sighting, settings));
                        (Standing::First, false)
                    }
                },
            };
            rulings[place] = Ruling { id: sighting.id, day: sighting.day, standing, is_near, is_evergreen: false };
        }
        let is_evergreen =
            |history: &Option<History>| history.is_some_and(|h| h.n_periods >= settings.evergreen_periods());
        for (ruling, of) in rulings.iter_mut().zip(&self.of) {
            ruling.is_evergreen = of.is_some_and(|index| is_evergreen(&histories[index as usize]));
            counts.duplicates += usize::from(matches!(ruling.standing, Standing::Duplicate { .. }));
            counts.reposts += usize::from(matches!(ruling.standing, Standing::Repost { .. }));
            counts.no_text += usize::from(ruling.standing == Standing::NoText);
            counts.near += usize::from(ruling.is_near);
            counts.evergreen_records += usize::from(ruling.is_evergreen);
        }
        counts.records += rulings.len();
        counts.advertisements += self.advertisements.len();
        counts.evergreen_advertisements += histories.iter().filter(|history| is_evergreen(history)).count();
        if settings.is_near() && !self.is_near {
            counts.equal_only += rulings.len();
        }
        rulings
    }
}

/// What is known of an advertisement up to a day.
#[derive(Clone, Copy)]
struct History {
    first_id: u64,
    first_hash: u64,
    /// The first sighting of the present appearance.
    start_id: u64,
    start_hash: u64,
    last_day: i32,
    last_period: i64,
    n_periods: usize,
}

impl History {
    fn new(sighting: &Sighting, settings: Duplicates) -> Self {
        let (id, hash) = (sighting.id, sighting.print.hash());
        Self {
            first_id: id,
            first_hash: hash,
            start_id: id,
            start_hash: hash,
            last_day: sighting.day,
            last_period: i64::from(sighting.day).div_euclid(settings.period_days()),
            n_periods: 1,
        }
    }

    fn see(&mut self, sighting: &Sighting, settings: Duplicates) -> (Standing, bool) {
        let gap = i64::from(sighting.day) - i64::from(self.last_day);
        self.last_day = sighting.day;
        let period = i64::from(sighting.day).div_euclid(settings.period_days());
        self.n_periods += usize::from(period != self.last_period);
        self.last_period = period;
        let hash = sighting.print.hash();
        if gap > settings.window_days() {
            (self.start_id, self.start_hash) = (sighting.id, hash);
            let gap_days = u32::try_from(gap).unwrap_or(u32::MAX);
            (Standing::Repost { of: self.first_id, gap_days }, hash != self.first_hash)
        } else {
            (Standing::Duplicate { of: self.start_id }, hash != self.start_hash)
        }
    }
}
