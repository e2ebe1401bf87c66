internal import Bridge
internal import EventLoops
internal import Glibc

/// Runs the loop on this thread until somebody asks for the end, and ends it in order.
///
///     starting ──started──▶ running ──TERM, INT──▶ draining ──drained, or time over──▶ ended
///         └──failed───────────────────────────────────────────────────────────────────▲
///
/// A second TERM or INT ends the process on the spot: what must survive that is on disk before it counts.
@LoopActor
final class ProcessRun {
    /// What is started and stopped; a server, or the sandbox alone.
    @LoopActor
    protocol Service: AnyObject {
        /// Listens and says so. What it throws ends the process.
        func start() async throws(CommandFailure)
        /// Stops taking work and finishes what is running, within `limit`.
        func stop(within limit: Duration) async
        /// HUP.
        func reload()
    }

    /// From the first signal to the end, whatever hangs; `docker stop` kills after 10 seconds.
    private static let endLimit = Duration.milliseconds(9500)

    private let log: Log
    private let output: PipedLogOutput
    private let drainLimit: Duration
    private var service: (any Service)?
    private var signals: [SignalSource] = []
    private var lastResort: LoopTimer?
    private unowned let holder: Holder
    private var isEnding = false

    private init(log: Log, output: PipedLogOutput, drainLimit: Duration, holder: Holder) {
        self.holder = holder
        self.log = log
        self.output = output
        self.drainLimit = drainLimit
    }

    /// Blocks until the end.
    ///
    /// - Parameter make: builds the service on the loop; nothing of it listens yet.
    nonisolated static func run(
        log: Log, output: PipedLogOutput, drainLimit: Duration,
        _ make: @escaping @Sendable @LoopActor () throws(CommandFailure) -> any Service
    ) throws(CommandFailure) {
        let holder = Holder()
        EventLoop.main.execute {
            let run = ProcessRun(log: log, output: output, drainLimit: drainLimit, holder: holder)
            holder.run = run
            run.begin(make)
        }
        EventLoop.main.run()
        output.flush(within: .seconds(1))
        if let failure = holder.failure { throw failure }
    }

    /// Keeps the run alive and carries its failure out. Written by the loop and read when it has ended, on one thread.
    private final class Holder: @unchecked Sendable {
        var run: ProcessRun?
        var failure: CommandFailure?
    }

    private func begin(_ make: @LoopActor () throws(CommandFailure) -> any Service) {
        signals = [
            SignalSource(SIGTERM) { [weak self] in self?.asked(SIGTERM, "TERM") },
            SignalSource(SIGINT) { [weak self] in self?.asked(SIGINT, "INT") },
            SignalSource(SIGHUP) { [weak self] in self?.service?.reload() },
        ]
        do throws(CommandFailure) {
            let service = try make()
            self.service = service
            spawn {
                do throws(CommandFailure) {
                    try await service.start()
                } catch {
                    self.fail(error)
                }
            }
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: CommandFailure) {
        guard holder.failure == nil else { return }
        holder.failure = error
        end()
    }

    private func asked(_ number: Int32, _ name: String) {
        guard !isEnding else {
            log.warning("process.killed", .signal(name))
            output.flush(within: .milliseconds(200))
            exit(128 + number)
        }
        log.info("process.stopping", .signal(name))
        end()
    }

    private func end() {
        guard !isEnding else { return }
        isEnding = true
        let lastResort = LoopTimer { [log] in
            log.warning("process.stop_overdue")
            EventLoop.main.stop()
        }
        lastResort.schedule(after: Self.endLimit)
        self.lastResort = lastResort
        spawn {
            await self.service?.stop(within: self.drainLimit)
            self.log.info("process.stopped")
            EventLoop.main.stop()
        }
    }
}
