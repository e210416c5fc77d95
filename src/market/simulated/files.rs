//! The market as the files that `credcast outlook --market FOLDER` reads.

use std::fmt::Write;

use super::SimulatedMarket;
use super::calendar::rounded;
use super::catalogue::life;
use super::certificates::CERTIFICATES;
use super::demand::DemandCounts;
use super::draft::PAY_GROWTH;
use super::occupations::{Field, OCCUPATIONS, PER_FIELD};
use super::world::FIELDS;
use crate::key::NATION;
use crate::time::Period;

/// Jobs of all regions together, in the pay tables; a guess.
const JOBS: f64 = 4_000_000.0;

impl SimulatedMarket {
    /// Names and texts of the files of a market folder: the manifest, the catalogue, postings by certificate, region and month from
    /// `counts`, pay by occupation and year, and programmes with completers. Under 3 MB with the default settings.
    ///
    /// Pay tables hold what jobs pay without regard to ability or certificates; completers are counted by field, as the format
    /// wants. Regions have codes of two letters that no state has.
    #[must_use]
    pub fn market_files(&self, counts: &DemandCounts) -> Vec<(String, String)> {
        let mut files = self.folder("certificate-postings", "postings.csv");
        files.push(("postings.csv".to_owned(), self.postings_csv(counts)));
        files
    }

    /// The file of advertisements that the manifest of [`sample_files`](Self::sample_files) names.
    pub const ADVERTISEMENTS: &'static str = "advertisements.ndjson.zst";

    /// As [`market_files`](Self::market_files), with the advertisements themselves in place of counts: their file is not among them.
    #[must_use]
    pub fn sample_files(&self) -> Vec<(String, String)> {
        self.folder("advertisements", Self::ADVERTISEMENTS)
    }

    /// The files of a market folder but for that of the postings, which are a table of `kind`.
    fn folder(&self, kind: &str, postings: &str) -> Vec<(String, String)> {
        let vintage = self.month(self.n_months()).first_day().map_or_else(String::new, |day| day.to_string());
        let mut manifest = format!(
            "name = \"simulated market, seed {}\"\nnote = \"Simulated: nothing here describes a real certificate, employer or place.\"\n",
            self.world.params.seed
        );
        let mut table = |kind: &str, paths: &[String]| {
            let _ = write!(manifest, "[[table]]\nkind = \"{kind}\"\npaths = {paths:?}\nvintage = {vintage}\n");
        };
        let mut files = vec![("catalog.toml".to_owned(), self.catalogue_toml())];
        table("catalog", &["catalog.toml".to_owned()]);
        table(kind, &[postings.to_owned()]);
        let pay: Vec<(String, String)> =
            self.pay_years().map(|year| (format!("pay-{year}.csv"), self.pay_csv(year))).collect();
        let names: Vec<String> = pay.iter().map(|(name, _)| name.clone()).collect();
        table("oews", &names);
        files.extend(pay);
        files.push(("programmes.csv".to_owned(), self.programmes_csv()));
        table("scorecard", &["programmes.csv".to_owned()]);
        files.insert(0, ("market.toml".to_owned(), manifest));
        files
    }

    /// Postings that ask for each certificate, from its introduction to the end of the span; the nation is the sum.
    fn postings_csv(&self, counts: &DemandCounts) -> String {
        let mut out = String::from("unique_id,region,ds,y\n");
        let n_regions = self.world.regions.len();
        for (c, row) in CERTIFICATES.iter().enumerate() {
            let introduced = life(row, self.world.params.start, self.n_months()).0;
            let since = introduced.and_then(|month| month.since(self.month(0))).unwrap_or(0);
            let first = usize::try_from(since).unwrap_or(0).min(self.n_months() - 1);
            for place in 0..=n_regions {
                for month in first..self.n_months() {
                    let region = self.world.regions.get(place).map_or(NATION, |r| r.id.as_str());
                    let n: u64 = match place == n_regions {
                        true => (0..n_regions).map(|r| counts.asked(c, month, r)).sum(),
                        false => counts.asked(c, month, place),
                    };
                    // Writing to a string does not fail.
                    let _ = writeln!(out, "{},{region},{},{n}", row.id, self.month(month));
                }
            }
        }
        out
    }

