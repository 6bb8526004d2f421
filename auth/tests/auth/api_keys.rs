//! API keys, from the command line to a request.

use std::{fs, time::Duration};

use axum::http::StatusCode;
use ordertrace_auth::{KeyFileError, KeyId, NewApiKey, create, list, revoke};
use ordertrace_domain::Timestamp;
use ordertrace_http::{Role, Roles};
use secrecy::ExposeSecret as _;

use crate::shop::Shop;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// A running server looks again after this.
const LOOK_EVERY: Duration = Duration::from_secs(1);

fn courier(name: &str) -> NewApiKey {
    NewApiKey {
        name: name.to_owned(),
        roles: Roles::NONE.and(Role::Courier),
        customer_id: None,
    }
}

fn made(shop: &Shop, new: NewApiKey) -> (KeyId, String) {
    let (record, text) = create(&shop.keys(), new, NOW).unwrap();
    (record.id, text.expose_secret().to_owned())
}

async fn later() {
    tokio::time::advance(LOOK_EVERY).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_counts_from_when_it_is_made_until_it_is_revoked_without_a_restart() {
    let shop = Shop::new();
    let before = format!("ot_0123456789abcdef_{}", "A".repeat(43));
    let status = shop.bearer(&before).await.status;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (id, key) = made(&shop, courier("van-1"));
    later().await;
    let who = "apikey:van-1 as courier";
    assert_eq!(shop.bearer(&key).await.body, who);
    assert_eq!(shop.get(&[("x-api-key", &key)]).await.body, who);
    revoke(&shop.keys(), &id, NOW).unwrap();
    later().await;
    let status = shop.bearer(&key).await.status;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(list(&shop.keys()).unwrap()[0].revoked_at, Some(NOW));
}

#[tokio::test(start_paused = true)]
async fn a_key_for_a_customer_acts_for_them_in_its_own_name() {
    let shop = Shop::new();
    let new = NewApiKey {
        roles: Roles::NONE.and(Role::Customer),
        customer_id: Some("alice".to_owned()),
        ..courier("alice-s-app")
    };
    let (_, key) = made(&shop, new);
    let who = "apikey:alice-s-app for alice as customer";
    assert_eq!(shop.bearer(&key).await.body, who);
}

#[tokio::test(start_paused = true)]
async fn a_key_with_any_other_secret_or_id_is_refused() {
    let shop = Shop::new();
    let (_, one) = made(&shop, courier("one"));
    let (_, two) = made(&shop, courier("two"));
    let swapped = format!("{}{}", &one[..20], &two[20..]);
    let file = fs::read_to_string(shop.keys()).unwrap();
    let record: serde_json::Value = serde_json::from_str(file.lines().next().unwrap()).unwrap();
    let hash = record["hash"].as_str().unwrap();
    for wrong in [
        swapped,
        format!("{}{}", &one[..20], hash),
        format!("{}{}", &one[..20], &hash[..43]),
        one[..one.len() - 1].to_owned(),
        format!("{one}A"),
        one.to_uppercase(),
        one[..19].to_owned(),
    ] {
        let status = shop.bearer(&wrong).await.status;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    assert_eq!(shop.bearer(&one).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_file_takes_nothing_from_anybody_and_is_not_written_over() {
    let shop = Shop::new();
    let (id, key) = made(&shop, courier("van-1"));
    assert_eq!(shop.bearer(&key).await.status, StatusCode::OK);
    let whole = fs::read_to_string(shop.keys()).unwrap();
    let damaged = &whole[..whole.len() / 2];
    fs::write(shop.keys(), damaged).unwrap();
    later().await;
    assert_eq!(shop.bearer(&key).await.status, StatusCode::OK);
    let refused = revoke(&shop.keys(), &id, NOW).unwrap_err();
    assert!(matches!(refused, KeyFileError::Damaged { .. }), "{refused}");
    create(&shop.keys(), courier("van-2"), NOW).unwrap_err();
    assert_eq!(fs::read_to_string(shop.keys()).unwrap(), damaged);
    fs::write(shop.keys(), "").unwrap();
    later().await;
    let status = shop.bearer(&key).await.status;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_never_was_of_use_lets_nobody_in_and_says_so() {
    let shop = Shop::new();
    fs::write(shop.keys(), "no keys").unwrap();
    let key = format!("ot_0123456789abcdef_{}", "A".repeat(43));
    let status = shop.bearer(&key).await.status;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!shop.authenticator.is_ready().await);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_changed_stays_with_whom_it_belongs_to_and_who_may_read_it() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

    let shop = Shop::new();
    let file = shop.keys();
    let (id, _) = made(&shop, courier("van-1"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    // Only root may give a file away.
    let is_given = chown(&file, Some(65_534), Some(65_534)).is_ok();
    revoke(&file, &id, NOW).unwrap();
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    assert_eq!(metadata.uid() == 65_534, is_given);
}

#[test]
fn those_who_change_the_file_at_once_lose_nothing() {
    let shop = Shop::new();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let file = shop.keys();
            scope.spawn(move || create(&file, courier(&format!("van-{number}")), NOW).unwrap());
        }
    });
    assert_eq!(list(&shop.keys()).unwrap().len(), 8);
}

#[test]
fn a_name_is_given_once_and_an_unknown_key_can_t_be_revoked() {
    let shop = Shop::new();
    let file = shop.keys();
    let (id, _) = made(&shop, courier("van-1"));
    let revoked = revoke(&file, &id, NOW).unwrap();
    let again = revoke(&file, &id, NOW.after(LOOK_EVERY)).unwrap();
    assert_eq!(again.revoked_at, revoked.revoked_at);
    let taken = create(&file, courier("van-1"), NOW).unwrap_err();
    assert!(matches!(taken, KeyFileError::Invalid(_)), "{taken}");
    let unknown = KeyId::parse("0123456789abcdef").unwrap();
    revoke(&file, &unknown, NOW).unwrap_err();
    assert!(list(&file.with_extension("none")).unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owner_s_alone_and_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt as _;

    let shop = Shop::new();
    let (_, key) = made(&shop, courier("van-1"));
    made(&shop, courier("van-2"));
    let mode = fs::metadata(shop.keys()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(shop.keys()).unwrap();
    assert!(!text.contains(&key[20..]));
    let (record, text) = create(&shop.keys(), courier("van-3"), NOW).unwrap();
    let shown = format!("{record:?}{text:?}");
    assert!(!shown.contains(&text.expose_secret()[20..]), "{shown}");
}
