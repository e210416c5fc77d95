//! `credcast premium`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use credcast::Frequency;
use credcast::ingest::{ColumnRule, Mode, Source, column_names, read_records};
use credcast::report::{json, premium_csv, premium_table};
use credcast::value::premium::{
    CertificateColumns, Heterogeneity, PayColumns, PremiumColumns, PremiumData, PremiumReport, PremiumSettings,
};

use crate::args::{Common, Format};
use crate::data::report_reading;
use crate::output::{Failure, deliver, table_width, wrapped};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
Columns with the usual name are used if the file has them. Pay is compared
within the same employer, region, month, industry (and occupation): what goes
with a certificate, not what it causes; for that see `credcast help effect`.

Examples:
  credcast premium --input postings.csv
  credcast premium --input a.csv,b.csv --pay-range low,high --soft-skills team
  credcast premium --input people.csv --log-pay lwage --indicators cna,welding \\
      --without employer,region,month --format json --out premium.json";

#[derive(Debug, clap::Args)]
pub(crate) struct Premium {
    /// Tables, a row per posting or worker
    #[arg(long, value_name = "FILE", value_delimiter = ',', required = true)]
    pub(crate) input: Vec<PathBuf>,
    /// Pay in dollars; empty: not posted [default: pay]
    #[arg(long, value_name = "COL", conflicts_with_all = ["log_pay", "pay_range"])]
    pub(crate) pay: Option<String>,
    /// Its natural logarithm instead
    #[arg(long, value_name = "COL", conflicts_with = "pay_range")]
    pub(crate) log_pay: Option<String>,
    /// Ends of a range; pay is their mean
    #[arg(long, value_name = "LOW,HIGH", value_delimiter = ',')]
    pub(crate) pay_range: Vec<String>,
    /// Lists a;b;c [default: certificates]
    #[arg(long, value_name = "COL", conflicts_with = "indicators")]
    pub(crate) certificates: Option<String>,
    /// What stands between two in a list
    #[arg(long, value_name = "CHAR", default_value_t = ';')]
    pub(crate) separator: char,
    /// Columns of 0 and 1, one a certificate
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) indicators: Vec<String>,
    /// Occupation [default: occupation]
    #[arg(long, value_name = "COL")]
    pub(crate) occupation: Option<String>,
    /// Region [default: region]
    #[arg(long, value_name = "COL")]
    pub(crate) region: Option<String>,
    /// Employer [default: employer]
    #[arg(long, value_name = "COL")]
    pub(crate) employer: Option<String>,
    /// Month, day or year [default: month]
    #[arg(long, value_name = "COL")]
    pub(crate) month: Option<String>,
    /// Industry [default: industry]
    #[arg(long, value_name = "COL")]
    pub(crate) industry: Option<String>,
    /// Years or degrees [default: education]
    #[arg(long, value_name = "COL")]
    pub(crate) education: Option<String>,
    /// Years or steps [default: experience]
    #[arg(long, value_name = "COL")]
    pub(crate) experience: Option<String>,
    /// Other skills and controls
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) skills: Vec<String>,
    /// 0/1, also together with certificates
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) soft_skills: Vec<String>,
    /// Usual names not to use
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// Table of certificate and field
    #[arg(long, value_name = "FILE")]
    pub(crate) fields: Option<PathBuf>,
    /// Periods of a premium path
    #[arg(long, value_name = "P", default_value = "yearly", value_parser = PossibleValuesParser::new(["yearly", "quarterly"]))]
    pub(crate) period: String,
    /// Periods that paths go on
    #[arg(long, value_name = "H", default_value_t = PremiumSettings::default().horizon)]
    pub(crate) horizon: usize,
    /// Rows with pay that a cell needs
    #[arg(long, value_name = "N", default_value_t = PremiumSettings::default().min_rows)]
    pub(crate) min_rows: usize,
    /// Employers it needs
    #[arg(long, value_name = "N", default_value_t = PremiumSettings::default().min_employers)]
    pub(crate) min_employers: usize,
    /// False ones among positive premia
    #[arg(long, value_name = "SHARE", default_value_t = PremiumSettings::default().fdr)]
    pub(crate) fdr: f64,
    /// Spread of premia by reml, pm or dl
    #[arg(long, value_name = "NAME", default_value = "reml", value_parser = PossibleValuesParser::new(["reml", "pm", "dl"]))]
    pub(crate) shrinkage: String,
    /// Leave bad rows out, into FILE.rejects.csv
    #[arg(long)]
    pub(crate) lenient: bool,
}

pub(crate) fn run(args: &Premium, common: &Common) -> Result<(), Failure> {
    let settings = settings(args);
    settings.check()?;
    let progress = Progress::new(2, "reading", common);
    let sources: Vec<Source> = args.input.iter().map(|path| Source::path(path.as_path())).collect();
    let names = match sources.first() {
        Some(source) => column_names(source)?,
        None => return Err(Failure::Usage("--input FILE is needed".into())),
    };
    let columns = columns(args, &names)?;
    let wanted = wanted(&columns);
    let wanted: Vec<(&str, ColumnRule)> = wanted.iter().map(|(name, rule)| (name.as_str(), *rule)).collect();
    let mode = if args.lenient { Mode::Lenient } else { Mode::Strict };
    let (records, mut reading) = read_records(&sources, &wanted, mode)?;
    // Missing values are counted in the result.
    reading.notes.clear();
    report_reading(&[reading], common)?;
    let fields = fields(args)?;
    let data = PremiumData::from_records(&records, &columns)?;
    drop(records);
    progress.step("estimating");
    let report = PremiumReport::compute(&data, &settings, &fields)?;
    drop(progress);
    let width = table_width(common);
    let text = match common.format {
        Format::Json => json(&report)?,
        Format::Csv => premium_csv(&report),
        Format::Table => wrapped(&premium_table(&report, width), width),
    };
    deliver(&text, common)
}

