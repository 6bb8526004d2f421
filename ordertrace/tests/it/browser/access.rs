//! Whether everybody can use the pages: read them in both themes, on a telephone, with a keyboard alone.

use fantoccini::key::Key;

use super::axe::{Axe, Violation};
use super::chromium::{Screen, Scripts, Tab, Theme};
use super::stage::{PLACE, Stage, order_on};
use crate::harness::cash_order;

/// More presses of the Tab key than it takes to go through any of the forms.
const TABS_MAX: usize = 60;

#[tokio::test]
async fn no_page_keeps_anybody_out() {
    let Some(stage) = Stage::set(&[]).await else {
        return;
    };
    let axe = Axe::ready();
    let tab = stage.chromium.tab(Scripts::Run).await;
    let mut faults = Vec::new();
    faults.extend(look_at(&stage, &axe, &tab, "/ui/orders").await);
    let order = stage.dev.api.place(cash_order()).await;
    stage.dev.api.trace_at(&order, "payment_requested").await;
    let order = format!("/ui/orders/{order}");
    let nothing = "/ui/orders?customerId=nobody";
    for page in ["/ui/orders", nothing, &order, "/ui/ops", "/ui/orders/new"] {
        faults.extend(look_at(&stage, &axe, &tab, page).await);
        tab.assert_content().await;
    }
    tab.click(PLACE).await;
    tab.find("[aria-invalid='true']").await;
    faults.extend(faults_of(&axe, &tab, "the form with faults").await);
    faults.extend(look_at(&stage, &axe, &tab, "/ui/nowhere").await);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    tab.close().await;
}

/// Goes to a page, and says what is wrong with it.
async fn look_at(stage: &Stage, axe: &Axe, tab: &Tab, page: &str) -> Vec<String> {
    tab.go(&stage.page(page)).await;
    tab.find("h1").await;
    faults_of(axe, tab, page).await
}

/// What is wrong with the page that is shown, in both themes, on a desk and on a telephone.
pub(super) async fn faults_of(axe: &Axe, tab: &Tab, page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for screen in [Screen::DESKTOP, Screen::PHONE] {
        tab.show_on(screen).await;
        let hidden = tab.hidden_to_the_right().await;
        if hidden > 0 {
            let width = screen.width;
            faults.push(format!("{page} at {width} px: {hidden} px out of sight"));
        }
        for theme in Theme::BOTH {
            tab.prefer(theme).await;
            tab.settled().await;
            let place = format!("{page} at {} px, {}", screen.width, theme.name());
            let found = axe.look_at(tab).await;
            // All that is found is shown, whether or not it keeps anybody out.
            found.iter().for_each(|found| println!("{place}: {found}"));
            let serious = found.iter().filter(|found| Violation::is_serious(found));
            faults.extend(serious.map(|found| format!("{place}: {found}")));
        }
    }
    faults
}

#[tokio::test]
async fn a_keyboard_is_enough() {
    let Some(stage) = Stage::set(&[]).await else {
        return;
    };
    let tab = stage.chromium.tab(Scripts::Run).await;
    tab.go(&stage.page("/ui/orders")).await;
    tab.find("#filter-state").await;

    tab.type_keys("?").await;
    tab.find("dialog[open]").await;
    tab.press(Key::Escape).await;
    tab.until("the list of keys is closed", async |tab| {
        tab.count("dialog[open]").await == 0
    })
    .await;
    tab.type_keys("/").await;
    assert_eq!(focused(&tab, "id").await, "filter-state");

    tab.go(&stage.page("/ui/orders/new")).await;
    for (field, value) in [
        ("line-0-productName", "Coffee"),
        ("line-0-productId", "1"),
        ("line-0-qty", "1"),
        ("line-0-price", "4.50"),
    ] {
        tab_to(&tab, field).await;
        tab.retype(value).await;
    }
    tab.press(Key::Enter).await;
    order_on(&tab).await;
    tab.assert_content().await;
    tab.close().await;
}

/// Presses Tab until the field has the focus. Whatever has it on the way shows so.
async fn tab_to(tab: &Tab, field: &str) {
    for _ in 0..TABS_MAX {
        if focused(tab, "id").await == field {
            return;
        }
        tab.press(Key::Tab).await;
        assert!(
            shows_focus(tab).await,
            "nothing shows that {} has the focus",
            focused(tab, "outerHTML").await
        );
    }
    panic!("{field} can't be reached with the Tab key");
}

async fn focused(tab: &Tab, property: &str) -> String {
    let script = format!("return String(document.activeElement.{property} ?? '');");
    tab.script(&script).await.as_str().unwrap().to_owned()
}

/// Whether what has the focus is drawn with an outline or a shadow around it.
async fn shows_focus(tab: &Tab) -> bool {
    let script = "
        const focused = document.activeElement;
        const style = getComputedStyle(focused);
        const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        return focused.matches(':focus-visible') && (outlined || style.boxShadow !== 'none');";
    tab.script(script).await == true
}
