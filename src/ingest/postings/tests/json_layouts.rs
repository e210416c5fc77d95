use super::*;

#[test]
fn tidy_objects_are_postings() {
    let line = br#"{"id":7,"posted":"2024-03-15","employer":"Acme","industry":"23","region":"TX","soc":"51-4121","title":" Welder ","text":"Weld.","pay":"$20/hr","x":[1,{"y":2}]}"#;
    let (postings, rejects) = read("a.ndjson", line);
    assert_eq!(postings, ["0 2024-03-15 7|Acme|23|TX|51-4121|Welder|Weld.|$20/hr"]);
    assert!(rejects.is_empty());
}

/// The layout of schema.org's examples for `JobPosting`; the content is our own.
const JSON_LD: &str = r#"{"@context":"https://schema.org/","@type":"JobPosting","title":"Nurse aide",
"description":"<p>Care for residents.</p><p>CNA &amp; CPR</p>","identifier":{"@type":"PropertyValue","name":"Elm","value":"E-9"},
"datePosted":"2024-03-15T08:00:00Z","hiringOrganization":{"@type":"Organization","name":"Elm House","sameAs":"x"},
"jobLocation":[{"@type":"Place","address":{"@type":"PostalAddress","addressLocality":"Waco","addressRegion":"TX"}},
{"@type":"Place","address":{"addressRegion":"OK"}}],"baseSalary":{"@type":"MonetaryAmount","currency":"USD",
"value":{"@type":"QuantitativeValue","minValue":17.5,"maxValue":21,"unitText":"HOUR"}},
"occupationalCategory":"31-1131.00 Nursing Assistants","industry":"Nursing care","validThrough":"2024-04-15"}"#;

const JSON_LD_SHOWN: &str = "2024-03-15 E-9|Elm House|Nursing care|TX|31-1131.00 Nursing Assistants|Nurse aide|\
                             Care for residents.\nCNA & CPR|$17.5 - $21 per hour";

#[test]
fn schema_org_objects_are_postings() {
    let line = JSON_LD.replace('\n', "");
    assert_eq!(read("a.ndjson", &line).0, [format!("0 {JSON_LD_SHOWN}")]);
}

#[test]
fn postings_within_graphs_and_arrays_have_their_own_offsets() {
    let posting = JSON_LD.replace('\n', "");
    let other = r#"{"@type":"Organization","name":"Elm"}"#;
    let graph = format!("{{\"@context\":\"x\",\"@graph\":[{other},{posting}, {posting}]}}");
    let (first, second) = (graph.find(&posting).unwrap(), graph.rfind(&posting).unwrap());
    let array = format!("{graph}\n[{posting},5]\n");
    let third = graph.len() + 2;
    let (postings, rejects) = read("a.ndjson", &array);
    assert_eq!(postings, [first, second, third].map(|at| format!("{at} {JSON_LD_SHOWN}")));
    let five = array.rfind('5').unwrap();
    assert_eq!(
        rejects,
        [format!(
            "{five} 2 expected a JSON object | invalid type: integer `5`, expected a JSON object (byte 1 of the record)"
        )]
    );
    let (_, report) = read_with("a.ndjson", array.as_bytes(), "", &Settings::lenient()).unwrap();
    assert_eq!((report.files[0].other_objects, report.read()), (1, 4));
}

#[test]
fn documents_over_several_lines_are_read() {
    let pretty = JSON_LD.to_owned();
    for (text, starts) in [
        (format!("[\n  {pretty},\n  {pretty}\n]\n"), vec![4, 4 + pretty.len() + 4]),
        (format!("{pretty}\n{pretty}\n"), vec![0, pretty.len() + 1]),
        (format!("[{pretty}]"), vec![1]),
    ] {
        let (postings, rejects) = read("a.json", &text);
        assert_eq!(postings, starts.iter().map(|at| format!("{at} {JSON_LD_SHOWN}")).collect::<Vec<_>>());
        assert_eq!(rejects, [""; 0]);
    }
}

#[test]
fn an_object_of_another_type_is_no_posting() {
    let (postings, rejects) = read("a.ndjson", r#"{"@type":"Event","title":"x","date":"2024-03-15"}"#);
    assert!(postings.is_empty());
    assert_eq!(rejects, ["0 1 expected an object of @type JobPosting | another @type"]);
    for ty in
        [r#""JobPosting""#, r#"["Thing","JobPosting"]"#, r#""http://schema.org/JobPosting""#, r#""schema:JobPosting""#]
    {
        assert_eq!(read("a.ndjson", format!(r#"{{"@type":{ty},"title":"x","date":"2024-03-15"}}"#)).0.len(), 1, "{ty}");
    }
}

#[test]
fn escapes_are_read_and_numbers_count_as_text() {
    let (postings, _) =
        read("a.ndjson", r#"{"date":"2024-03-15","title":"caf\u00e9 \"A\"","id":12.5,"soc":514121,"employer":true}"#);
    assert_eq!(postings, ["0 2024-03-15 12.5|-|-|-|514121|caf\u{e9} \"A\"|-|-"]);
}

#[test]
fn paths_of_the_mapping_are_followed_as_they_stand() {
    let mapping = "[fields]\ntitle = \"job.names\"\nposted = \"when.on\"\nid = \"a\\\\.b\"\n";
    let line = br#"{"job":{"names":[{"x":1},"Welder","Fitter"]},"when":[{"on":"2024-03-15"}],"a.b":"7","title":"no"}"#;
    let (postings, report) = read_with("a.ndjson", line, mapping, &Settings::default()).unwrap();
    assert_eq!(postings, ["0 2024-03-15 7|-|-|-|-|Welder|-|-"]);
    let taken: Vec<_> = report.files[0].columns.iter().map(|c| (c.field, c.column.as_str(), c.postings)).collect();
    assert_eq!(taken, [("id", "a\\.b", 1), ("posted", "when.on", 1), ("title", "job.names", 1)]);
}

#[test]
fn the_best_name_wins_and_empty_values_do_not_count() {
    let (postings, _) = read("a.ndjson", r#"{"date":"2024-01-01","description":"d","text":" ","posted":"2024-03-15"}"#);
    assert_eq!(postings, ["0 2024-03-15 -|-|-|-|-|-|d|-"]);
}
