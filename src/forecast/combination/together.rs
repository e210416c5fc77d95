//! Members side by side: in parallel, and what several have in common done once.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::error::Result;
use crate::forecast::Forecaster;
use crate::forecast::model::{FittedModel, Model};
use crate::forecast::points::Points;
use crate::forecast::share_of_total::ShareOfTotal;
use crate::panel::Panel;

/// What each of `members` forecasts from the origins of `drops`; see [`Forecaster::rolling`].
pub(super) fn roll(
    members: &[&Model],
    train: &Panel,
    drops: &[usize],
    horizon: std::num::NonZeroUsize,
) -> Vec<Result<Vec<Points>>> {
    each(
        members,
        |member| member.rolling(train, drops, horizon),
        |alike| ShareOfTotal::rolling_together(alike, train, drops, horizon),
    )
}

/// Each of `members` fitted; see [`Forecaster::fit_for_points`].
pub(super) fn fit(members: &[&Model], train: &Panel) -> Vec<Result<FittedModel>> {
    let fit_together = |alike: &[&ShareOfTotal]| -> Vec<Result<FittedModel>> {
        let fitted = ShareOfTotal::fit_together(alike, train);
        fitted.into_iter().map(|fitted| fitted.map(FittedModel::ShareOfTotal)).collect()
    };
    each(members, |member| member.fit_for_points(train), fit_together)
}

/// Members that are worked out by one call.
enum Group<'a> {
    One(&'a Model),
    Alike(Vec<&'a ShareOfTotal>),
}

/// The answer for each of `members`, in their order. Parallel over those that share nothing.
fn each<T: Send>(
    members: &[&Model],
    one: impl Fn(&Model) -> Result<T> + Sync,
    together: impl Fn(&[&ShareOfTotal]) -> Vec<Result<T>> + Sync,
) -> Vec<Result<T>> {
    let mut groups: Vec<(Group<'_>, Vec<usize>)> = Vec::new();
    for (place, member) in members.iter().enumerate() {
        let Model::ShareOfTotal(share) = member else {
            groups.push((Group::One(member), vec![place]));
            continue;
        };
        let found = groups.iter_mut().find_map(|(group, places)| match group {
            Group::Alike(alike) if alike[0].is_alike(share) => Some((alike, places)),
            _ => None,
        });
        match found {
            Some((alike, places)) => {
                alike.push(share);
                places.push(place);
            }
            None => groups.push((Group::Alike(vec![share]), vec![place])),
        }
    }
    let work = |(group, places): &(Group<'_>, Vec<usize>)| {
        let found = match group {
            Group::One(member) => vec![one(member)],
            Group::Alike(alike) => together(alike),
        };
        places.iter().copied().zip(found).collect::<Vec<_>>()
    };
    let mut found: Vec<(usize, Result<T>)> = groups.par_iter().flat_map_iter(work).collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, result)| result).collect()
}
