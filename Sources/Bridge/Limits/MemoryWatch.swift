public import EventLoops

/// Measures the process's memory four times a second, and tells when another stage is reached.
@LoopActor
public final class MemoryWatch {
    /// What the process can be asked and told.
    public struct Source {
        /// Bytes in use that are nobody else's; `nil` if that cannot be read.
        public var used: @LoopActor () -> Int?
        /// Gives back to the system what the allocator holds and nobody uses.
        public var release: @LoopActor () -> Void

        /// Both of one process.
        public init(used: @escaping @LoopActor () -> Int?, release: @escaping @LoopActor () -> Void) {
            self.used = used
            self.release = release
        }
    }

    private let source: Source
    private(set) var pressure: MemoryPressure
    private(set) var used = 0
    private var isChanged: (@LoopActor (MemoryPressure.Stage) -> Void)?
    private var turns = 0
    private lazy var timer = LoopTimer { [weak self] in self?.measure() }

    /// A watch that is not started.
    ///
    /// - Parameter limit: bytes the process may use.
    public init(limit: Int, _ source: Source) {
        self.source = source
        pressure = MemoryPressure(limit: limit)
    }

    /// How often it is measured.
    static let interval = Duration.milliseconds(250)

    func start(_ changed: @escaping @LoopActor (MemoryPressure.Stage) -> Void) {
        isChanged = changed
        timer.schedule(every: MemoryWatch.interval)
    }

    func stop() { timer.cancel() }

    private func measure() {
        guard let used = source.used() else { return }
        self.used = used
        let isNews = pressure.measured(used)
        // What was freed is the allocator's until it is asked: it would look like use for good.
        turns = pressure.stage == .ample ? 0 : turns + 1
        if turns % 8 == 1 { source.release() }
        if isNews { isChanged?(pressure.stage) }
    }
}
