//! Premia of many certificates from many postings: CPU-seconds and peak memory of the whole report.
//!
//! `cargo bench --bench premium -- ROWS CERTIFICATES [FILE.csv]`, 200,000 and 200 without arguments: simulated postings with 5,000
//! occupations, 400 regions, 20,000 employers and 36 months (at most; fewer rows have fewer), about 1.5 certificates each and pay in
//! two of three. With FILE.csv the table is written for another program instead; `benches/premium_pyfixest.py` reads it.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement shows its result and stops at a fault")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use credcast::records::{Labels, Records, Values};
use credcast::value::premium::{PayColumns, PremiumColumns, PremiumData, PremiumReport, PremiumSettings};

/// Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA, fig. 17.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from((u128::from(self.next()) * n as u128) >> 64).unwrap()
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

struct Table {
    pay: Vec<f64>,
    held: Vec<Vec<usize>>,
    codes: [Vec<usize>; 4],
    degree: Vec<f64>,
}

fn table(n: usize, certificates: usize) -> Table {
    let mut random = Random(7);
    let sizes = [5_000.min(n / 40), 400.min(n / 400), 20_000.min(n / 20), 36].map(|size| size.max(2));
    let effects = sizes.map(|size| (0..size).map(|_| 0.2 * random.normal()).collect::<Vec<f64>>());
    let premium: Vec<f64> = (0..certificates).map(|_| 0.04 + 0.05 * random.normal()).collect();
    let mut table = Table { pay: Vec::new(), held: Vec::new(), codes: Default::default(), degree: Vec::new() };
    for _ in 0..n {
        let codes = sizes.map(|size| random.below(size));
        let degree = random.below(2) as f64;
        // More certificates where the occupation pays more.
        let chance = (0.2 * (2.0 * effects[0][codes[0]]).exp()).min(0.9);
        let many = (0..6).filter(|_| random.uniform() < chance).count();
        let held: Vec<usize> = (0..many).map(|_| random.below(certificates)).collect();
        let mut pay = 10.4 + 0.1 * degree + 0.4 * random.normal();
        pay += effects.iter().zip(codes).map(|(effect, code)| effect[code]).sum::<f64>();
        pay += held.iter().map(|c| premium[*c]).sum::<f64>();
        let posted = random.uniform() < 0.5 + 0.33 * degree;
        table.pay.push(if posted { pay } else { f64::NAN });
        table.held.push(held);
        table.codes.iter_mut().zip(codes).for_each(|(column, code)| column.push(code));
        table.degree.push(degree);
    }
    table
}

fn month(code: usize) -> String {
    format!("{}-{:02}", 2021 + code / 12, code % 12 + 1)
}

impl Table {
    fn records(self) -> Records {
        let list = |held: &Vec<usize>| held.iter().map(|c| format!("c{c:03}")).collect::<Vec<_>>().join(";");
        let lists: Vec<String> = self.held.iter().map(list).collect();
        let labels = |text: &dyn Fn(usize) -> String, codes: &[usize]| {
            let names: Vec<String> = (0..=codes.iter().copied().max().unwrap_or(0)).map(text).collect();
            Values::Labels(codes.iter().map(|code| Some(names[*code].as_str())).collect::<Labels>())
        };
        Records::from_columns([
            ("pay", Values::Numbers(self.pay)),
            ("certificates", Values::Labels(lists.iter().map(|list| Some(list.as_str())).collect::<Labels>())),
            ("occupation", labels(&|code| code.to_string(), &self.codes[0])),
            ("region", labels(&|code| code.to_string(), &self.codes[1])),
            ("employer", labels(&|code| code.to_string(), &self.codes[2])),
            ("month", labels(&month, &self.codes[3])),
            ("education", Values::Numbers(self.degree)),
        ])
        .unwrap()
    }

    /// One column of 0 and 1 for each certificate, rows with pay only: what other programs take.
    fn csv(&self, certificates: usize) -> String {
        let mut text = "y,occupation,region,employer,month,education".to_owned();
        (0..certificates).for_each(|c| write!(text, ",c{c:03}").unwrap());
        for row in (0..self.pay.len()).filter(|row| !self.pay[*row].is_nan()) {
            let [occupation, region, employer, month] = [0, 1, 2, 3].map(|column| self.codes[column][row]);
            write!(text, "\n{},{occupation},{region},{employer},{month},{}", self.pay[row], self.degree[row]).unwrap();
            (0..certificates).for_each(|c| text.push_str(if self.held[row].contains(&c) { ",1" } else { ",0" }));
        }
        text + "\n"
    }
}

/// CPU-seconds of all threads, and the largest memory so far in MB; `None` where the system does not tell.
fn used() -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    // User and system time in hundredths of a second.
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some((ticks / 100.0, peak.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0))
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    // `cargo test --benches` only asks whether it runs.
    let usual = if std::env::args().any(|arg| arg == "--bench") { 200_000 } else { 4_000 };
    let rows = args.first().map_or(usual, |n| n.parse().unwrap());
    let certificates = args.get(1).map_or(if usual > 4_000 { 200 } else { 20 }, |n| n.parse().unwrap());
    let table = table(rows, certificates);
    if let Some(path) = args.get(2) {
        std::fs::write(path, table.csv(certificates)).unwrap();
        return;
    }
    let columns = PremiumColumns {
        pay: PayColumns::Log("pay".into()),
        industry: None,
        controls: vec!["education".into()],
        ..PremiumColumns::default()
    };
    let data = PremiumData::from_records(&table.records(), &columns).unwrap();
    let (before, started) = (used(), Instant::now());
    let report = PremiumReport::compute(&data, &PremiumSettings::default(), &BTreeMap::new()).unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let told = report.certificates.iter().filter(|c| c.adjusted.is_some()).count();
    println!(
        "{rows} rows, {} with pay used; {told} of {certificates} certificates told, {} path columns, {} pairs: {seconds:.1} s",
        report.diagnostics.rows_used,
        report.certificates.iter().map(|c| c.path.len()).sum::<usize>(),
        report.bundles.pairs.len(),
    );
    if let (Some((cpu_before, memory_before)), Some((cpu, memory))) = (before, used()) {
        println!(
            "{:.1} CPU-s; peak {memory:.0} MB, of which {memory_before:.0} MB before for the table and its making",
            cpu - cpu_before
        );
    }
    let first: Vec<String> = report
        .certificates
        .iter()
        .take(3)
        .filter_map(|c| Some(format!("{:.6} ({:.6})", c.adjusted?.estimate, c.adjusted?.se)))
        .collect();
    println!("adjusted premia: {}", first.join(", "));
}
