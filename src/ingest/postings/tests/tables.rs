use super::*;

#[test]
fn mapping_regions_and_date_formats_apply() {
    let mapping = "date_formats = [\"%m/%d/%Y\"]\n[fields]\ntitle = \"Job Name\"\ntext = [\"Body\", \"Summary\"]\n\
                   [regions]\n\"48\" = \"TX\"\n";
    let table = "Job Name;Posted;State;Summary;Body;Salary Min;Salary Max\n\
                 Welder;03/15/2024;48;s;;18;24\n\
                 Fitter;2024-03-16;99;s;\"b; \"\"c\"\"\";;\n";
    let (postings, report) = read_with("a.csv", table.as_bytes(), mapping, &Settings::default()).unwrap();
    assert_eq!(postings, ["57 2024-03-15 -|-|-|TX|-|Welder|s|18 - 24", "87 2024-03-16 -|-|-|99|-|Fitter|b; \"c\"|-"]);
    assert_eq!(report.files[0].unknown_regions, 1);
    let taken: Vec<_> = report.files[0].columns.iter().map(|c| (c.field, c.column.as_str(), c.postings)).collect();
    assert_eq!(
        taken,
        [
            ("posted", "Posted", 2),
            ("region", "State", 2),
            ("title", "Job Name", 2),
            ("text", "Body", 1),
            ("text", "Summary", 1),
            ("pay_min", "Salary Min", 1),
            ("pay_max", "Salary Max", 1)
        ]
    );
}

#[test]
fn a_table_without_the_columns_needed_is_a_fault_of_the_file() {
    let (_, report) = read_with("a.csv", b"a,b\n1,2\n", "", &Settings::lenient()).unwrap();
    let fault = report.files[0].fault.as_deref().unwrap();
    assert!(fault.starts_with("a.csv, line 1: expected a column for the day of posting"), "{fault}");
    let error = read_with("a.csv", b"date,title\n", "[fields]\nid = \"key\"\n", &Settings::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.csv, line 1: expected a column key (key fields.id of map.toml), found the columns date, title"
    );
}

#[test]
fn delimiters_are_told_by_the_header() {
    for sign in [',', '\t', ';', '|'] {
        let table = "date,title\n2024-03-15,x\n".replace(',', &sign.to_string());
        assert_eq!(read("a.csv", table).0, ["11 2024-03-15 -|-|-|-|-|x|-|-"]);
    }
}

#[test]
fn markup_stays_if_the_mapping_says_so() {
    let table = b"date,text\n2024-03-15,<p>a&amp;b</p>\n";
    assert!(read("a.csv", table).0[0].ends_with("|-|a&b|-"));
    let (postings, _) = read_with("a.csv", table, "html = \"never\"\n", &Settings::default()).unwrap();
    assert!(postings[0].ends_with("|-|<p>a&amp;b</p>|-"));
}
