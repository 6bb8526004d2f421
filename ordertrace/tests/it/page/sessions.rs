//! How a session begins, and what ends it.

use std::time::Duration;

use reqwest::Method;
use tokio::time::Instant;

use super::{browser::Browser, town::Town};
use crate::harness::{PATIENCE, wait_until};

/// How soon a key that is revoked counts no longer, with some room for a busy machine.
const REVOKED_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_session_begins_with_what_counts_and_ends_with_a_click() {
    let town = Town::open(&[]).await;
    let (alice, _) = town.key("customer", "alice").await;
    let mut browser = town.browser();
    let asked = browser.get("/ui/orders?state=placed").await;
    let log_in = "/ui/login?next=%2Fui%2Forders%3Fstate%3Dplaced";
    assert_eq!((asked.status, asked.header("location")), (303, log_in));
    let form = browser.get(log_in).await;
    assert_eq!(form.field("next"), "/ui/orders?state=placed");

    let refused = browser.post("/ui/login", "credential=ot_nobody").await;
    assert_eq!((refused.status, browser.has_cookie()), (401, false));
    refused.has("This does not count here.").has_no("ot_nobody");
    let begun = browser.log_in(&alice).await;
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("ordertrace="), "{cookie}");
    let attributes = "; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax";
    assert!(cookie.ends_with(attributes), "{cookie}");
    assert!(!cookie.contains(&alice));
    let seen = browser.get("/ui/orders").await;
    assert_eq!(
        (seen.status, seen.header("cache-control")),
        (200, "no-store")
    );

    let before = browser.and_at(&town.page.addr);
    let form = format!("csrf={}", browser.csrf().await);
    let left = browser.post("/ui/logout", &form).await;
    assert_eq!((left.status, left.header("location")), (303, "/ui/login"));
    assert!(!browser.has_cookie() && before.has_cookie());
    let after = browser.get("/ui/orders").await;
    assert_eq!(after.status, 303);
    after.has_no("Coffee");
}

#[tokio::test]
async fn no_other_site_logs_anybody_in() {
    let town = Town::open(&[]).await;
    let (mallory, _) = town.key("customer", "mallory").await;
    let form = format!("credential={mallory}");
    for from in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let mut victim = town.browser();
        let sent = victim
            .send(Method::POST, "/ui/login", &[from], Some(&form))
            .await;
        assert_eq!((sent.status, victim.has_cookie()), (403, false), "{from:?}");
    }
    let origin = format!("http://{}", town.page.addr);
    let own = [
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let mut owner = town.browser();
    let sent = owner
        .send(Method::POST, "/ui/login", &own, Some(&form))
        .await;
    assert_eq!((sent.status, owner.has_cookie()), (303, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_with_its_key_on_pages_and_streams_alike() {
    let town = Town::open(&[]).await;
    let (alice, id) = town.key("customer", "alice").await;
    let mut alice = town.logged_in(&alice).await;
    assert_eq!(alice.get("/ui/orders").await.status, 200);
    let stream = alice.ask(Method::GET, "/ui/orders/stream", &[], None).await;
    assert_eq!(stream.status(), 200);

    town.keys.revoke(&id).await;
    let revoked = Instant::now();
    let kept = alice.and_at(&town.page.addr);
    wait_until("the session has ended", PATIENCE, async || {
        let page = alice.get("/ui/orders").await;
        (page.status == 303).then_some(())
    })
    .await;
    assert!(
        revoked.elapsed() <= REVOKED_WITHIN,
        "{:?}",
        revoked.elapsed()
    );
    assert!(!alice.has_cookie(), "the browser forgets it");
    // The stream that goes on is ended by the role it comes from; whoever comes back is told to log in.
    let told = tokio::time::timeout(PATIENCE, stream.text())
        .await
        .unwrap()
        .unwrap();
    assert!(told.contains("event: closing"), "{told}");
    let again = kept.ask(Method::GET, "/ui/orders/stream", &[], None).await;
    assert_eq!(again.text().await.unwrap(), "event: login\ndata: {}\n\n");
}

#[tokio::test]
async fn instances_with_one_key_share_their_sessions_and_keys_can_be_changed() {
    let [old, new] = ["0f1e".repeat(16), "2d3c".repeat(16)];
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (old_file, new_file) = (file("old", &old), file("new", &format!("{new}\n{old}\n")));
    let other_file = file("other", &new);
    let town = Town::open(&["--session-key-file", &old_file]).await;
    let changed = town.another_page(&["--session-key-file", &new_file]).await;
    let strange = town
        .another_page(&["--session-key-file", &other_file])
        .await;
    let (alice, _) = town.key("customer", "alice").await;
    let alice = town.logged_in(&alice).await;
    let status = async |page: &str| {
        let mut browser: Browser = alice.and_at(page);
        browser.get("/ui/orders").await.status
    };
    assert_eq!(status(&town.page.addr).await, 200);
    assert_eq!(status(&changed.addr).await, 200);
    assert_eq!(status(&strange.addr).await, 303);
}

#[tokio::test]
async fn who_tries_one_key_after_the_other_is_slowed_down_and_others_are_not() {
    let town = Town::open(&[]).await;
    let mut browser = town.browser();
    let slowed = wait_until("it is too much", PATIENCE, async || {
        let page = browser.post("/ui/login", "credential=ot_guess").await;
        (page.status == 429).then_some(page)
    });
    let slowed = slowed.await;
    assert_ne!(slowed.header("retry-after"), "");
    slowed.has("<h1").has("try again in a moment");
    assert_eq!(browser.get("/ui/login").await.status, 200);
}
