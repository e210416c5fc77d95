//! One thread cuts, the threads of the pool parse, the caller's thread takes what they made in the order of the input.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use super::batch::{Outcome, PostingBatch, Work};
use super::context::Context;
use super::cut::{self, Sink};
use super::process::process;
use super::report::Collector;
use crate::error::Result;

/// How long a thread of the pool waits before it looks for other work.
const PATIENCE: Duration = Duration::from_micros(200);

type Panic = Box<dyn std::any::Any + Send>;

/// What the caller's thread waits for.
enum Event<T> {
    Work(u64, Work),
    Done(u64, Outcome<T>),
    Panicked(Panic),
    /// All has been cut, into so many pieces.
    End(u64),
}

/// Runs `map` on batches in parallel and hands what it returns to `take`, in the order of the input. The number of
/// buffers bounds what is in flight: each piece of work holds one until it has been taken.
pub(super) fn run<T: Send>(
    context: &Context<'_>,
    collector: &mut Collector<'_>,
    map: &(impl Fn(PostingBatch<'_>) -> T + Sync),
    take: &mut impl FnMut(T) -> Result<()>,
) -> Result<()> {
    thread::scope(|threads| {
        let (event_sender, events) = channel();
        let (buffer_sender, buffers) = channel();
        for _ in 0..context.settings.flight() {
            // The receiver is in this very function.
            let _ = buffer_sender.send(Vec::new());
        }
        let cutter_events = event_sender.clone();
        threads.spawn(move || {
            let mut sink = ChannelSink { events: cutter_events, buffers, count: 0 };
            let cut = catch_unwind(AssertUnwindSafe(|| cut::cut_all(context, &mut sink)));
            let last = match cut {
                Ok(_) => Event::End(sink.count),
                Err(panic) => Event::Panicked(panic),
            };
            // Nobody waits any more if the reading ended early.
            let _ = sink.events.send(last);
        });
        rayon::in_place_scope(move |tasks| {
            let mut waiting = BTreeMap::new();
            let (mut next, mut total) = (0, None);
            while total != Some(next) {
                match wait(&events) {
                    Some(Event::Work(number, work)) => {
                        let sender: Sender<Event<T>> = event_sender.clone();
                        tasks.spawn(move |_| {
                            let done = catch_unwind(AssertUnwindSafe(|| process(context, work, map)));
                            let event = match done {
                                Ok(outcome) => Event::Done(number, outcome),
                                Err(panic) => Event::Panicked(panic),
                            };
                            let _ = sender.send(event);
                        });
                    }
                    Some(Event::Done(number, outcome)) => {
                        waiting.insert(number, outcome);
                    }
                    Some(Event::Panicked(panic)) => resume_unwind(panic),
                    Some(Event::End(count)) => total = Some(count),
                    None => break,
                }
                while let Some(outcome) = waiting.remove(&next) {
                    next += 1;
                    let (values, buffer) = collector.add(outcome)?;
                    for value in values {
                        take(value)?;
                    }
                    let _ = buffer_sender.send(context.recycled(buffer));
                }
            }
            Ok(())
        })
    })
}

/// The next event. A thread of the pool does other work of the pool meanwhile: it may be the only one.
fn wait<T>(events: &Receiver<T>) -> Option<T> {
    if rayon::current_thread_index().is_none() {
        return events.recv().ok();
    }
    loop {
        match events.try_recv() {
            Ok(event) => return Some(event),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        if rayon::yield_now() == Some(rayon::Yield::Executed) {
            continue;
        }
        match events.recv_timeout(PATIENCE) {
            Ok(event) => return Some(event),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

struct ChannelSink<T> {
    events: Sender<Event<T>>,
    buffers: Receiver<Vec<u8>>,
    count: u64,
}

impl<T> Sink for ChannelSink<T> {
    fn buffer(&mut self) -> Option<Vec<u8>> {
        self.buffers.recv().ok()
    }

    fn put(&mut self, work: Work) -> Option<()> {
        self.events.send(Event::Work(self.count, work)).ok()?;
        self.count += 1;
        Some(())
    }
}

/// Does everything on the caller's thread, batch by batch.
pub(super) fn run_here(
    context: &Context<'_>,
    collector: &mut Collector<'_>,
    each: &mut impl FnMut(PostingBatch<'_>) -> Result<()>,
) -> Result<()> {
    let mut sink = SinkHere { context, collector, each, buffers: Vec::new(), result: Ok(()) };
    cut::cut_all(context, &mut sink);
    sink.result
}

struct SinkHere<'s, 'c, F> {
    context: &'s Context<'s>,
    collector: &'s mut Collector<'c>,
    each: &'s mut F,
    buffers: Vec<Vec<u8>>,
    result: Result<()>,
}

impl<F: FnMut(PostingBatch<'_>) -> Result<()>> Sink for SinkHere<'_, '_, F> {
    fn buffer(&mut self) -> Option<Vec<u8>> {
        Some(self.buffers.pop().unwrap_or_default())
    }

    fn put(&mut self, work: Work) -> Option<()> {
        let outcome = process(self.context, work, &mut *self.each);
        let added = self.collector.add(outcome).map_err(Into::into);
        match added.and_then(|(values, buffer)| values.into_iter().collect::<Result<()>>().map(|()| buffer)) {
            Ok(buffer) => {
                self.buffers.push(self.context.recycled(buffer));
                Some(())
            }
            Err(error) => {
                self.result = Err(error);
                None
            }
        }
    }
}
