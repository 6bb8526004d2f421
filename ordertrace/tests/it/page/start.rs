//! What a page is told at its start, and what it refuses to start with.

use reqwest::Method;

use super::{browser::Browser, town::Keys};
use crate::harness::{Program, Role};

async fn refused(args: &[&str]) -> String {
    let listen = ["page", "--listen", "127.0.0.1:0"];
    let mut program = Program::run(listen.into_iter().chain(args.iter().copied())).await;
    assert_eq!(program.code(), Some(2), "{args:?}: {}", program.stderr());
    program.stderr()
}

#[tokio::test]
async fn an_address_that_is_none_is_told_at_once_and_what_is_secret_in_it_is_not() {
    for (args, words) in [
        (
            ["--saga-url", "http://me:secret@saga:8082"],
            "kept from nobody",
        ),
        (["--saga-url", "ftp://saga"], "neither http nor https"),
        (
            ["--audit-url", "http://audit:8084/audit"],
            "nothing behind it",
        ),
        (["--public-url", "http://shop.example"], "could read"),
    ] {
        let told = refused(&args).await;
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_told_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::at(folder.path());
    let file = folder.path().join("session-key");
    std::fs::write(&file, "0f0f0f\n").unwrap();
    let flags = ["--session-key-file", file.to_str().unwrap()];
    let args = ["page", "--listen", "127.0.0.1:0"];
    let all = [&args[..], &keys.flags(), &flags].concat();
    let mut program = Program::run(all).await;
    assert_eq!(program.code(), Some(1), "{}", program.stderr());
    let told = program.stderr();
    assert!(told.contains("64 hexadecimal digits"), "{told}");
    assert!(!told.contains("0f0f0f"), "{told}");
}

#[tokio::test]
async fn where_browsers_come_over_tls_the_cookie_is_for_that_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::at(folder.path());
    let (alice, _) = keys.make("customer", "alice").await;
    let public = ["--public-url", "https://shop.example"];
    let role = Role::start("page", &[&keys.flags()[..], &public].concat()).await;
    let form = format!("credential={alice}");
    let mut browser = Browser::at(&role.addr);
    let through = [("host", "shop.example"), ("origin", "https://shop.example")];
    let begun = browser
        .send(Method::POST, "/ui/login", &through, Some(&form))
        .await;
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-ordertrace="), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    for host in ["evil.example", "shop.example.evil.example"] {
        let wrong = [("host", host)];
        let page = browser.send(Method::GET, "/ui/login", &wrong, None).await;
        assert_eq!(page.status, 421, "{host}");
    }
}

#[tokio::test]
async fn beyond_this_machine_it_has_to_know_under_which_address_it_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::at(folder.path());
    let args = ["page", "--listen", "0.0.0.0:0"];
    let mut program = Program::run([&args[..], &keys.flags()].concat()).await;
    assert_eq!(program.code(), Some(2), "{}", program.stderr());
    assert!(
        program.stderr().contains("--public-url"),
        "{}",
        program.stderr()
    );
}
