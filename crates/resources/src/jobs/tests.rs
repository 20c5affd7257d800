//! What is told of a job while it runs, after it, after a restart, and for how long.

use super::*;
use crate::testing::Folder;

const NOW: i64 = 784_111_777;

fn over(folder: &Folder) -> Jobs {
    Jobs::open(crate::store::tests::store(folder), NOW).unwrap()
}

fn start(jobs: &Jobs, kind: Kind, target: &str) -> (String, Arc<Progress>) {
    jobs.start(kind, target.as_bytes(), None, NOW).unwrap().expect("there is room")
}

fn state(jobs: &Jobs, id: &str) -> State {
    jobs.find(id, NOW).expect("it is known").state
}

fn end(jobs: &Jobs, id: &str) -> End {
    match state(jobs, id) {
        State::Ended { end, .. } => end,
        State::Running { .. } => panic!("it runs"),
    }
}

fn html(job: &Job, now: i64) -> String {
    String::from_utf8(page::html(job, now)).unwrap()
}

fn json(job: &Job) -> serde_json::Value {
    serde_json::from_slice(&page::json(job)).expect("it is JSON")
}

fn failed() -> End {
    End::Failed { reason: "the <disk> \"is\" full".to_owned(), members: 2 }
}

fn stored(jobs: &Jobs) -> usize {
    jobs.store.scan(Space::Jobs, b"", None, usize::MAX).unwrap().len()
}

#[test]
fn a_job_runs_and_ends() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let (id, progress) = start(&jobs, Kind::Copy, "a/b");
    let job = jobs.find(&id, NOW).unwrap();
    assert_eq!((job.kind, &*job.target, job.started, &job.id), (Kind::Copy, &b"a/b"[..], NOW, &id));
    progress.done.store(7, Ordering::Relaxed);
    assert!(matches!(job.state, State::Running { progress, total: None }
        if progress.done.load(Ordering::Relaxed) == 7));
    let done = End::Done { created: true, location: Some(b"/c/".to_vec()) };
    jobs.finish(&id, done.clone(), NOW + 9).unwrap();
    let State::Ended { end: ended, at, done: members } = state(&jobs, &id) else { panic!("it has ended") };
    assert_eq!((ended, at, members), (done.clone(), NOW + 9, 7));
    jobs.finish(&id, End::Cancelled, NOW + 10).unwrap();
    assert_eq!(end(&jobs, &id), done, "it ends once");
    jobs.finish("unknown", End::Cancelled, NOW).unwrap();
    assert!(jobs.find("unknown", NOW).is_none());
    assert_eq!(stored(&jobs), 1);
}

#[test]
fn a_job_is_asked_to_stop() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let (id, progress) = start(&jobs, Kind::Delete, "a");
    assert!(!jobs.cancel("unknown") && !progress.cancelled.load(Ordering::Relaxed));
    assert!(jobs.cancel(&id) && progress.cancelled.load(Ordering::Relaxed));
    assert!(matches!(state(&jobs, &id), State::Running { .. }), "it runs until it has heard");
    jobs.finish(&id, End::Cancelled, NOW).unwrap();
    assert!(!jobs.cancel(&id));
    assert_eq!(end(&jobs, &id), End::Cancelled);
}

#[test]
fn a_job_that_nobody_works_on_is_lost() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let (id, progress) = start(&jobs, Kind::Move, "a");
    drop(progress);
    assert_eq!(end(&jobs, &id), End::Lost);
    assert!(!jobs.cancel(&id));
    assert!(jobs.find(&id, NOW + limits::JOB_TIME).is_none());
    jobs.sweep(NOW + limits::JOB_TIME).unwrap();
    assert_eq!(stored(&jobs), 0);
}

