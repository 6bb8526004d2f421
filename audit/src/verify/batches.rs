//! The events of an export, read and hashed on one thread and checked on another, some at a time.
//!
//! Invariant: they are checked in the order of the file and before its end is, so that nothing is found that would not be
//! found on a single thread, nor in another order. An export of one batch never gets a second thread.

use std::io::{self, BufRead};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Builder};

use ordertrace_domain::Hash;

use super::export::Export;
use crate::{End, ExportReader, ExportedEvent, Item, ReadError, leaf_hash};

/// The most events of a batch: enough that handing it on costs next to nothing for each.
const EVENTS_MAX: usize = 256;

/// A batch with so many bytes of payloads is not filled further, so that large ones don't pile up.
const PAYLOAD_BYTES: usize = 1 << 20;

/// So many batches may wait to be checked: it evens out that neither thread is equally fast all the time.
const BATCHES_WAITING_MAX: usize = 4;

/// How reading ended.
pub(super) type Ending = Result<Box<End>, ReadError>;

/// Reads an export to its end or to where it can't be read, and checks all events up to there.
///
/// # Errors
/// If there is no thread for it.
pub(super) fn check<'t, R: BufRead>(
    reader: &mut ExportReader<R>,
    mut export: Export<'t>,
) -> io::Result<(Export<'t>, Ending)> {
    let (batch, ending) = read(reader, Vec::new());
    check_batch(&mut export, &batch);
    match ending {
        Some(ending) => Ok((export, ending)),
        None => check_beside(reader, export),
    }
}

/// The same of what is left, on two threads.
fn check_beside<'t, R: BufRead>(
    reader: &mut ExportReader<R>,
    export: Export<'t>,
) -> io::Result<(Export<'t>, Ending)> {
    thread::scope(|scope| {
        let (batches, waiting) = sync_channel(BATCHES_WAITING_MAX);
        let (done, checked) = sync_channel(BATCHES_WAITING_MAX);
        let checking = Builder::new()
            .name("export-check".to_owned())
            .spawn_scoped(scope, move || check_all(export, &waiting, &done))?;
        let ending = read_all(reader, batches, &checked);
        match checking.join() {
            Ok(export) => Ok((export, ending)),
            Err(panic) => resume_unwind(panic),
        }
    })
}

/// Events with the hashes of their leaves. They belong together for no other reason than that they are handed on at once.
type Batch = Vec<(ExportedEvent, Hash)>;

fn check_batch(export: &mut Export<'_>, batch: &Batch) {
    batch
        .iter()
        .for_each(|(event, leaf)| export.event(event, *leaf));
}

fn check_all<'t>(
    mut export: Export<'t>,
    batches: &Receiver<Batch>,
    done: &SyncSender<Batch>,
) -> Export<'t> {
    for batch in batches {
        check_batch(&mut export, &batch);
        // The memory is best given back where it was taken, but that is not worth waiting for.
        let _ = done.try_send(batch);
    }
    export
}

fn read_all<R: BufRead>(
    reader: &mut ExportReader<R>,
    batches: SyncSender<Batch>,
    checked: &Receiver<Batch>,
) -> Ending {
    loop {
        let (batch, ending) = read(reader, checked.try_recv().unwrap_or_default());
        if batches.send(batch).is_err() {
            let gone = io::Error::other("the thread that checks the events failed");
            return Err(ReadError::Io(gone));
        }
        if let Some(ending) = ending {
            return ending;
        }
    }
}

/// Reads the next batch, and the end if it comes behind it.
fn read<R: BufRead>(reader: &mut ExportReader<R>, mut batch: Batch) -> (Batch, Option<Ending>) {
    batch.clear();
    let mut bytes = 0;
    while batch.len() < EVENTS_MAX && bytes < PAYLOAD_BYTES {
        match reader.next_item() {
            Ok(Item::Event(event)) => {
                bytes += event.record.payload.len();
                let leaf = leaf_hash(&event.record);
                batch.push((event, leaf));
            }
            Ok(Item::End(end)) => return (batch, Some(Ok(end))),
            Err(error) => return (batch, Some(Err(error))),
        }
    }
    (batch, None)
}
