//! Every registered model is saved and loaded to the same forecasts, and nothing else is loaded.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::num::NonZeroUsize;

use credcast::error::PersistError;
use credcast::forecast::{FittedModel, Model, Support, Transform};
use credcast::prelude::*;

const SEASON: NonZeroUsize = NonZeroUsize::new(4).unwrap();
const TWELVE: NonZeroUsize = NonZeroUsize::new(12).unwrap();

/// Series that take every path: fitted, on the log scale, as counts, with missing values, too short.
fn panel() -> Panel {
    let start = Period::month(2021, 3).unwrap();
    let wave = |t: i32| 30.1 + 0.37 * f64::from(t) + 5.0 * (f64::from(t) * 1.1).sin();
    let series = [
        ("fractions", (0..40).map(wave).collect()),
        ("counts", (0..40).map(|t| f64::from(t * 7 % 11)).collect()),
        ("holes", (0..40).map(|t| if t % 9 == 8 { f64::NAN } else { wave(t) }).collect()),
        ("below_zero", (0..40).map(|t| wave(t) - 33.0).collect()),
        ("short", vec![1.0 / 3.0, 0.7]),
        ("zeros", vec![0.0; 30]),
    ];
    Panel::from_series("y", series.map(|(item, y): (_, Vec<f64>)| (SeriesKey::new(item, "TX"), start, y))).unwrap()
}

fn fitted_models() -> Vec<FittedModel> {
    let choices = [(Transform::None, Support::FromData), (Transform::Log, Support::NonNegative)];
    let model = |name: &&str| choices.map(|(t, s)| Model::with(name, SEASON, t, s).unwrap().fit(&panel()).unwrap());
    Model::NAMES.iter().flat_map(model).collect()
}

#[test]
fn what_is_loaded_forecasts_the_same_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    for fitted in fitted_models() {
        let expected = fitted.forecast(TWELVE).unwrap();
        for file in ["model.credcast", "model.json"] {
            let path = folder.path().join(file);
            fitted.save(&path).unwrap();
            let loaded = FittedModel::load(&path).unwrap();
            assert_eq!(loaded, fitted);
            let found = loaded.forecast(TWELVE).unwrap();
            assert_eq!(found, expected);
            // Equality of numbers takes 0 and -0 for the same; their text does not.
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{} in {file}", fitted.name());
            assert_eq!(
                (loaded.name(), loaded.keys(), loaded.origins()),
                (fitted.name(), fitted.keys(), fitted.origins())
            );
        }
    }
}

#[test]
fn every_cut_and_every_altered_byte_is_refused() {
    for fitted in fitted_models() {
        let bytes = fitted.to_bytes().unwrap();
        for cut in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            assert!(FittedModel::from_bytes(&bytes[..cut]).is_err(), "{} cut at {cut}", fitted.name());
        }
        // The version number in the head may change without harm; everything behind the head may not.
        for place in (64..bytes.len()).step_by(5) {
            let mut altered = bytes.clone();
            altered[place] ^= 0x04;
            assert!(FittedModel::from_bytes(&altered).is_err(), "{} altered at {place}", fitted.name());
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(FittedModel::from_bytes(&longer).is_err());
    }
}

#[test]
fn altered_json_is_refused() {
    for fitted in fitted_models() {
        let json = fitted.to_json().unwrap();
        let altered = json.replacen("\"item\":\"counts\"", "\"item\":\"county\"", 1);
        assert_ne!(altered, json);
        assert!(matches!(FittedModel::from_json(&altered), Err(PersistError::Damaged { .. })), "{}", fitted.name());
        assert!(FittedModel::from_json(&json[..json.len() - 2]).is_err());
    }
}

#[test]
fn a_newer_format_and_another_kind_are_refused() {
    for fitted in fitted_models() {
        let json = fitted.to_json().unwrap();
        let newer = json.replacen("\"format\":2", "\"format\":3", 1);
        assert!(matches!(FittedModel::from_json(&newer), Err(PersistError::Newer { found: 3, newest: 2, .. })));
        let other = json.replacen("\"kind\":\"forecaster\"", "\"kind\":\"outlook\"", 1);
        assert!(matches!(FittedModel::from_json(&other), Err(PersistError::Kind { .. })));
    }
}

#[test]
fn content_that_no_fit_makes_is_refused() {
    // The same envelope with a check sum that fits, as a program other than this one might write it.
    let rewrite = |json: &str, from: &str, to: &str, times: usize| {
        let body = json.find("\"body\":").unwrap() + "\"body\":".len();
        let altered = json[body..json.len() - 1].replacen(from, to, times);
        assert_ne!(altered, json[body..json.len() - 1], "{from}");
        let mut crc = flate2::Crc::new();
        crc.update(altered.as_bytes());
        let start = json.find("\"crc32\":").unwrap();
        format!("{}\"crc32\":{},\"body\":{altered}}}", &json[..start], crc.sum())
    };
    for fitted in fitted_models() {
        let json = fitted.to_json().unwrap();
        // A series of another name, wherever it stands, is as good.
        let renamed = rewrite(&json, "\"item\":\"fractions\"", "\"item\":\"fractiona\"", usize::MAX);
        assert!(FittedModel::from_json(&renamed).is_ok(), "{}", fitted.name());
        for (from, to) in [
            ("\"sigma\":", "\"sigma\":-1.0,\"was\":"),
            ("\"item\":\"counts\"", "\"item\":\"zzz\""),
            ("\"frequency\":\"monthly\"", "\"frequency\":\"weekly\""),
            ("\"gap\":0", "\"gap\":99999999999"),
        ] {
            // Not every model has a spread or a gap of its own; all have items and a frequency.
            if !json.contains(from) && ["\"sigma\":", "\"gap\":0"].contains(&from) {
                continue;
            }
            let refused = FittedModel::from_json(&rewrite(&json, from, to, 1));
            assert!(matches!(refused, Err(PersistError::Invalid { .. })), "{}: {from}: {refused:?}", fitted.name());
        }
    }
}
