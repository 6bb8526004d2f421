//! Questions over a network: late, lost or doubled, each way.
//!
//! Invariant: what was sent outlives its sender. A request that is under way when its process dies may still arrive.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::oneshot,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::{Fault, World};

/// How one network behaves.
pub(crate) struct Wire {
    request_lost: Fault,
    reply_lost: Fault,
    doubled: Fault,
    slow: Fault,
    /// How long a slow message takes at most, in milliseconds.
    slow_ms_max: u64,
    /// How long an answer is waited for.
    patience: Duration,
}

/// Between a process and the log; the patience is that of `nats/`.
pub(crate) const LOG_WIRE: Wire = Wire {
    request_lost: Fault::RequestLost,
    reply_lost: Fault::ReplyLost,
    doubled: Fault::RequestDoubled,
    slow: Fault::SlowNetwork,
    slow_ms_max: 7_000,
    patience: Duration::from_secs(5),
};

/// Between the saga and the provider; the patience is that of the provider's adapter.
pub(crate) const PROVIDER_WIRE: Wire = Wire {
    request_lost: Fault::ProviderRequestLost,
    reply_lost: Fault::ProviderReplyLost,
    doubled: Fault::ProviderDoubled,
    slow: Fault::ProviderSlow,
    slow_ms_max: 25_000,
    patience: Duration::from_secs(8),
};

/// How long a message usually takes at most.
const TRANSIT_MS_MAX: u64 = 20;

/// How late the second of a doubled request comes at most.
const TWIN_MS_MAX: u64 = 10_000;

impl Wire {
    fn transit(&self, world: &World) -> Duration {
        if world.strikes(self.slow) {
            world.between_ms(100, self.slow_ms_max)
        } else {
            world.between_ms(0, TRANSIT_MS_MAX)
        }
    }
}

/// Asks over a wire. `act` is what the other side does when the request arrives; it says `None` if nobody is there. No
/// answer is `None`, after the patience of the wire.
pub(crate) async fn call<T, F>(world: &Arc<World>, wire: &'static Wire, mut act: F) -> Option<T>
where
    T: Send + 'static,
    F: FnMut() -> Option<T> + Send + 'static,
{
    let deadline = Instant::now() + wire.patience;
    let (reply, answer) = oneshot::channel();
    let there = Arc::clone(world);
    tokio::spawn(async move {
        if there.strikes(wire.request_lost) {
            return;
        }
        sleep(wire.transit(&there)).await;
        if let Some(result) = act()
            && !there.strikes(wire.reply_lost)
        {
            let back = wire.transit(&there);
            let twin = there.strikes(wire.doubled);
            sleep(back).await;
            // The asker may have gone meanwhile.
            let _ = reply.send(result);
            if twin {
                sleep(there.between_ms(0, TWIN_MS_MAX)).await;
                drop(act());
            }
        }
    });
    let Ok(Ok(answer)) = timeout_at(deadline, answer).await else {
        // Whoever asked does not learn that a message got lost, only that time passes.
        sleep_until(deadline).await;
        return None;
    };
    Some(answer)
}
