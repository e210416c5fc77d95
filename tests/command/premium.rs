//! `credcast premium`: documented JSON, a table that says what premia are and are not, and input that cannot be.

#![expect(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(folder: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_credcast"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

const HEADER: &str = "pay,certificates,occupation,region,employer,month,education,experience,industry,teamwork";

/// Rows of a table with every usual column; `row` may change the cells of a row, which are in the order of [`HEADER`].
fn table(n: usize, row: impl Fn(usize, &mut [String; 10])) -> String {
    let mut text = format!("{HEADER}\n");
    for i in 0..n {
        let noise = (i * i * 31 + 7 * i) % 101;
        let mut cells = [
            (30_000 + 300 * noise + 500 * (i % 7)).to_string(),
            ["a;b", "a", "b", "", "a;c"][(i * 7 + i / 9) % 5].to_owned(),
            format!("o{}", i * i % 7),
            format!("r{}", i % 3),
            format!("e{}", i % 24),
            format!("{}-{:02}", 2022 + i / 24 % 2, i % 12 + 1),
            ["12", "16", ""][i / 5 % 3].to_owned(),
            (i % 9).to_string(),
            ["care", "it"][i / 7 % 2].to_owned(),
            (i / 3 % 2).to_string(),
        ];
        row(i, &mut cells);
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    text
}

/// Runs `premium` on this table.
fn premium(text: &str, args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), text).unwrap();
    run(folder.path(), &[&["premium", "--input", "rows.csv"], args].concat())
}

fn json(text: &str, args: &[&str]) -> Value {
    let done = premium(text, &[args, &["--format", "json"]].concat());
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    serde_json::from_str(&done.out).unwrap()
}

/// Whether these are the keys of an object, in any order.
fn has_keys(value: &Value, expected: &[&str]) -> bool {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    value.as_object().unwrap().keys().map(String::as_str).eq(expected)
}

