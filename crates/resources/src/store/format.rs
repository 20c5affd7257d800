//! The format of the embedded store: what its database's failures are called here, and the way from an older format to ours.

use redb::{
    CommitError, Database, DatabaseError, ReadableDatabase, StorageError, TableError, TransactionError,
    WriteTransaction,
};

use super::StoreError;
use super::embedded::META;

/// Brings the state from one format to the next.
pub(super) type Step = fn(&WriteTransaction) -> Result<(), StoreError>;

/// The steps from format 1 on. The format that we write is the one behind the last of them.
pub(super) const STEPS: [Step; 0] = [];

const FORMAT: &str = "format";

/// Makes sure that the state is of our format: a new one is begun, an older one is brought to ours step by step, all or
/// none; a newer one is refused.
pub(super) fn prepare(database: &Database, steps: &[Step]) -> Result<(), StoreError> {
    let known = steps.len() as u64 + 1;
    let found = found(database)?;
    if found == Some(known) {
        return Ok(());
    }
    let transaction = database.begin_write()?;
    match found {
        Some(found) if found > known => return Err(StoreError::Newer { found, known }),
        Some(0) => return Err(StoreError::Corrupt("it has the format 0, which there is not".to_owned())),
        Some(found) => {
            let first = usize::try_from(found - 1).expect("it is less than the number of steps");
            steps[first..].iter().try_for_each(|step| step(&transaction))?;
        }
        None if transaction.list_tables()?.next().is_some() => {
            return Err(StoreError::Corrupt("something else is in the file".to_owned()));
        }
        None => {}
    }
    transaction.open_table(META)?.insert(FORMAT, known)?;
    Ok(transaction.commit()?)
}

fn found(database: &Database) -> Result<Option<u64>, StoreError> {
    match database.begin_read()?.open_table(META) {
        Ok(meta) => Ok(meta.get(FORMAT)?.map(|number| number.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

// The library may name more failures in later versions: these are told in its words.

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Io(error) => error.into(),
            StorageError::Corrupted(words) => StoreError::Corrupt(words),
            other => StoreError::Broken(other.to_string()),
        }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
            DatabaseError::Storage(error) => error.into(),
            other => StoreError::Corrupt(other.to_string()),
        }
    }
}

impl From<TransactionError> for StoreError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Storage(error) => error.into(),
            other => StoreError::Broken(other.to_string()),
        }
    }
}

impl From<TableError> for StoreError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Storage(error) => error.into(),
            other => StoreError::Corrupt(other.to_string()),
        }
    }
}

impl From<CommitError> for StoreError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Storage(error) => error.into(),
            other => StoreError::Broken(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;
    use redb::{ReadableTable, TableDefinition};

    use super::*;

    const THINGS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("things");

    fn empty() -> Database {
        Database::builder().create_with_backend(InMemoryBackend::new()).unwrap()
    }

    fn things(database: &Database) -> Vec<(String, u64)> {
        let read = database.begin_read().unwrap();
        let Ok(table) = read.open_table(THINGS) else { return Vec::new() };
        table
            .iter()
            .unwrap()
            .map(|row| row.map(|(key, value)| (key.value().to_owned(), value.value())).unwrap())
            .collect()
    }

    fn puts_a_thing(transaction: &WriteTransaction) -> Result<(), StoreError> {
        transaction.open_table(THINGS)?.insert("one", 1)?;
        Ok(())
    }

    fn doubles_it(transaction: &WriteTransaction) -> Result<(), StoreError> {
        let mut table = transaction.open_table(THINGS)?;
        let before = table.get("one")?.map_or(0, |number| number.value());
        table.insert("one", before * 2)?;
        Ok(())
    }

    const fn fails(_: &WriteTransaction) -> Result<(), StoreError> {
        Err(StoreError::NoRoom)
    }

    #[test]
    fn an_older_format_is_brought_to_ours_by_its_steps() {
        let database = empty();
        assert_eq!(found(&database), Ok(None));
        prepare(&database, &[]).unwrap();
        assert_eq!(found(&database), Ok(Some(1)));
        prepare(&database, &[puts_a_thing]).unwrap();
        assert_eq!((found(&database), things(&database)), (Ok(Some(2)), vec![("one".to_owned(), 1)]));
        // Steps that were taken are not taken again.
        prepare(&database, &[puts_a_thing, doubles_it, doubles_it]).unwrap();
        assert_eq!((found(&database), things(&database)), (Ok(Some(4)), vec![("one".to_owned(), 4)]));
        prepare(&database, &[puts_a_thing, doubles_it, doubles_it]).unwrap();
        assert_eq!(things(&database), [("one".to_owned(), 4)]);
    }

    #[test]
    fn a_step_that_fails_leaves_all_as_it_was() {
        let database = empty();
        prepare(&database, &[]).unwrap();
        assert_eq!(prepare(&database, &[puts_a_thing, fails]), Err(StoreError::NoRoom));
        assert_eq!((found(&database), things(&database)), (Ok(Some(1)), Vec::new()));
    }

    #[test]
    fn a_new_state_takes_no_steps() {
        let database = empty();
        prepare(&database, &[fails, fails]).unwrap();
        assert_eq!(found(&database), Ok(Some(3)));
    }

    #[test]
    fn a_newer_format_is_refused() {
        let database = empty();
        prepare(&database, &[puts_a_thing, doubles_it]).unwrap();
        let error = prepare(&database, &STEPS).unwrap_err();
        assert_eq!(error, StoreError::Newer { found: 3, known: 1 });
        assert_eq!(error.to_string(), "the server's state has the format 3 of a newer version; this one knows up to 1");
    }

    #[test]
    fn what_is_no_state_of_ours_is_refused() {
        let database = empty();
        let transaction = database.begin_write().unwrap();
        puts_a_thing(&transaction).unwrap();
        transaction.commit().unwrap();
        assert_eq!(prepare(&database, &STEPS), Err(StoreError::Corrupt("something else is in the file".to_owned())));
        let zero = empty();
        let transaction = zero.begin_write().unwrap();
        transaction.open_table(META).unwrap().insert(FORMAT, 0).unwrap();
        transaction.commit().unwrap();
        assert!(matches!(prepare(&zero, &STEPS), Err(StoreError::Corrupt(_))));
    }
}