fn settings(args: &Premium) -> PremiumSettings {
    PremiumSettings {
        min_rows: args.min_rows,
        min_employers: args.min_employers,
        fdr: args.fdr,
        period: if args.period == "quarterly" { Frequency::Quarterly } else { Frequency::Yearly },
        horizon: args.horizon,
        heterogeneity: match args.shrinkage.as_str() {
            "pm" => Heterogeneity::PauleMandel,
            "dl" => Heterogeneity::DerSimonianLaird,
            _ => Heterogeneity::Reml,
        },
        ..PremiumSettings::default()
    }
}

/// The columns asked for, and the usual ones that the file has.
fn columns(args: &Premium, names: &[String]) -> Result<PremiumColumns, Failure> {
    const USUAL: [&str; 7] = ["occupation", "region", "employer", "month", "industry", "education", "experience"];
    if let Some(unknown) = args.without.iter().find(|name| !USUAL.contains(&name.as_str())) {
        return Err(Failure::Usage(format!("--without {unknown}: the usual names are {}", USUAL.join(", "))));
    }
    let has = |name: &str| names.iter().any(|have| have == name);
    let usual = |asked: &Option<String>, name: &str| {
        let left_out = args.without.iter().any(|without| without == name);
        asked.clone().or_else(|| (has(name) && !left_out).then(|| name.to_owned()))
    };
    let listed = || names.iter().map(String::as_str).take(20).collect::<Vec<_>>().join(", ");
    let pay = match (&args.log_pay, args.pay_range.as_slice()) {
        (Some(name), _) => PayColumns::Log(name.clone()),
        (None, [low, high]) => PayColumns::Range { low: low.clone(), high: high.clone() },
        (None, []) => PayColumns::Amount(args.pay.clone().unwrap_or_else(|| "pay".into())),
        (None, _) => return Err(Failure::Usage("--pay-range takes two columns, LOW,HIGH".into())),
    };
    if matches!(&pay, PayColumns::Amount(name) if args.pay.is_none() && !has(name)) {
        let message = format!("no column pay; name it with --pay, --log-pay or --pay-range; there are {}", listed());
        return Err(Failure::Usage(message));
    }
    let certificates = if args.indicators.is_empty() {
        let column = args.certificates.clone().unwrap_or_else(|| "certificates".into());
        if args.certificates.is_none() && !has(&column) {
            let message =
                format!("no column certificates; name it with --certificates or --indicators; there are {}", listed());
            return Err(Failure::Usage(message));
        }
        CertificateColumns::List { column, separator: args.separator }
    } else {
        CertificateColumns::Indicators(args.indicators.clone())
    };
    let mut controls: Vec<String> =
        [usual(&args.education, "education"), usual(&args.experience, "experience")].into_iter().flatten().collect();
    controls.extend(args.skills.iter().cloned());
    Ok(PremiumColumns {
        pay,
        certificates,
        occupation: usual(&args.occupation, "occupation"),
        region: usual(&args.region, "region"),
        employer: usual(&args.employer, "employer"),
        month: usual(&args.month, "month"),
        industry: usual(&args.industry, "industry"),
        controls,
        soft_skills: args.soft_skills.clone(),
    })
}

/// What each column is read as.
fn wanted(columns: &PremiumColumns) -> Vec<(String, ColumnRule)> {
    let PremiumColumns { pay, certificates, occupation, region, employer, month, industry, controls, soft_skills } =
        columns;
    let mut wanted: Vec<(String, ColumnRule)> = match pay {
        PayColumns::Amount(name) | PayColumns::Log(name) => vec![(name.clone(), ColumnRule::Numbers)],
        PayColumns::Range { low, high } => [low, high].map(|name| (name.clone(), ColumnRule::Numbers)).to_vec(),
    };
    match certificates {
        CertificateColumns::List { column, .. } => wanted.push((column.clone(), ColumnRule::Labels)),
        CertificateColumns::Indicators(names) => wanted.extend(names.iter().map(|n| (n.clone(), ColumnRule::Numbers))),
    }
    let labels = [occupation, region, employer, month, industry].into_iter().flatten();
    wanted.extend(labels.map(|name| (name.clone(), ColumnRule::Labels)));
    wanted.extend(controls.iter().map(|name| (name.clone(), ColumnRule::Either)));
    wanted.extend(soft_skills.iter().map(|name| (name.clone(), ColumnRule::Numbers)));
    wanted
}

/// The field of each certificate in the table that `--fields` names.
fn fields(args: &Premium) -> Result<BTreeMap<String, String>, Failure> {
    let Some(path) = &args.fields else { return Ok(BTreeMap::new()) };
    let wanted = [("certificate", ColumnRule::Labels), ("field", ColumnRule::Labels)];
    let (table, _) = read_records(&[Source::path(path.as_path())], &wanted, Mode::Strict)?;
    let (certificates, fields) = (table.labels("certificate")?, table.labels("field")?);
    let pair = |row| Some((certificates.text(row)?.to_owned(), fields.text(row)?.to_owned()));
    Ok((0..table.n_rows()).filter_map(pair).collect())
}
