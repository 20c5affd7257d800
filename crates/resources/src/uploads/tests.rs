//! What comes of an upload: in parts, out of turn, after a crash, too much of it.

use std::fs;

use super::*;
use crate::testing::Folder;

const NOW: i64 = 1_000_000;

fn try_open(folder: &Folder, now: i64) -> Result<Uploads, StoreError> {
    folder.folder("uploads");
    let octets = File::open(folder.path().join("uploads")).unwrap();
    Uploads::open(crate::store::tests::store(folder), octets.into(), Syncing::Never, now)
}

fn over(folder: &Folder) -> Uploads {
    try_open(folder, NOW).unwrap()
}

fn purpose() -> Purpose {
    let fields = vec![(b"If-Match".to_vec(), b"\"v1\"".to_vec()), (b"Content-Type".to_vec(), b"text/plain".to_vec())];
    Purpose { method: Method::Put, target: b"a/\xff.txt".to_vec(), fields }
}

fn create(uploads: &Uploads, length: Option<u64>) -> Upload {
    uploads.create(purpose(), length, NOW).unwrap().expect("there is room")
}

fn append(uploads: &Uploads, id: &str, offset: u64) -> Appending {
    uploads.append(id, offset, None, NOW).unwrap().expect("it may be appended to")
}

fn refusal(uploads: &Uploads, id: &str, offset: u64, length: Option<u64>) -> UploadRefusal {
    uploads.append(id, offset, length, NOW).unwrap().map(|_| ()).expect_err("it may not be appended to")
}

/// What the folder and the store hold.
fn left(folder: &Folder, uploads: &Uploads) -> (usize, usize) {
    let files = fs::read_dir(folder.path().join("uploads")).unwrap().count();
    (files, uploads.inner.store.scan(Space::Uploads, b"", None, usize::MAX).unwrap().len())
}

fn content(whole: &Whole) -> Vec<u8> {
    let mut octets = vec![0; usize::try_from(whole.upload().offset).unwrap()];
    whole.file().read_exact_at(&mut octets, 0).unwrap();
    octets
}

#[test]
fn an_upload_comes_in_parts() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let upload = create(&uploads, Some(10));
    assert_eq!((upload.offset, upload.length, upload.complete), (0, Some(10), false));
    assert_eq!((upload.id.len(), upload.expires), (32, NOW + limits::UPLOAD_TIME));
    assert_eq!(*upload.purpose, purpose());
    assert_ne!(create(&uploads, None).id, upload.id);
    let first = append(&uploads, &upload.id, 0);
    first.write(b"01234", NOW).unwrap();
    first.write(b"5", NOW).unwrap();
    assert_eq!(first.upload().offset, 6);
    assert_eq!(first.end().unwrap().offset, 6);
    let second = append(&uploads, &upload.id, 6);
    second.write(b"6789", NOW).unwrap();
    let whole = second.complete().unwrap();
    assert_eq!(content(&whole), b"0123456789");
    let file = folder.path().join("uploads").join(whole.name());
    assert_eq!(fs::read(&file).unwrap(), b"0123456789");
    assert!(statat(whole.folder(), whole.name(), AtFlags::empty()).is_ok());
    let done = whole.finish(NOW + 5).unwrap();
    assert_eq!((done.offset, done.length, done.complete), (10, Some(10), true));
    assert!(!file.exists());
    assert_eq!(uploads.find(&upload.id, NOW + 6), Some(done), "whoever has not heard may ask");
    assert_eq!(refusal(&uploads, &upload.id, 10, None), UploadRefusal::Complete);
    assert_eq!(uploads.find(&upload.id, NOW + 5 + limits::UPLOAD_COMPLETE_TIME), None);
}