#[test]
fn after_a_restart_it_is_told_what_is_known() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let ends = [
        End::Done { created: true, location: Some(b"/x".to_vec()) },
        End::Done { created: false, location: None },
        failed(),
        End::Cancelled,
    ];
    let ids: Vec<_> = ends
        .iter()
        .map(|end| {
            let (id, progress) = start(&jobs, Kind::Move, "a\u{fe}");
            progress.done.store(3, Ordering::Relaxed);
            jobs.finish(&id, end.clone(), NOW + 1).unwrap();
            id
        })
        .collect();
    let (running, _progress) = start(&jobs, Kind::Delete, "a");
    drop(jobs);
    let jobs = Jobs::open(crate::store::tests::store(&folder), NOW + 50).unwrap();
    for (id, expected) in ids.iter().zip(&ends) {
        let job = jobs.find(id, NOW + 50).unwrap();
        assert_eq!((job.kind, job.target, job.started), (Kind::Move, "a\u{fe}".as_bytes().to_vec(), NOW));
        let State::Ended { end, at, done } = job.state else { panic!("it has ended") };
        assert_eq!((&end, at, done), (expected, NOW + 1, 3));
    }
    assert_eq!(end(&jobs, &running), End::Lost);
    drop(jobs);
    let last = NOW + 50 + limits::JOB_TIME;
    let jobs = Jobs::open(crate::store::tests::store(&folder), last - 1).unwrap();
    assert!(jobs.find(&running, last - 1).is_some(), "it is kept from the restart on at which it was found");
    assert!(jobs.find(&running, last).is_none() && jobs.find(&ids[0], last - 1).is_none());
    assert_eq!(stored(&jobs), 1);
}

#[test]
fn jobs_are_forgotten_in_time() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let (id, _progress) = start(&jobs, Kind::Copy, "a");
    let (running, _progress) = start(&jobs, Kind::Copy, "b");
    jobs.finish(&id, failed(), NOW + 5).unwrap();
    let end = NOW + 5 + limits::JOB_TIME;
    assert!(jobs.find(&id, end - 1).is_some() && jobs.find(&id, end).is_none());
    jobs.sweep(end).unwrap();
    assert!(jobs.find(&id, NOW).is_none() && jobs.find(&running, end).is_some());
    assert_eq!(stored(&jobs), 1);
}

#[test]
fn there_is_an_end_to_jobs() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let mut running: Vec<_> = (0..limits::JOBS_RUNNING).map(|_| start(&jobs, Kind::Copy, "a")).collect();
    assert!(jobs.start(Kind::Copy, b"a", None, NOW).unwrap().is_none());
    jobs.finish(&running.pop().unwrap().0, End::Cancelled, NOW).unwrap();
    let first = start(&jobs, Kind::Copy, "a").0;
    jobs.finish(&first, End::Cancelled, NOW - 1).unwrap();
    while jobs.jobs().len() < limits::JOBS {
        let (id, _) = start(&jobs, Kind::Copy, "a");
        jobs.finish(&id, End::Cancelled, NOW).unwrap();
    }
    assert!(jobs.find(&first, NOW).is_some());
    let (last, _progress) = start(&jobs, Kind::Copy, "a");
    assert!(jobs.find(&first, NOW).is_none(), "the one that ended first made room");
    assert_eq!((jobs.jobs().len(), stored(&jobs)), (limits::JOBS, limits::JOBS));
    assert!(running.iter().all(|(id, _)| jobs.find(id, NOW).is_some()) && jobs.find(&last, NOW).is_some());
}

#[test]
fn a_page_asks_for_itself_again_while_the_job_runs() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let (id, progress) = jobs.start(Kind::Copy, b"a <b>", Some(200), NOW).unwrap().unwrap();
    progress.done.store(50, Ordering::Relaxed);
    let shown = html(&jobs.find(&id, NOW).unwrap(), NOW + 75);
    for part in [
        "<title>Copying /a &lt;b&gt;</title>",
        "<h1><b>Copying <bdi>/a &lt;b&gt;</bdi></b></h1>",
        "<meta http-equiv=refresh content=2>",
        "<progress aria-label=Progress value=50 max=200></progress>",
        "50 of 200 done (25 %)",
        "1 min 15 s",
        "send DELETE",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    progress.done.store(300, Ordering::Relaxed);
    assert!(html(&jobs.find(&id, NOW).unwrap(), NOW).contains("300 of 300 done (100 %)"));
    jobs.cancel(&id);
    let shown = html(&jobs.find(&id, NOW).unwrap(), NOW);
    assert!(shown.contains("It is being stopped.") && !shown.contains("send DELETE"));
    jobs.finish(&id, failed(), NOW + 3_700).unwrap();
    let shown = html(&jobs.find(&id, NOW).unwrap(), NOW);
    for part in [
        "<title>Could not copy /a ",
        "It failed: the &lt;disk&gt; &quot;is&quot; full",
        "2 members are as they were.",
        "after 1 h 1 min",
        "<time datetime=\"1994-11-06T09:51:17Z\">",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("http-equiv=refresh") && !shown.contains("<progress"));
}

