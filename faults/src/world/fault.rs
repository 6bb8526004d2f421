//! What can go wrong, and what can be wrong.

/// Declares a plain enum with its list and a stable word for each of its values.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$each])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// A stable word for it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words! {
    /// A fault that the simulation injects.
    Fault {
        /// A request to the log gets lost.
        RequestLost = "a request to the log got lost",
        /// The log did what it was asked for, and nobody heard of it.
        ReplyLost = "a reply of the log got lost",
        /// A request or a reply takes seconds.
        SlowNetwork = "a message to or from the log took seconds",
        /// A request arrives a second time, later.
        RequestDoubled = "a request to the log came twice",
        /// An answer of R3 only: another message of the subject is on its way through the replicas.
        InFlight = "an append met another one in flight",
        /// A replica or a cache answers that lags.
        StaleRead = "a read was stale",
        /// The stream has no leader for about five seconds.
        LeaderGap = "the log had no leader",
        /// A command process ends at an await of a port.
        ApiCrash = "a command process crashed",
        /// A saga process ends at an await of a port.
        SagaCrash = "a saga process crashed",
        /// A projections process ends at an await of a port.
        ViewCrash = "a projections process crashed",
        /// A process ends wherever it happens to be.
        SuddenDeath = "a process was killed at a random time",
        /// Work is handed out again though it was not finished.
        Redelivered = "work was handed out twice",
        /// Work that was acknowledged long ago is handed out again.
        RedeliveredAll = "all work of a shard was handed out again",
        /// The queue hands out a later order's work first.
        Reordered = "work of another order came first",
        /// A shard goes to the other saga while the first still works on it.
        PinMoved = "a shard changed hands while work was in hand",
        /// A timer fires seconds late.
        TimerLate = "a timer fired late",
        /// A timer fires twice.
        TimerDoubled = "a timer fired twice",
        /// A process's clock is seconds off.
        ClockSkew = "a process had a wrong clock",
        /// A request to the provider gets lost.
        ProviderRequestLost = "a request to the provider got lost",
        /// The provider did it, and nobody heard of it.
        ProviderReplyLost = "a reply of the provider got lost",
        /// The provider takes longer than anybody waits.
        ProviderSlow = "the provider was slow",
        /// A request to the provider arrives a second time.
        ProviderDoubled = "a request to the provider came twice",
        /// The provider will not listen now.
        ProviderBusy = "the provider turned a request away",
        /// The provider did it, and its answer is nothing to go by.
        ProviderUnclear = "the provider's answer was unclear",
        /// The provider says that it is still working on it.
        ProviderPending = "the provider said pending",
        /// The provider refuses a refund that it will grant later.
        RefundRefused = "the provider refused a refund",
        /// Nobody reaches the provider for a while.
        ProviderDown = "the provider was down",
        /// What a view committed last is gone after a crash.
        ViewTailLost = "a view lost its last commits",
        /// A view's folder is gone.
        ViewWiped = "a view was wiped",
        /// A client gives the same command twice at the same time.
        CommandDoubled = "a command was given twice at once",
        /// A client uses a key again for another command.
        KeyReused = "a key was used for another command",
    }
}

words! {
    /// Something wrong that is built in on purpose, to see that its check notices.
    Mutation {
        /// The log stores an append whatever it expects.
        ExpectationsIgnored = "a log that ignores expectations",
        /// A command is acknowledged before its events are stored.
        AcknowledgedFirst = "an executor that acknowledges before the append",
        /// A view writes its position first, and the rows later.
        PositionOutsideBatch = "a view that writes its position outside the batch",
        /// A provider that forgets which requests it has seen.
        NoIdempotencyKeys = "a provider without idempotency keys",
        /// Work is taken off the queue as it is handed out.
        AcknowledgedBeforeWork = "a queue that acknowledges before the work",
        /// A view answers with whatever it has.
        ReadsDoNotWait = "a view that answers before it has what was asked for",
        /// Nobody finds the events of a command that was carried out.
        RepeatsUnknown = "an executor that does not know its own commands again",
        /// Events are stored with another time than they were decided with.
        StoredOtherwise = "a log that stores other bytes than it was given",
    }
}