/// UPL-006, UPL-007.
#[test]
fn offsets_and_lengths_must_agree() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let id = create(&uploads, None).id;
    append(&uploads, &id, 0).write(b"0123", NOW).unwrap();
    assert_eq!(refusal(&uploads, &id, 3, None), UploadRefusal::Offset { found: 4 });
    assert_eq!(refusal(&uploads, &id, 5, Some(9)), UploadRefusal::Offset { found: 4 });
    assert_eq!(refusal(&uploads, &id, 4, Some(3)), UploadRefusal::BeyondLength);
    assert_eq!(uploads.find(&id, NOW).unwrap().length, None, "who is refused tells nothing");
    let appending = uploads.append(&id, 4, Some(6), NOW).unwrap().unwrap();
    assert_eq!(appending.write(b"456", NOW), Err(AppendError::BeyondLength));
    assert_eq!(appending.upload().offset, 4);
    appending.write(b"4", NOW).unwrap();
    assert_eq!(appending.complete().map(drop), Err(AppendError::ShortOfLength));
    assert_eq!(refusal(&uploads, &id, 5, Some(7)), UploadRefusal::Length { told: 6 });
    let appending = uploads.append(&id, 5, Some(6), NOW).unwrap().unwrap();
    appending.write(b"5", NOW).unwrap();
    appending.write(b"", NOW).unwrap();
    assert_eq!(content(&appending.complete().unwrap()), b"012345");
    assert_eq!(refusal(&uploads, "unknown", 0, None), UploadRefusal::Missing);
}

#[test]
fn the_last_who_appends_has_the_turn() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let id = create(&uploads, None).id;
    let first = append(&uploads, &id, 0);
    first.write(b"01", NOW).unwrap();
    let second = append(&uploads, &id, 2);
    assert_eq!(first.write(b"xx", NOW), Err(AppendError::Superseded));
    second.write(b"23", NOW).unwrap();
    assert_eq!(first.end().map(drop), Err(AppendError::Superseded));
    // Whoever asks for the offset may rely on it.
    assert_eq!(uploads.find(&id, NOW).unwrap().offset, 4);
    second.write(b"4", NOW).unwrap();
    assert_eq!(uploads.settled(&id, NOW).unwrap().offset, 5);
    assert_eq!(second.write(b"xx", NOW), Err(AppendError::Superseded));
    assert_eq!(second.complete().map(drop), Err(AppendError::Superseded));
    assert_eq!(content(&append(&uploads, &id, 5).complete().unwrap()), b"01234");
}

