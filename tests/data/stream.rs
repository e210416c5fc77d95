//! A stream gives the rows of the batch, bit by bit, saved and loaded or not.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use credcast::feature::{FORMS, FeaturePipeline, FeatureStream, FittedFeature, FittedPipeline, Lag, parse};
use credcast::{Panel, Period, Persist, SeriesKey, SeriesView};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, array};
use proptest::prelude::*;

type Series = (SeriesKey, Period, Vec<f64>);

/// Monthly series with missing values that begin in different months and end together, or where they like.
fn some_series(together: bool) -> impl Strategy<Value = Vec<Series>> {
    let value = prop_oneof![8 => -1e6..1e6_f64, 1 => Just(f64::NAN), 1 => Just(0.0)];
    let one = (0..12_i32, 0..12_i32, prop::collection::vec(value, 72));
    prop::collection::vec(one, 1..7).prop_map(move |series| {
        let end = Period::month(2020, 1).unwrap();
        let named = series.into_iter().enumerate();
        named
            .map(|(i, (skip, late, mut y))| {
                let skip = if i == 0 { 0 } else { skip };
                y.drain(..usize::try_from(skip).unwrap());
                let start = end.plus(skip - 72 + if together { 0 } else { late });
                (SeriesKey::new(format!("s{}", i % 4), if i < 4 { "TX" } else { "US" }), start, y)
            })
            .collect()
    })
}

fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    // A missing value is a missing value, whatever its sign.
    values.into_iter().map(|v| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() }).collect()
}

/// The panel without its last `n` periods, and the values of these periods.
fn split(series: &[Series], n: usize) -> (Panel, Panel, Vec<Array2<f64>>) {
    let whole = Panel::from_series("y", series.to_vec()).unwrap();
    let cut = series.iter().map(|(key, start, y)| (key.clone(), *start, y[..y.len() - n].to_vec()));
    let history = Panel::from_series("y", cut).unwrap();
    let later = (0..n).map(|step| {
        let last = whole.iter().map(|series| series.values(0)[series.len() - n + step]).collect();
        Array2::from_shape_vec((whole.n_series(), 1), last).unwrap()
    });
    let later = later.collect();
    (whole, history, later)
}

/// The rows of the batch, `back` periods before the end of each series.
fn batch_rows(pipeline: &FittedPipeline, panel: &Panel, back: usize) -> Vec<u64> {
    let matrix = pipeline.transform(panel).unwrap();
    let rows = (0..panel.n_series()).map(|index| matrix.rows_of(index).end - 1 - back);
    bits(rows.flat_map(|row| matrix.view().row(row).to_vec()))
}

fn rows(rows: ArrayView2<'_, f64>) -> Vec<u64> {
    bits(rows.iter().copied())
}

