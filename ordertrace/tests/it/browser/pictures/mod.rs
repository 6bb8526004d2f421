//! The pictures in the documentation: each page, in both themes, on a desk and on a telephone.
//!
//! Not a test: a command that CONTRIBUTING names. It writes `docs/images`, from a shop that it opens for that and fills
//! with orders in every kind of trouble.

mod day;
mod fate;
mod seed;

mod camera;

use std::env;
use std::path::{Path, PathBuf};

use fantoccini::key::Key;

use super::chromium::{Screen, Scripts, Tab, Theme};
use super::stage::{PLACE, Stage, timeline, until_live};
use camera::shoot;
use seed::Seeded;

/// Where the pictures go instead, when it is set.
const FOLDER: &str = "ORDERTRACE_PICTURES_DIR";

const DESKTOP: Screen = Screen::of(1_440, 900);
const PHONE: Screen = Screen::of(360, 780);

/// The pages, by the names of their pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Orders,
    Order,
    Past,
    Form,
    Operations,
}

impl Subject {
    const ALL: [Self; 5] = [
        Self::Orders,
        Self::Order,
        Self::Past,
        Self::Form,
        Self::Operations,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Order => "order",
            Self::Past => "order-past",
            Self::Form => "place",
            Self::Operations => "operations",
        }
    }

    /// Whether the README shows it, and so in more detail.
    fn is_in_the_readme(self) -> bool {
        matches!(self, Self::Orders | Self::Order)
    }

    /// Goes to the page, as somebody gets there.
    async fn pose(self, stage: &Stage, seeded: &Seeded, tab: &Tab) {
        let order = format!("/ui/orders/{}", seeded.told);
        match self {
            Self::Orders => tab.go(&stage.page("/ui/orders")).await,
            Self::Order | Self::Past => tab.go(&stage.page(&order)).await,
            Self::Form => tab.go(&stage.page("/ui/orders/new")).await,
            Self::Operations => tab.go(&stage.page("/ui/ops")).await,
        }
        match self {
            Self::Orders | Self::Order => until_live(tab).await,
            Self::Past => step_back(tab).await,
            Self::Form => fill_badly(tab).await,
            Self::Operations => {
                tab.find(".ops-card").await;
            }
        }
    }
}

#[tokio::test]
#[ignore = "writes the documentation's pictures; CONTRIBUTING says when"]
async fn pictures_of_every_page() {
    let data = tempfile::tempdir().unwrap();
    let seeded = seed::fill(data.path()).await;
    let stage = Stage::set_on(data, &seed::TERMS).await;
    let stage = stage.expect("a chromedriver");
    let tab = stage.chromium.tab(Scripts::Run).await;
    let folder = folder();
    std::fs::create_dir_all(&folder).unwrap();
    for theme in Theme::BOTH {
        tab.prefer(theme).await;
        for screen in [DESKTOP, PHONE] {
            for subject in Subject::ALL {
                let is_large = screen == DESKTOP && subject.is_in_the_readme();
                let scale = if is_large { 2 } else { 1 };
                let screen = Screen { scale, ..screen };
                tab.show_on(screen).await;
                subject.pose(&stage, &seeded, &tab).await;
                let name = format!("{}-{}-{}.png", subject.name(), theme.name(), screen.width);
                shoot(&tab, screen, &folder.join(name)).await;
            }
        }
    }
    tab.close().await;
}

fn folder() -> PathBuf {
    env::var_os(FOLDER).map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images"),
        PathBuf::from,
    )
}

/// Some way back on the slider.
async fn step_back(tab: &Tab) {
    until_live(tab).await;
    let events = timeline(tab).await.len();
    tab.focus("#rewind-version").await;
    for left in 1..=3 {
        tab.press(Key::Left).await;
        tab.until("the page shows the past", async |tab| {
            timeline(tab).await.len() == events - left
        })
        .await;
    }
}

/// A form that the API has something to say about.
async fn fill_badly(tab: &Tab) {
    tab.fill("#line-0-productName", "Espresso beans, 1 kg")
        .await;
    tab.fill("#line-0-productId", "101").await;
    tab.fill("#line-0-qty", "0").await;
    tab.fill("#line-0-price", "18.50").await;
    tab.click(PLACE).await;
    tab.find("[aria-invalid='true']").await;
}