    /// Calendar years of which the span holds December.
    fn pay_years(&self) -> std::ops::Range<i32> {
        let year_of = |month: Period| 1970 + month.ordinal().div_euclid(12);
        year_of(self.month(0))..year_of(self.month(self.n_months()))
    }

    /// Employment and pay by occupation and region in the compact form of the OEWS reader.
    fn pay_csv(&self, year: i32) -> String {
        let mut out =
            String::from("area,soc,tot_emp,emp_rse,a_mean,mean_rse,a_pct10,a_pct25,a_median,a_pct75,a_pct90\n");
        let total: f64 = OCCUPATIONS.iter().map(|o| o.weight).sum();
        let years = f64::from(year - self.pay_years().start);
        let nation = (NATION, 1.0, 0.0);
        let regions = self.world.regions.iter().map(|r| (r.id.as_str(), r.share, r.log_pay));
        for (area, share, log_pay) in std::iter::once(nation).chain(regions) {
            let jobs = |weight: f64| rounded(JOBS * share * weight / total * (0.01 * years).exp());
            let middle = |usd: f64| usd * (log_pay + PAY_GROWTH * (years + 0.5)).exp();
            let mean_log = OCCUPATIONS.iter().map(|o| o.weight * o.median_usd.ln()).sum::<f64>() / total;
            pay_line(&mut out, area, "00-0000", jobs(total), middle(mean_log.exp()), 0.5);
            for job in &OCCUPATIONS {
                // Ability and employers widen the spread of a survey.
                pay_line(&mut out, area, job.soc, jobs(job.weight), middle(job.median_usd), job.spread.hypot(0.23));
            }
        }
        out
    }

    /// One programme for each field and region, with all certificates earned in the last school year.
    fn programmes_csv(&self) -> String {
        let mut out = String::from(
            "unitid,opeid6,state,control,cip4,completers,earnings_usd,hs_earnings_state_usd,hs_earnings_national_usd,debt_usd\n",
        );
        let last = self.school_years().end - 1;
        let rows: Vec<_> = self.supply_rows().filter(|row| row.school_year == last).collect();
        for (r, region) in self.world.regions.iter().enumerate() {
            for field in FIELDS {
                let of_field = |id: &str| CERTIFICATES.iter().any(|row| row.id == id && row.field == field);
                let here = rows.iter().filter(|row| row.region == region.id && of_field(row.certificate.as_str()));
                let completers: u64 = here.map(|row| row.earned).sum();
                let (earnings, benchmark) =
                    (0.85 * field_pay(field) * region.log_pay.exp(), 33_000.0 * region.log_pay.exp());
                let unit = 900_000 + 100 * r + field as usize;
                let _ = writeln!(
                    out,
                    "{unit},{unit},{},Public,{},{completers},{earnings:.0},{benchmark:.0},33000,",
                    region.id,
                    field.cip4()
                );
            }
        }
        out
    }
}

/// Mean of the median pay of a field's occupations, in US dollars a year.
fn field_pay(field: Field) -> f64 {
    let jobs = &OCCUPATIONS[field.first()..field.first() + PER_FIELD];
    jobs.iter().map(|job| job.median_usd).sum::<f64>() / PER_FIELD as f64
}

/// Log-normal pay with that median.
fn pay_line(out: &mut String, area: &str, soc: &str, jobs: u64, median: f64, spread: f64) {
    // Standard normal quantiles of 0.9 and 0.75.
    let [p10, p25, p75, p90] =
        [-1.281_551_6, -0.674_489_8, 0.674_489_8, 1.281_551_6].map(|z: f64| median * (spread * z).exp());
    let mean = median * (0.5 * spread * spread).exp();
    let _ = writeln!(out, "{area},{soc},{jobs},2.0,{mean:.0},1.0,{p10:.0},{p25:.0},{median:.0},{p75:.0},{p90:.0}");
}