#[test]
fn of_many_that_append_at_once_each_writes_whole_stretches() {
    const STRETCH: usize = 7;
    let folder = Folder::new();
    let uploads = over(&folder);
    let id = create(&uploads, None).id;
    // Writes where it may, and says how many stretches were taken.
    let work = |octet: u8| {
        let mut taken = 0;
        for _ in 0..200 {
            let offset = uploads.settled(&id, NOW).unwrap().offset;
            let Ok(appending) = uploads.append(&id, offset, None, NOW).unwrap() else { continue };
            taken += (0..3).take_while(|_| appending.write(&[octet; STRETCH], NOW).is_ok()).count();
        }
        taken
    };
    let taken: Vec<usize> = std::thread::scope(|scope| {
        let threads: Vec<_> = (b'a'..b'g').map(|octet| scope.spawn(move || work(octet))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let offset = uploads.find(&id, NOW).unwrap().offset;
    let octets = content(&append(&uploads, &id, offset).complete().unwrap());
    let stretches: Vec<u8> = octets.chunks(STRETCH).map(|stretch| stretch[0]).collect();
    assert!(octets.chunks(STRETCH).all(|stretch| *stretch == [stretch[0]; STRETCH]));
    for (octet, taken) in (b'a'..b'g').zip(taken) {
        assert_eq!(stretches.iter().filter(|found| **found == octet).count(), taken);
    }
    assert_eq!(fs::metadata(folder.path().join("uploads").join(&id)).unwrap().len(), offset);
}

#[test]
fn while_it_is_acted_upon_nobody_interferes() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let id = create(&uploads, None).id;
    let appending = append(&uploads, &id, 0);
    appending.write(b"0123", NOW).unwrap();
    let whole = appending.complete().unwrap();
    assert_eq!(refusal(&uploads, &id, 4, None), UploadRefusal::Busy);
    assert_eq!(uploads.cancel(&id, NOW), Ok(false));
    uploads.sweep(i64::MAX).unwrap();
    assert!(!uploads.find(&id, NOW).unwrap().complete, "not before it is done");
    // It was not done, but may be asked for again.
    drop(whole);
    let whole = append(&uploads, &id, 4).complete().unwrap();
    // Its file has become what stands at the target.
    fs::rename(folder.path().join("uploads").join(&id), folder.path().join("target")).unwrap();
    assert!(whole.finish(NOW).unwrap().complete);
    assert_eq!(fs::read(folder.path().join("target")).unwrap(), b"0123");
    assert_eq!(left(&folder, &uploads), (0, 1));
    assert_eq!(uploads.cancel(&id, NOW), Ok(true));
    assert_eq!(left(&folder, &uploads), (0, 0));
}

#[test]
fn a_crash_loses_nothing_that_was_written() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let (unfinished, acting, done, cancelled) =
        (create(&uploads, None).id, create(&uploads, None).id, create(&uploads, None).id, create(&uploads, None).id);
    for id in [&unfinished, &acting, &done] {
        append(&uploads, id, 0).write(b"0123", NOW).unwrap();
    }
    drop(uploads.append(&unfinished, 4, Some(9), NOW + 10).unwrap().unwrap());
    let whole = append(&uploads, &acting, 4).complete().unwrap();
    append(&uploads, &done, 4).complete().unwrap().finish(NOW).unwrap();
    uploads.cancel(&cancelled, NOW).unwrap();
    let before = uploads.find(&unfinished, NOW).unwrap();
    drop((whole, uploads));
    let uploads = over(&folder);
    let after = uploads.find(&unfinished, NOW).unwrap();
    assert_eq!(after, Upload { expires: after.expires, ..before });
    assert_eq!((after.offset, after.length), (4, Some(9)));
    assert_eq!(*after.purpose, purpose());
    let again = uploads.find(&acting, NOW).unwrap();
    assert_eq!((again.offset, again.complete), (4, false), "it was not said to be complete before it was done");
    let told = uploads.find(&done, NOW).unwrap();
    assert_eq!((told.offset, told.complete), (4, true));
    assert_eq!(uploads.find(&cancelled, NOW), None);
    assert_eq!(left(&folder, &uploads), (2, 3));
    assert_eq!(uploads.inner.octets.load(Ordering::Relaxed), 8);
    append(&uploads, &unfinished, 4).write(b"45678", NOW).unwrap();
    assert_eq!(content(&append(&uploads, &unfinished, 9).complete().unwrap()), b"012345678");
}

#[test]
fn what_is_left_over_is_cleared() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let (lost, long, odd) = (create(&uploads, None).id, create(&uploads, Some(3)).id, create(&uploads, None).id);
    drop(uploads);
    fs::remove_file(folder.path().join("uploads").join(&lost)).unwrap();
    folder.file(&format!("uploads/{long}"), "0123");
    fs::remove_file(folder.path().join("uploads").join(&odd)).unwrap();
    folder.link(&format!("uploads/{odd}"), "/etc/passwd");
    folder.file("uploads/stray", "x");
    let uploads = over(&folder);
    assert_eq!(left(&folder, &uploads), (0, 0));
    for id in [lost, long, odd] {
        assert_eq!(uploads.find(&id, NOW), None);
    }
}

