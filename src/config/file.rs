//! `.env` in the folder the program was started in: variables for who starts it by hand.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;

/// What a file of `NAME=value` lines says; nothing when there is no such file. What is wrong is said without the line,
/// which may well hold a secret.
pub(super) fn read(file: &Path) -> anyhow::Result<HashMap<String, String>> {
    let shown = file.display();
    let lines = match dotenvy::from_path_iter(file) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(HashMap::new()),
        Err(_) => anyhow::bail!("{shown} cannot be opened"),
    };
    let mut found = HashMap::new();
    for line in lines {
        let after = found.len();
        let (name, value) = line.map_err(|_| ()).ok().with_context(|| {
            format!("{shown}: what follows its first {after} variables is not of the form NAME=value")
        })?;
        found.insert(name, value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<HashMap<String, String>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(".env");
        std::fs::write(&file, text)?;
        super::read(&file)
    }

    #[test]
    fn lines_comments_and_quotes_are_read() {
        let found = read("# a comment\n\nA=1\nexport B='x y'\nC=\"z\" # more\nD=\n").unwrap();
        let pairs = [("A", "1"), ("B", "x y"), ("C", "z"), ("D", "")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(found, HashMap::from(pairs));
        assert!(super::read(Path::new("/nowhere/.env")).unwrap().is_empty());
    }

    #[test]
    fn a_bad_line_is_refused_without_being_told() {
        let error = format!("{:#}", read("A=1\nsomething secret\n").unwrap_err());
        assert!(error.contains("first 1 variables") && !error.contains("secret"), "{error}");
    }
}
