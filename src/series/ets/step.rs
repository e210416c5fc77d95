//! One period of any form.

use super::form::{EtsSeason, EtsTrend};
use super::weights::Weights;

/// What the next value depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Now {
    pub(super) level: f64,
    pub(super) trend: f64,
    /// The season of the next value.
    pub(super) season: f64,
}

/// What is known before the next value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ahead {
    /// The trend carried on: a sum or a factor.
    pub(super) carried: f64,
    /// The level carried on.
    pub(super) base: f64,
    pub(super) forecast: f64,
}

impl Now {
    /// ```text
    /// carried = phi b | b^phi      base = l + carried | l carried      forecast = base | base + s | base s
    /// ```
    #[inline(always)]
    pub(super) fn ahead(self, trend: EtsTrend, season: EtsSeason, phi: f64) -> Ahead {
        let carried = match trend {
            EtsTrend::None => 0.0,
            EtsTrend::Additive | EtsTrend::Multiplicative => self.trend,
            EtsTrend::AdditiveDamped => phi * self.trend,
            EtsTrend::MultiplicativeDamped => self.trend.powf(phi),
        };
        let base = match trend {
            EtsTrend::None => self.level,
            EtsTrend::Additive | EtsTrend::AdditiveDamped => self.level + carried,
            EtsTrend::Multiplicative | EtsTrend::MultiplicativeDamped => self.level * carried,
        };
        let forecast = match season {
            EtsSeason::None => base,
            EtsSeason::Additive => base + self.season,
            EtsSeason::Multiplicative => base * self.season,
        };
        Ahead { carried, base, forecast }
    }

    /// The states after an error of `error` in units of the series; 0 leaves the path alone.
    ///
    /// ```text
    /// u = e | e/s     l = base + alpha u     b = carried + beta u | carried + beta u / l[t-1]     s += gamma e | gamma e / base
    /// ```
    #[inline(always)]
    pub(super) fn moved(self, trend: EtsTrend, season: EtsSeason, w: Weights, ahead: Ahead, error: f64) -> Self {
        let of_level = if season == EtsSeason::Multiplicative { error / self.season } else { error };
        let of_season = if season == EtsSeason::Multiplicative { error / ahead.base } else { error };
        let multiplicative = matches!(trend, EtsTrend::Multiplicative | EtsTrend::MultiplicativeDamped);
        let of_trend = if multiplicative { of_level / self.level } else { of_level };
        Self {
            level: ahead.base + w.alpha * of_level,
            trend: ahead.carried + w.beta * of_trend,
            season: self.season + w.gamma * of_season,
        }
    }
}
