#![allow(missing_docs, clippy::all)]
use ordertrace_audit::*;
use ordertrace_domain::testing::{ManualClock, fixtures};
use ordertrace_domain::*;
use sha2::{Digest as _, Sha256};
use std::time::Instant;
use std::io::BufRead as _;

fn id(n: u64) -> [u8; 16] { let h = Hash::of(&n.to_be_bytes()); h.as_bytes()[..16].try_into().unwrap() }
fn uuid_text(b: [u8;16]) -> String {
    let h: String = b.iter().map(|b| format!("{b:02x}")).collect();
    format!("{}-{}-8{}-8{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
}
fn make(n_orders: u64) -> Vec<u8> {
    use fixtures::events;
    let evs = [events::order_placed(fixtures::cash()), events::payment_requested(fixtures::cash()), events::payment_approved(None), events::delivery_prepared(2), events::delivery_started(1), events::delivery_started(1), events::delivery_started(1)];
    let key = SecretKey::from_seed("x.example/orders", KeyUse::Log, [1;32]).unwrap();
    let header = Header { origin: Some("x.example/orders".into()), incarnation: Incarnation::from_created_nanos(1700000000000000000), from: Sequence::new(1), to: Sequence::new(n_orders*7), filter: None };
    let mut w = ExportWriter::new(Vec::new(), &header).unwrap();
    let mut chain = Chain::new(); let mut tree = Frontier::new();
    let mut pos = 0u64;
    for group in 0..n_orders/64 {
        let mut prev = vec![Hash::ZERO; 64];
        for (v, ev) in (1u64..).zip(&evs) {
            for o in 0..64u64 {
                pos += 1;
                let order = OrderId::parse(&uuid_text(id(group*64+o))).unwrap();
                let command_id = CommandId::parse(&uuid_text(id(1<<40 | pos))).unwrap();
                let env = Envelope { event_id: EventId::derive(command_id, Version::new(v)), order_id: order, version: Version::new(v), occurred_at: ManualClock::START, command_id, command_hash: Hash::of(b"x").as_bytes().len().eq(&32).then(|| fixtures::commands::start_delivery().hash()).unwrap(), causation_id: Some(EventId::derive(command_id, Version::new(v+1))), correlation_id: command_id.into(), traceparent: None, actor: fixtures::operator(), prev_hash: prev[o as usize], event: ev.clone() };
                let d = Draft::new(env); prev[o as usize] = d.hash;
                let r = Record { sequence: Sequence::new(pos), recorded_at: RecordedAt::from_nanos(1700000000000000000 + pos as i64 * 123_457), subject: event_subject(order), headers: vec![], payload: d.payload.to_vec().into() };
                tree.push(leaf_hash(&r)); chain.follow(&r).unwrap();
                w.event(&r, None).unwrap();
            }
        }
    }
    let c = Checkpoint { origin: "x.example/orders".into(), size: Sequence::new(pos), tree_root: tree.root(), incarnation: header.incarnation, map_root: chain.map().root() };
    let mut bytes = Vec::new();
    let s = SignedCheckpoint::sign(Checkpoint{..c}, &key);
    let header2 = header; let _ = header2;
    let (b, _) = w.finish(Some(&s)).unwrap(); bytes.extend(b); bytes
}
const NODE: [u8; 80] = [0; 80];
fn hash(b: &[u8]) { std::hint::black_box(Sha256::digest(b)); }
fn bound(mut input: impl std::io::BufRead) -> u64 {
    let (mut line, mut whole) = (Vec::new(), Sha256::new());
    let mut events = 0u64;
    while input.read_until(b'\n', &mut line).unwrap() > 0 {
        whole.update(&line);
        if line.starts_with(b"{\"position\":") {
            events += 1;
            let payload = &line[..line.len().saturating_sub(180)/4*3];
            hash(payload);
            let mut leaf = Sha256::new(); leaf.update([0u8;84]); leaf.update(payload); std::hint::black_box(leaf.finalize());
            hash(&NODE);
            if events % 7 == 0 { (0..3).for_each(|_| hash(&NODE)); }
        }
        line.clear();
    }
    std::hint::black_box(whole.finalize()); events
}
fn cpu() -> f64 { // seconds of this process
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
#[test]
fn bench() {
    let path = std::env::temp_dir().join("ot-v-scratch.ndjson");
    let n = 147_456u64;
    if !path.exists() { std::fs::write(&path, make(n)).unwrap(); }
    let len = std::fs::metadata(&path).unwrap().len();
    println!("{} events, {} bytes/event", n*7, len/(n*7));
    let open = || std::io::BufReader::with_capacity(64<<10, std::fs::File::open(&path).unwrap());
    let key = SecretKey::from_seed("x.example/orders", KeyUse::Log, [1;32]).unwrap().public();
    for _ in 0..3 {
        let (t, c) = (Instant::now(), cpu());
        let e = bound(open()) as f64;
        let (bt, bc) = (t.elapsed().as_secs_f64(), cpu()-c);
        let (t, c) = (Instant::now(), cpu());
        let trust = Trust { key: Some(key.clone()), ..Trust::default() };
        let r = verify_file(open(), &trust).unwrap();
        let (vt, vc) = (t.elapsed().as_secs_f64(), cpu()-c);
        println!("bound {:.0} ns wall {:.0} cpu; verify {:.0} wall {:.0} cpu; x{:.2} wall x{:.2} cpu, {} orders; load {}", bt/e*1e9, bc/e*1e9, vt/e*1e9, vc/e*1e9, vt/bt, vc/bc, r.orders, std::fs::read_to_string("/proc/loadavg").unwrap().trim());
    }
}