#[test]
fn a_page_says_what_came_of_it() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let shown = |end: Option<End>| {
        let (id, progress) = start(&jobs, Kind::Delete, "a");
        progress.done.store(4, Ordering::Relaxed);
        if let Some(end) = end {
            jobs.finish(&id, end, NOW + 1).unwrap();
        }
        drop(progress);
        html(&jobs.find(&id, NOW).unwrap(), NOW)
    };
    let done = shown(Some(End::Done { created: true, location: Some(b"/a?b=c&d=\"".to_vec()) }));
    assert!(done.contains("It is done: something new stands there: <a href=\"/a?b=c&amp;d=&quot;\">"), "{done}");
    assert!(done.contains("<title>Deleted /a</title>"));
    assert!(shown(Some(End::Done { created: false, location: None })).contains("<p>It is done.</p>"));
    assert!(shown(Some(End::Cancelled)).contains("It was stopped when 4 were done."));
    let lost = shown(None);
    assert!(lost.contains("was restarted or failed while it ran; part of it may have been done."), "{lost}");
    assert!(!lost.contains("It ended at"), "nobody knows when");
    let one = shown(Some(End::Failed { reason: String::new(), members: 1 }));
    assert!(one.contains("1 member is as it was."));
}

#[test]
fn programs_are_told_the_same() {
    let folder = Folder::new();
    let jobs = over(&folder);
    let job = |id: &str| json(&jobs.find(id, NOW).unwrap());
    let (id, progress) = jobs.start(Kind::Move, b"a \"b\"/\xff", Some(9), NOW).unwrap().unwrap();
    let running = job(&id);
    assert_eq!(
        running,
        serde_json::json!({
            "id": id, "kind": "move", "target": "/a%20%22b%22/%FF", "state": "running",
            "started": "1994-11-06T08:49:37Z", "done": 0, "total": 9, "stopping": false,
        })
    );
    progress.done.store(5, Ordering::Relaxed);
    jobs.finish(&id, failed(), NOW + 60).unwrap();
    assert_eq!(
        job(&id),
        serde_json::json!({
            "id": id, "kind": "move", "target": "/a%20%22b%22/%FF", "state": "failed", "started": "1994-11-06T08:49:37Z",
            "ended": "1994-11-06T08:50:37Z", "done": 5, "reason": "the <disk> \"is\" full", "members": 2,
        })
    );
    let (id, progress) = start(&jobs, Kind::Copy, "");
    jobs.finish(&id, End::Done { created: true, location: Some(b"/c".to_vec()) }, NOW).unwrap();
    let done = job(&id);
    assert_eq!((&done["state"], &done["created"], &done["location"]), (&"done".into(), &true.into(), &"/c".into()));
    assert_eq!(done["target"], "/");
    drop(progress);
    let (id, progress) = start(&jobs, Kind::Copy, "a");
    drop(progress);
    let lost = job(&id);
    assert_eq!((&lost["state"], lost.get("ended"), lost.get("done")), (&"lost".into(), None, None));
    let (id, _progress) = start(&jobs, Kind::Copy, "a");
    jobs.finish(&id, End::Cancelled, NOW).unwrap();
    assert_eq!(job(&id)["state"], "cancelled");
}

#[test]
fn a_damaged_record_is_told() {
    for value in [&[9][..], &[], &[0; 8]] {
        let folder = Folder::new();
        let store = crate::store::tests::store(&folder);
        store.apply(&[Change::put(Space::Jobs, b"x", value)]).unwrap();
        assert!(matches!(Jobs::open(store, NOW), Err(StoreError::Corrupt(_))));
    }
}
