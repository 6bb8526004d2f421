//! The one ledger that all callers share, in this process and in others.

use std::{
    io,
    path::Path,
    sync::{Mutex, PoisonError},
};

use super::{book::Book, journal::Journal};

#[derive(Default)]
pub(super) struct Till {
    drawer: Mutex<Drawer>,
}

#[derive(Default)]
struct Drawer {
    book: Book,
    journal: Option<Journal>,
}

impl Till {
    pub(super) fn with_journal(path: &Path) -> io::Result<Self> {
        let till = Self {
            drawer: Mutex::new(Drawer {
                book: Book::default(),
                journal: Some(Journal::open(path)?),
            }),
        };
        till.exclusively(|_| ())?;
        Ok(till)
    }

    /// Looks and changes while nobody else does.
    pub(super) fn exclusively<T>(&self, work: impl FnOnce(&mut Book) -> T) -> io::Result<T> {
        // A panic elsewhere leaves no half-made line behind, and a journal forgets what it has not written.
        let mut drawer = self.drawer.lock().unwrap_or_else(PoisonError::into_inner);
        let Drawer { book, journal } = &mut *drawer;
        match journal {
            Some(journal) => journal.exclusively(book, work),
            None => {
                let result = work(book);
                book.take_unwritten();
                Ok(result)
            }
        }
    }

    /// Looks at what this process has seen so far, without a look at the journal.
    pub(super) fn seen<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        let drawer = self.drawer.lock().unwrap_or_else(PoisonError::into_inner);
        look(&drawer.book)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::OpenOptions,
        io::Write,
        panic::{AssertUnwindSafe, catch_unwind},
    };

    use super::{
        super::{
            record::{Intent, Wish},
            rules,
        },
        *,
    };

    fn wish(order: &str) -> Wish {
        Wish {
            amount: 1_000,
            currency: "eur".to_owned(),
            payment_method: Some("pm_card_visa".to_owned()),
            description: None,
            metadata: [("order_id".to_owned(), order.to_owned())].into(),
            at: 0,
        }
    }

    fn create(till: &Till, order: &str) -> Intent {
        let created = till.exclusively(|book| rules::create(book, wish(order)));
        created.unwrap().unwrap()
    }

    fn confirm(till: &Till, id: &str) {
        let confirmed = till.exclusively(|book| rules::confirm(book, id));
        confirmed.unwrap().unwrap();
    }

    fn captured(till: &Till, id: &str) -> i64 {
        let captured = till.exclusively(|book| book.intent(id).unwrap().captured());
        captured.unwrap()
    }

    #[test]
    fn processes_share_the_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = Till::with_journal(&path).unwrap();
        let second = Till::with_journal(&path).unwrap();
        let id = create(&first, "a").id;
        confirm(&second, &id);
        assert_eq!(captured(&first, &id), 1_000);
        let refund = rules::Return {
            intent: id.clone(),
            amount: None,
            metadata: [].into(),
            at: 0,
        };
        let refunded = first.exclusively(|book| rules::refund(book, refund));
        refunded.unwrap().unwrap();
        let refunded = second.exclusively(|book| book.refunded(&id));
        assert_eq!(refunded.unwrap(), 1_000);
    }

    #[test]
    fn the_ledger_outlives_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let before = Till::with_journal(&path).unwrap();
        let id = create(&before, "a").id;
        confirm(&before, &id);
        let rows = before.exclusively(|book| book.rows()).unwrap();
        drop(before);
        let after = Till::with_journal(&path).unwrap();
        assert_eq!(after.exclusively(|book| book.rows()).unwrap(), rows);
        assert_eq!(rows[0].captured, 1_000);
    }

    #[test]
    fn a_panic_leaves_the_journal_to_others_and_nothing_half_done_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let clumsy = Till::with_journal(&path).unwrap();
        let before = create(&clumsy, "a").id;
        let stumble = AssertUnwindSafe(|| {
            let done = clumsy.exclusively(|book| {
                rules::create(book, wish("b")).unwrap();
                panic!("half done");
            });
            done.unwrap()
        });
        catch_unwind(stumble).unwrap_err();
        // By another open file, as of another process: it would not be let in if the first still held the lock.
        let other = OpenOptions::new().read(true).open(&path).unwrap();
        other.try_lock().unwrap();
        other.unlock().unwrap();
        confirm(&clumsy, &before);
        let rows = Till::with_journal(&path)
            .unwrap()
            .exclusively(|book| book.rows());
        let rows = rows.unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0].captured, 1_000);
        assert_eq!(clumsy.exclusively(|book| book.rows()).unwrap(), rows);
    }

    #[test]
    fn a_torn_line_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = create(&Till::with_journal(&path).unwrap(), "a").id;
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"intent\":{\"id\":\"pi_sim_a_none\",\"wish")
            .unwrap();
        let reopened = Till::with_journal(&path).unwrap();
        let second = create(&reopened, "b").id;
        confirm(&reopened, &second);
        let again = Till::with_journal(&path).unwrap();
        assert_eq!(captured(&again, &first), 0);
        assert_eq!(captured(&again, &second), 1_000);
    }
}
