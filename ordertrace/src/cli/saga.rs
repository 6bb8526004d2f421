//! The terms of fulfilment, and the payment provider.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use ordertrace_domain::{Attempt, Patience};
use ordertrace_saga::Policy;

/// Terms of fulfilment, beyond which an order is listed as stuck.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Terms of fulfilment, the same for saga and projections")]
pub(crate) struct PatienceArgs {
    /// How long an order may stay unpaid
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_PAYMENT_DEADLINE", default_value = "24h", value_parser = duration)]
    payment_deadline: Duration,
    /// How long a delivery may take, all attempts together
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_DELIVERY_DEADLINE", default_value = "7days", value_parser = duration)]
    delivery_deadline: Duration,
    /// How often the provider is asked how a payment ended before the order is listed as stuck
    #[arg(long, value_name = "N", env = "ORDERTRACE_PAYMENT_CHECKS", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    payment_checks: u16,
    /// How often a refund is tried before the order is listed as stuck; it is tried on
    #[arg(long, value_name = "N", env = "ORDERTRACE_REFUND_ATTEMPTS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    refund_attempts: u16,
    /// How long nothing may happen to an order that waits for no person, or is past its deadline, before it is listed as
    /// stuck
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_STUCK_AFTER", default_value = "15min", value_parser = duration)]
    stuck_after: Duration,
}

impl PatienceArgs {
    /// When an order counts as stuck under these terms.
    pub(crate) fn patience(&self) -> Patience {
        Patience {
            payment_checks_max: Attempt::new(self.payment_checks),
            refund_attempts_max: Attempt::new(self.refund_attempts),
            payment_deadline: self.payment_deadline,
            delivery_deadline: self.delivery_deadline,
            idle_max: self.stuck_after,
        }
    }
}

/// Terms of fulfilment.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Terms of fulfilment")]
pub(crate) struct SagaArgs {
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    /// After how many failed attempts a delivery has failed for good
    #[arg(long, value_name = "N", env = "ORDERTRACE_DELIVERY_ATTEMPTS", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    delivery_attempts: u16,
    /// How long after a failed attempt the goods go out again by themselves
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_DELIVERY_RETRY_DELAY", default_value = "4h", value_parser = duration)]
    delivery_retry_delay: Duration,
    /// How long to wait before the provider is asked again how a payment ended; doubled each time, up to 10 minutes
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_PAYMENT_CHECK_DELAY", default_value = "2s", value_parser = duration)]
    payment_check_delay: Duration,
    /// How long to wait before a refund is tried again; doubled each time, up to 10 minutes
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_REFUND_RETRY_DELAY", default_value = "5s", value_parser = duration)]
    refund_retry_delay: Duration,
}

impl SagaArgs {
    /// The saga's policy with these terms.
    pub(crate) fn policy(&self) -> Policy {
        let Patience {
            payment_checks_max,
            refund_attempts_max,
            payment_deadline,
            delivery_deadline,
            idle_max,
        } = self.patience.patience();
        Policy {
            payment_deadline,
            delivery_deadline,
            payment_checks_max,
            refund_attempts_max,
            idle_max,
            delivery_attempts_max: Attempt::new(self.delivery_attempts),
            delivery_retry_delay: self.delivery_retry_delay,
            payment_check_delay: self.payment_check_delay,
            refund_retry_delay: self.refund_retry_delay,
            ..Policy::default()
        }
    }
}

/// Which payment provider to use.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Payment provider")]
pub(crate) struct ProviderArgs {
    /// Where the payment provider is, which speaks Stripe's API, such as https://api.stripe.com [default: a simulator, which
    /// `dev` starts and other processes on its data folder share]. Its secret key is read from
    /// ORDERTRACE_PAYMENT_PROVIDER_SECRET, or from the file below
    #[arg(
        long = "payment-provider-url",
        value_name = "URL",
        env = "ORDERTRACE_PAYMENT_PROVIDER_URL"
    )]
    url: Option<String>,
    /// The file that holds the secret key
    #[arg(
        long = "payment-provider-secret-file",
        value_name = "FILE",
        env = "ORDERTRACE_PAYMENT_PROVIDER_SECRET_FILE"
    )]
    pub(crate) secret_file: Option<PathBuf>,
    /// How long the provider may take to answer one request
    #[arg(
        long = "payment-provider-timeout",
        value_name = "TIME",
        env = "ORDERTRACE_PAYMENT_PROVIDER_TIMEOUT",
        default_value = "8s",
        value_parser = timeout
    )]
    pub(crate) timeout: Duration,
}

impl ProviderArgs {
    /// The provider's address, if one is named; an empty variable names none.
    pub(crate) fn url(&self) -> Option<&str> {
        let url = self.url.as_deref().map(str::trim);
        url.filter(|url| !url.is_empty())
    }
}

/// A call of the saga to the provider may take two requests, and work in hand is handed to nobody else meanwhile.
const TIMEOUT_MAX: Duration = Duration::from_secs(8);

fn timeout(text: &str) -> Result<Duration, String> {
    let timeout = duration(text)?;
    if timeout > TIMEOUT_MAX {
        return Err(format!("it can be at most {} s", TIMEOUT_MAX.as_secs()));
    }
    Ok(timeout)
}

/// A time that passes; none at all would turn a wait into a busy loop.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration < Duration::from_millis(1) {
        return Err("it has to be at least 1ms".to_owned());
    }
    Ok(duration)
}
