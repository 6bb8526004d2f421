//! Two processes that sign for one log with one key.

use ordertrace_domain::Sequence;

use crate::{
    expected::assert_all_right,
    site::{Running, Site, folder},
};

/// Whoever is quicker signs; the other sees it, checks it, and goes on from it.
#[tokio::test(flavor = "multi_thread")]
async fn two_signers_never_sign_past_each_other() {
    let (site, folders) = (Site::new(), [folder(), folder()]);
    let signers: Vec<Running> = folders.iter().map(|folder| site.signer(folder)).collect();
    for _ in 0..60 {
        site.write(1).await;
        // Sometimes one is due by time, and sometimes by number.
        site.pass();
        tokio::task::yield_now().await;
    }
    let head = site.head().await;
    for signer in &signers {
        signer.until_at(head).await;
    }
    site.pass();
    let mut last = Vec::new();
    for signer in &signers {
        last.push(signer.until_signed(head).await.last.unwrap());
    }
    assert_eq!(last[0].number, last[1].number);
    assert_eq!(last[0].note, last[1].note);
    assert_all_right(&site).await;
    for signer in signers {
        assert_eq!(signer.audit.status().halted, None);
        signer.stop().await;
    }
}

#[tokio::test]
async fn a_second_signer_goes_on_where_the_first_has_ended() {
    let (site, folders) = (Site::new(), [folder(), folder()]);
    for (turn, folder) in (1..).zip([&folders[0], &folders[1], &folders[0], &folders[1]]) {
        let running = site.signer(folder);
        site.write(5).await;
        site.pass();
        running.until_signed(Sequence::new(35 * turn)).await;
        running.stop().await;
    }
    assert_all_right(&site).await;
}