#[test]
fn an_upload_ends_by_itself() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let id = create(&uploads, None).id;
    let late = NOW + limits::UPLOAD_TIME - 1;
    assert!(uploads.find(&id, late).is_some() && uploads.find(&id, late + 1).is_none());
    let appending = uploads.append(&id, 0, None, late).unwrap().unwrap();
    assert!(uploads.find(&id, late + 1).is_some(), "more comes of it");
    appending.write(b"0", late + 100).unwrap();
    let end = late + 100 + limits::UPLOAD_TIME;
    assert_eq!(appending.end().unwrap().expires, end);
    drop(uploads);
    let uploads = try_open(&folder, end - 101).unwrap();
    assert!(uploads.find(&id, end - 101).is_some(), "that it lives on was written down");
    uploads.sweep(end).unwrap();
    assert_eq!(left(&folder, &uploads), (0, 0));
    let id = create(&uploads, None).id;
    drop(uploads);
    let uploads = try_open(&folder, NOW + limits::UPLOAD_TIME).unwrap();
    assert_eq!((uploads.find(&id, NOW), left(&folder, &uploads)), (None, (0, 0)));
}

#[test]
fn a_cancelled_upload_is_gone() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let id = create(&uploads, None).id;
    let appending = append(&uploads, &id, 0);
    appending.write(b"0123", NOW).unwrap();
    assert_eq!(uploads.cancel(&id, NOW), Ok(true));
    assert_eq!(uploads.cancel(&id, NOW), Ok(false));
    assert_eq!(appending.write(b"4", NOW), Err(AppendError::Superseded));
    assert_eq!(uploads.find(&id, NOW), None);
    assert_eq!(refusal(&uploads, &id, 4, None), UploadRefusal::Missing);
    assert_eq!((left(&folder, &uploads), uploads.inner.octets.load(Ordering::Relaxed)), ((0, 0), 0));
}

#[test]
fn there_is_an_end_to_uploads() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let first = create(&uploads, None).id;
    let done = create(&uploads, None).id;
    append(&uploads, &done, 0).complete().unwrap().finish(NOW).unwrap();
    while lock(&uploads.inner.slots).len() < limits::UPLOADS {
        create(&uploads, None);
    }
    let last = create(&uploads, None);
    assert_eq!(uploads.find(&done, NOW), None, "what is complete makes room");
    assert_eq!(uploads.create(purpose(), None, NOW), Ok(None));
    assert!(uploads.find(&first, NOW).is_some() && uploads.find(&last.id, NOW).is_some());
    assert_eq!(uploads.cancel(&first, NOW), Ok(true));
    assert!(uploads.create(purpose(), None, NOW).unwrap().is_some());
    assert!(uploads.create(purpose(), None, NOW + limits::UPLOAD_TIME).unwrap().is_some(), "all others have ended");
    assert_eq!(left(&folder, &uploads), (1, 1));
}

#[test]
fn there_is_an_end_to_their_octets() {
    let folder = Folder::new();
    let uploads = over(&folder);
    let (large, small) = (create(&uploads, None).id, create(&uploads, None).id);
    drop(uploads);
    // A hole takes no room.
    let file = File::options().write(true).open(folder.path().join("uploads").join(&large)).unwrap();
    file.set_len(limits::UPLOADS_OCTETS - 4).unwrap();
    let uploads = over(&folder);
    let appending = append(&uploads, &small, 0);
    appending.write(b"012", NOW).unwrap();
    assert_eq!(appending.write(b"34", NOW), Err(AppendError::Full));
    appending.write(b"3", NOW).unwrap();
    assert_eq!(appending.write(b"4", NOW), Err(AppendError::Full));
    assert_eq!(uploads.cancel(&large, NOW), Ok(true));
    appending.write(b"4", NOW).unwrap();
    assert_eq!(appending.upload().offset, 5);
}

#[test]
fn a_damaged_record_is_told() {
    let folder = Folder::new();
    let store = crate::store::tests::store(&folder);
    let value = Writer::default().bool(true).octets(b"a").u64(u64::MAX).done();
    store.apply(&[Change::put(Space::Uploads, b"x", &value)]).unwrap();
    drop(store);
    assert!(matches!(try_open(&folder, NOW), Err(StoreError::Corrupt(_))));
}
