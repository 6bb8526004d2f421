//! How large a page is shown, and in which colours.

use serde_json::{Value, json};

use super::Tab;

/// Fonts are loaded, and whatever changed is drawn.
const SETTLED: &str = "
    const done = arguments[0];
    document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(null))));";

/// What a page is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// In CSS pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// How many of the picture's pixels a CSS pixel is, in each direction.
    pub(crate) scale: u32,
}

/// What the reader's system says it prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

impl Screen {
    /// A screen of a desk.
    pub(crate) const DESKTOP: Self = Self::of(1_280, 900);

    /// The narrowest telephone that the page is made for.
    pub(crate) const PHONE: Self = Self::of(360, 780);

    /// A screen on which a CSS pixel is a pixel.
    pub(crate) const fn of(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            scale: 1,
        }
    }
}

impl Theme {
    pub(crate) const BOTH: [Self; 2] = [Self::Light, Self::Dark];

    /// As CSS names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Tab {
    /// Shows pages on this screen from now on.
    pub(crate) async fn show_on(&self, screen: Screen) {
        let metrics = json!({"width": screen.width, "height": screen.height,
            "deviceScaleFactor": screen.scale, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Shows pages as somebody sees them who prefers this theme, and no movement.
    pub(crate) async fn prefer(&self, theme: Theme) {
        let features: [Value; 2] = [
            json!({"name": "prefers-color-scheme", "value": theme.name()}),
            json!({"name": "prefers-reduced-motion", "value": "reduce"}),
        ];
        let media = json!({"media": "screen", "features": features});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Waits until all that is to be seen is drawn.
    pub(crate) async fn settled(&self) {
        self.script_until_told(SETTLED).await;
    }

    /// How many CSS pixels of the page are out of sight to the right.
    pub(crate) async fn hidden_to_the_right(&self) -> i64 {
        let script =
            "const page = document.documentElement; return page.scrollWidth - page.clientWidth;";
        self.script(script).await.as_i64().unwrap()
    }
}
