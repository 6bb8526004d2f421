//! The place for messages that could not be handled.

use std::sync::Arc;

use async_trait::async_trait;
use ordertrace_domain::{LogError, Parked, Parking};

use super::{link::Link, server::Server};

#[async_trait]
impl Parking for Link {
    async fn park(&self, parked: Parked) -> Result<(), LogError> {
        let act = move |server: &Arc<Server>| {
            let world = &server.world;
            world.note(format_args!(
                "parked: {}: {}",
                parked.sequence, parked.reason
            ));
            let mut state = server.state();
            state.parked.insert(parked.sequence, parked.clone());
        };
        self.tell(act).await
    }
}
