//! The database's file is nobody's but the program's: it holds what others must not read, and its name is easily guessed.

use std::fs::{OpenOptions, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::{DbErr, RuntimeErr};

/// Sees to it that the file of a `sqlite://` address, made here if need be, and what lies beside it can be read and written
/// by its owner alone. SQLite makes its log and its index with the file's own permissions.
pub fn keep(url: &str) -> Result<(), DbErr> {
    let path = url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
    if path.is_empty() || path.starts_with(':') || url.contains("mode=memory") {
        return Ok(());
    }
    let may_make = !url.contains('?') || url.contains("mode=rwc");
    keep_file(Path::new(path), may_make)
        .map_err(|error| DbErr::Conn(RuntimeErr::Internal(format!("the database file {path}: {error}"))))
}

#[cfg(unix)]
fn keep_file(path: &Path, may_make: bool) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    if may_make && !path.exists() {
        // Whoever is faster has made it just so.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    for beside in ["", "-wal", "-shm", "-journal"] {
        let file = PathBuf::from(format!("{}{beside}", path.display()));
        let Ok(known) = file.metadata() else { continue };
        if known.is_file() && known.permissions().mode() & 0o077 != 0 {
            // Another user's file, shared on purpose, stays as it is.
            if let Err(error) = std::fs::set_permissions(&file, Permissions::from_mode(0o600)) {
                tracing::warn!(%error, file = %file.display(), "others may read this database file");
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_file(_: &Path, _: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use sea_orm::ConnectionTrait;

    use crate::db::Db;

    #[tokio::test]
    async fn nobody_else_may_read_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.db");
        let mode = |beside: &str| {
            let file = format!("{}{beside}", path.display());
            std::fs::metadata(&file).unwrap_or_else(|_| panic!("{file}")).permissions().mode() & 0o777
        };
        let url = format!("sqlite://{}", path.display());
        for found in [None, Some(0o644)] {
            if let Some(found) = found {
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(found)).unwrap();
            }
            let db = Db::connect(&url).await.unwrap();
            db.write().execute_unprepared("CREATE TABLE IF NOT EXISTS t (x INTEGER)").await.unwrap();
            db.write().execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
            assert_eq!([mode(""), mode("-wal"), mode("-shm")], [0o600; 3], "{found:?}");
            db.close().await.unwrap();
        }
    }
}