#[test]
fn the_json_has_every_part_that_is_documented() {
    let missing = |i: usize, cells: &mut [String; 10]| {
        if i / 5 % 4 == 1 {
            cells[0].clear();
        }
    };
    let report = json(&table(960, missing), &["--soft-skills", "teamwork"]);
    assert!(has_keys(&report, &["notes", "settings", "diagnostics", "certificates", "bundles", "soft_skills"]));
    assert!(report["notes"][0].as_str().unwrap().contains("not what the certificate causes"));
    let diagnostics = &report["diagnostics"];
    assert_eq!((&diagnostics["rows_read"], &diagnostics["rows_without_pay"]), (&960.into(), &240.into()));
    for key in ["singletons", "rows_used", "r_squared", "within_r_squared"] {
        assert!(diagnostics[key].is_number(), "{key}");
    }
    assert!(diagnostics["weights"]["effective_rows"].as_f64().unwrap() > 100.0);
    let certificates = report["certificates"].as_array().unwrap();
    assert_eq!(certificates.iter().map(|c| c["id"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b", "c"]);
    for c in certificates {
        for part in ["raw", "adjusted", "weighted", "selection_gap"] {
            assert!(has_keys(&c[part], &["estimate", "se", "ci95"]), "{part}");
        }
        assert!(has_keys(&c["shrunk"], &["estimate", "sd", "ci95", "p_positive"]));
        assert!(c["n"].as_u64().unwrap() >= 30 && c["n_employers"].is_number());
        assert!(c["posted_share"].as_f64().unwrap() < 1.0 && c["reason"].is_null());
        assert_eq!((c["path"].as_array().unwrap().len(), c["ahead"].as_array().unwrap().len()), (2, 3));
        assert!(has_keys(&c["path"][0], &["period", "n", "estimate", "se", "smoothed"]));
        assert!(has_keys(&c["ahead"][0], &["period", "median", "ci80", "ci95"]));
    }
    let pair = &report["bundles"]["pairs"][0];
    assert!(pair["a"].is_string() && pair["b"].is_string() && pair["n"].as_u64().unwrap() >= 10);
    assert_eq!(report["soft_skills"].as_array().unwrap().len(), 3);
}

#[test]
fn the_table_says_what_a_premium_is_and_is_not() {
    let done = premium(&table(960, |_, _| ()), &["--soft-skills", "teamwork"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    for part in [
        "It is not what the certificate causes: see `credcast effect`",
        "adjusted (95 %)",
        "P(>0)",
        "premia of a bundle are not to be added up",
        "Adjusted premia by period",
        "together with soft skills",
        "every row has pay",
    ] {
        assert!(done.out.contains(part), "no {part:?} in\n{}", done.out);
    }
    let csv = premium(&table(960, |_, _| ()), &["--format", "csv"]).out;
    assert_eq!(csv.lines().count(), 4);
    assert!(csv.starts_with("id,field,n,n_employers,posted_share,alone_share,raw,raw_se,"), "{csv}");
}

#[test]
fn columns_are_named_by_options_and_several_files_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = table(480, |_, _| ()).replacen(HEADER, "low,creds,soc,state,firm,date,school,years,sector,team", 1);
    let with_high = |text: &str| {
        let line = |(at, line): (usize, &str)| {
            let low = line.split(',').next().unwrap();
            let high = if at == 0 { "high".to_owned() } else { (low.parse::<f64>().unwrap() * 1.2).to_string() };
            format!("{line},{high}\n")
        };
        text.lines().enumerate().map(line).collect::<String>()
    };
    let text = with_high(&renamed);
    for name in ["a.csv", "b.csv"] {
        std::fs::write(folder.path().join(name), &text).unwrap();
    }
    std::fs::write(folder.path().join("fields.csv"), "certificate,field\na,it\nb,it\nc,it\n").unwrap();
    let args = [
        "premium",
        "--input",
        "a.csv,b.csv",
        "--pay-range",
        "low,high",
        "--certificates",
        "creds",
        "--occupation",
        "soc",
        "--region",
        "state",
        "--employer",
        "firm",
        "--month",
        "date",
        "--education",
        "school",
        "--experience",
        "years",
        "--industry",
        "sector",
        "--skills",
        "team",
        "--fields",
        "fields.csv",
        "--period",
        "quarterly",
        "--horizon",
        "0",
        "--shrinkage",
        "pm",
        "--format",
        "json",
    ];
    let done = run(folder.path(), &args);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let report: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(report["diagnostics"]["rows_read"], 960);
    assert_eq!(report["certificates"][0]["field"], "it");
    assert_eq!(report["diagnostics"]["means"].as_object().unwrap().keys().collect::<Vec<_>>(), ["it"]);
    assert_eq!(report["certificates"][0]["ahead"].as_array().unwrap().len(), 0);
}

#[test]
fn what_cannot_be_used_fails_and_says_where() {
    let fails = |text: &str, args: &[&str], code: i32, parts: &[&str]| {
        let done = premium(text, args);
        assert_eq!((done.code, done.out.as_str()), (Some(code), ""), "{}", done.err);
        assert!(!done.err.contains("panicked"), "{}", done.err);
        for part in parts {
            assert!(done.err.contains(part), "no {part:?} in {}", done.err);
        }
    };
    let right = table(240, |_, _| ());
    let pay = |text: &'static str| {
        table(240, move |i, cells| {
            if i == 5 {
                cells[0] = text.into();
            }
        })
    };
    let line = "rows.csv, line 7, column pay: expected ";
    for (text, found) in
        [("0", "found 0"), ("-12", "found -12"), ("inf", "found \"inf\""), ("1e999", "1e999"), ("lots", "lots")]
    {
        fails(&pay(text), &[], 1, &[line, found]);
    }
    let no_pay = |i: usize, cells: &mut [String; 10]| {
        let _ = i;
        cells[0].clear();
    };
    fails(&table(240, no_pay), &[], 1, &["the column of pay, pay, holds no observations"]);
    fails(&table(240, |_, cells| cells[0] = "4e4".into()), &[], 1, &["does not vary within the levels of the effects"]);
    fails(&table(1, |_, _| ()), &[], 1, &["1 rows stands alone"]);
    fails(&table(0, |_, _| ()), &[], 1, &["rows.csv holds no observations"]);
    fails(&table(240, |_, cells| cells[1].clear()), &[], 1, &["the column of certificates holds no observations"]);
    fails(&table(240, |_, cells| cells[4] = "e".into()), &[], 1, &["all rows have one employer"]);
    fails(&table(240, |i, cells| cells[4] = format!("e{i}")), &[], 1, &["240 rows stands alone", "employer"]);
    fails(
        &table(240, |i, cells| {
            if i == 9 {
                cells[5] = "soon".into()
            }
        }),
        &[],
        1,
        &["rows.csv, line 11, column month: expected a date"],
    );
    fails(
        &table(240, |i, cells| {
            if i == 2 {
                cells[9] = "2".into()
            }
        }),
        &["--soft-skills", "teamwork"],
        1,
        &["line 4, column teamwork: expected 0 or 1, found 2"],
    );
    fails(&right, &["--occupation", "job"], 1, &["expected a column job, found the columns pay, certificates"]);
    fails(&right, &["--indicators", "a"], 1, &["expected a column a"]);
    fails(&right, &["--employer", "month"], 1, &["column \"month\" stands there twice"]);
    fails(&right.replacen("certificates", "creds", 1), &[], 2, &["no column certificates", "--certificates", "creds"]);
    fails(&right.replacen("pay", "salary", 1), &[], 2, &["no column pay", "--log-pay", "salary"]);
    fails(&right, &["--min-rows", "9"], 2, &["--min-rows 9: allowed is at least 10"]);
    fails(&right, &["--fdr", "1"], 2, &["--fdr 1: allowed is in (0, 1)"]);
    fails(&right, &["--without", "pay"], 2, &["--without pay: the usual names are occupation"]);
    fails(&right, &["--pay-range", "pay"], 2, &["--pay-range takes two columns"]);
}

#[test]
fn what_tells_nothing_is_said_and_not_left_out() {
    let reason = |report: &Value, id: &str| {
        let certificates = report["certificates"].as_array().unwrap();
        certificates.iter().find(|c| c["id"] == id).unwrap()["reason"].as_str().map(str::to_owned)
    };
    let everyone = json(&table(240, |_, cells| cells[1] += ";all"), &[]);
    assert_eq!(reason(&everyone, "all").unwrap(), "every row has it: there is nothing to compare with");
    let twice = json(&table(240, |_, cells| cells[1] = cells[1].replace("a;b", "a;a;b")), &[]);
    assert_eq!(twice["diagnostics"]["repeated_in_list"], 48);
    let rare = json(
        &table(240, |i, cells| {
            if i < 5 {
                cells[1] += ";rare"
            }
        }),
        &[],
    );
    assert_eq!(reason(&rare, "rare").unwrap(), "too few: fewer than 10 rows with pay, at least 30 are needed");
    let text = rare.to_string();
    assert!(!text.contains("\"n\":5") && !text.contains("\"n\":5,"), "{text}");
    let alone = premium(&table(240, |i, cells| cells[4] = format!("e{i}")), &["--without", "employer"]);
    assert_eq!(alone.code, Some(0), "{}", alone.err);
    assert!(alone.out.contains("There is no column of employers"));
}

#[test]
fn bad_rows_are_left_out_when_asked() {
    let text = table(240, |i, cells| {
        if i == 5 {
            cells[0] = "lots".into()
        }
    });
    let done = premium(&text, &["--lenient", "--format", "json"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(done.err.contains("1 of 240 rows rejected"), "{}", done.err);
    assert_eq!(serde_json::from_str::<Value>(&done.out).unwrap()["diagnostics"]["rows_read"], 239);
}
