//! Patterns for files: `*` and `?` within a name, `**` for any number of folders.

/// Whether `text` has a wildcard.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether the path of the names `path` matches the pattern of the names `pattern`. O(product of their lengths).
pub(super) fn matches(pattern: &[&str], path: &[&str]) -> bool {
    wild(pattern, path, |p| *p == "**", |p, name| name_matches(p, name))
}

fn name_matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    wild(&pattern, &name, |p| *p == '*', |p, c| *p == '?' || p == c)
}

/// Matches with a wildcard for any run: on a mismatch only the last run grows, which suffices (Krauss 2008, "Matching
/// Wildcards: An Algorithm", Dr. Dobb's Journal).
fn wild<P, T>(pattern: &[P], text: &[T], any: impl Fn(&P) -> bool, one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && any(&pattern[p]) {
            last_run = Some((p, t));
            p += 1;
        } else if p < pattern.len() && one(&pattern[p], &text[t]) {
            p += 1;
            t += 1;
        } else if let Some((run, from)) = last_run {
            last_run = Some((run, from + 1));
            p = run + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str) -> bool {
        matches(&pattern.split('/').collect::<Vec<_>>(), &path.split('/').collect::<Vec<_>>())
    }

    #[test]
    fn wildcards_stay_within_a_name_and_double_stars_cross_folders() {
        for (pattern, path, expected) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "a/b.csv", false),
            ("202?-*.json.gz", "2024-01.json.gz", true),
            ("202?-*.json.gz", "20245-01.json.gz", false),
            ("**/*.csv", "a.csv", true),
            ("**/*.csv", "a/b/c.csv", true),
            ("a/**", "a/b/c", true),
            ("a/**/z", "a/z", true),
            ("a/**/b/*/z", "a/x/b/y/b/q/z", true),
            ("a/**/b/*/z", "a/x/b/y/z/z", false),
            ("*\u{e9}?", "caf\u{e9}s", true),
            ("", "", true),
        ] {
            assert_eq!(check(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        assert!(!name_matches(&"*a".repeat(200), &"a".repeat(199)));
        assert!(!name_matches(&("*a".repeat(200) + "b"), &"a".repeat(5000)));
    }
}