fn pipelines(panel: &Panel, across: bool) -> Vec<FittedPipeline> {
    let all = || FORMS.iter().filter(|form| across || !form.starts_with("by_date"));
    let one = all().map(|form| FeaturePipeline::new().then(parse(form).unwrap()));
    let together = all().fold(FeaturePipeline::new(), |all, form| all.then(parse(form).unwrap()));
    one.chain([together]).map(|pipeline| pipeline.fit(panel).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_gives_the_rows_of_the_batch(series in some_series(true), n in 1..20_usize) {
        let (whole, history, later) = split(&series, n);
        for pipeline in pipelines(&history, true) {
            let mut stream = pipeline.stream(&history).unwrap();
            for (step, values) in later.iter().enumerate() {
                // Looking ahead changes nothing.
                let unknown = Array2::from_elem(values.dim(), f64::NAN);
                stream.peek(unknown.view()).unwrap();
                let peeked = rows(stream.peek(values.view()).unwrap());
                let found = rows(stream.push(values.view()).unwrap());
                prop_assert_eq!(&peeked, &found);
                prop_assert_eq!(found, batch_rows(&pipeline, &whole, n - 1 - step), "{:?}", pipeline.columns());
            }
        }
    }

    #[test]
    fn series_may_end_where_they_like_if_nothing_looks_across(series in some_series(false), n in 1..9_usize) {
        let (whole, history, later) = split(&series, n);
        for pipeline in pipelines(&history, false) {
            let mut stream = pipeline.stream(&history).unwrap();
            for (step, values) in later.iter().enumerate() {
                let found = rows(stream.push(values.view()).unwrap());
                prop_assert_eq!(found, batch_rows(&pipeline, &whole, n - 1 - step), "{:?}", pipeline.columns());
            }
        }
    }

    #[test]
    fn a_stream_that_was_saved_goes_on_alike(series in some_series(true), n in 2..9_usize) {
        let (_, history, later) = split(&series, n);
        for pipeline in pipelines(&history, true) {
            let mut stream = pipeline.stream(&history).unwrap();
            stream.push(later[0].view()).unwrap();
            stream.peek(later[1].view()).unwrap();
            let mut binary = FeatureStream::from_bytes(&stream.to_bytes().unwrap()).unwrap();
            let mut text = FeatureStream::from_json(&stream.to_json().unwrap()).unwrap();
            for values in &later[1..] {
                let expected = rows(stream.push(values.view()).unwrap());
                prop_assert_eq!(&rows(binary.push(values.view()).unwrap()), &expected, "{:?}", pipeline.columns());
                prop_assert_eq!(&rows(text.push(values.view()).unwrap()), &expected);
            }
        }
    }
}

fn two() -> Panel {
    let start = Period::month(2024, 1).unwrap();
    let named = |name: &str, y: &[f64]| (SeriesKey::national(name), start, y.to_vec());
    Panel::from_series("y", [named("a", &[1.0, 2.0, 3.0]), named("b", &[5.0, 6.0])]).unwrap()
}

#[test]
fn what_cannot_be_streamed_is_refused_by_name() {
    let panel = two();
    #[derive(Clone, Debug)]
    struct Foreign;
    impl credcast::feature::Feature for Foreign {
        fn fit(&self, _: &Panel) -> credcast::Result<Box<dyn FittedFeature>> {
            Ok(Box::new(Self))
        }
    }
    impl FittedFeature for Foreign {
        fn columns(&self) -> Vec<String> {
            vec!["foreign".into()]
        }
        fn fill(&self, _: SeriesView<'_>, mut out: ArrayViewMut2<'_, f64>) -> credcast::Result<()> {
            out.fill(0.0);
            Ok(())
        }
    }
    let foreign = FeaturePipeline::new().then(Foreign).fit(&panel).unwrap();
    assert!(foreign.stream(&panel).unwrap_err().to_string().contains("Foreign"));
}

#[test]
fn a_push_of_another_shape_or_beyond_the_calendar_leaves_the_stream_as_it_was() {
    let panel = two();
    let pipeline = FeaturePipeline::new().then(Lag::of([1, 2]).unwrap()).fit(&panel).unwrap();
    let mut stream = pipeline.stream(&panel).unwrap();
    assert_eq!(stream.next_period(0).to_string(), "2024-04");
    assert_eq!(stream.next_period(1).to_string(), "2024-03");
    assert!(stream.push(array![[1.0]].view()).is_err() && stream.push(array![[1.0, 2.0]].view()).is_err());
    assert_eq!(stream.push(array![[9.0], [9.0]].view()).unwrap(), array![[3.0, 2.0], [6.0, 5.0]]);

    let last = Period::parse("9999-11", credcast::Frequency::Monthly).unwrap();
    let panel = Panel::from_series("y", [(SeriesKey::national("a"), last, vec![1.0, 2.0])]).unwrap();
    let steps =
        FeaturePipeline::new().then(parse("expanding:mean").unwrap()).then(parse("month_of_year:sine").unwrap());
    let mut stream = steps.fit(&panel).unwrap().stream(&panel).unwrap();
    let before = stream.to_bytes().unwrap();
    assert!(stream.push(array![[3.0]].view()).is_err());
    assert_eq!(stream.to_bytes().unwrap(), before);
}

#[test]
fn a_file_that_does_not_fit_together_is_refused() {
    let panel = two();
    let pipeline = FeaturePipeline::new().then(parse("ewm:0.5").unwrap()).fit(&panel).unwrap();
    let text = pipeline.stream(&panel).unwrap().to_json().unwrap();
    let body = &text[text.find("\"body\":").unwrap() + 7..text.len() - 1];
    for (from, to) in [("\"age\":[3.0,2.0]", "\"age\":[3.0]"), ("\"scans\":[[", "\"scans\":[[1,"), ("\"y\"", "\"z\"")] {
        assert!(body.contains(from), "{from} in {body}");
        let broken = body.replacen(from, to, 1);
        assert!(serde_json::from_str::<FeatureStream>(&broken).is_err(), "{to}");
    }
}

#[test]
fn a_series_that_ended_goes_on_with_missing_values_where_series_are_compared() {
    let panel = two();
    let across = FeaturePipeline::new().then(parse("by_date:all:sum,rank").unwrap()).fit(&panel).unwrap();
    let mut stream = across.stream(&panel).unwrap();
    assert!((0..2).all(|index| stream.next_period(index).to_string() == "2024-04"));
    // March: 3 of the first series and nothing of the second.
    let april = stream.push(array![[4.0], [7.0]].view()).unwrap();
    assert_eq!((april[[0, 0]], april[[0, 1]], april[[1, 0]]), (3.0, 1.0, 3.0));
    assert!(april[[1, 1]].is_nan());
    assert_eq!(stream.push(array![[4.0], [7.0]].view()).unwrap(), array![[11.0, 1.0], [11.0, 2.0]]);
}
