internal import CShims
internal import Clocks
internal import EventLoops
internal import Glibc

/// Writes log lines to a descriptor that may block, without ever blocking the caller: lines go through a pipe to a thread
/// that does the waiting.
///
/// A pipe takes a line of up to 4096 bytes whole or refuses it, from any thread, without a lock of ours; its buffer is the
/// bound on what waits.
public final class PipedLogOutput: LogOutput {
    /// Asked for; the kernel gives at least a page.
    private static let capacity: Int32 = 1 << 20
    /// Ends a flush; no line holds it, JSON escapes it.
    private static let flushMark: UInt8 = 0

    /// Open as long as the process: closing it while another thread writes could hit a descriptor used anew.
    private let entrance: Int32
    private let flushed: Int32

    /// Starts the thread. `nil` when the process has no descriptors or threads left.
    ///
    /// - Parameter descriptor: where lines end up; stays the caller's and must stay open.
    public init?(writingTo descriptor: Int32) {
        var lines: [Int32] = [-1, -1]
        var marks: [Int32] = [-1, -1]
        guard bb_pipe(&lines) == 0 else { return nil }
        guard bb_pipe(&marks) == 0 else {
            lines.forEach { close($0) }
            return nil
        }
        _ = bb_set_pipe_capacity(lines[1], Self.capacity)
        guard fcntl(lines[1], F_SETFL, Int32(O_NONBLOCK)) == 0,
            LogThread(source: lines[0], target: descriptor, flushed: marks[1]).start()
        else {
            (lines + marks).forEach { close($0) }
            return nil
        }
        entrance = lines[1]
        flushed = marks[0]
    }

    /// One system call; `false` when the pipe is full.
    public func write(_ line: [UInt8]) -> Bool {
        Glibc.write(entrance, line, line.count) == line.count
    }

    /// Waits until all lines written before are out, or the time is over; `false` then. For the end of the program, by one
    /// thread.
    @discardableResult public func flush(within limit: Duration) -> Bool {
        let deadline = Instant.now() + limit
        let mark = [Self.flushMark]
        while Glibc.write(entrance, mark, 1) != 1 {
            guard errno == EAGAIN || errno == EINTR, Self.wait(entrance, Int32(POLLOUT), until: deadline) else {
                return false
            }
        }
        guard Self.wait(flushed, Int32(POLLIN), until: deadline) else { return false }
        var answer: UInt8 = 0
        return read(flushed, &answer, 1) == 1
    }

    private static func wait(_ descriptor: Int32, _ events: Int32, until deadline: Instant) -> Bool {
        while true {
            let left = deadline - Instant.now()
            guard left > .zero else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let ready = poll(&entry, 1, Int32(clamping: left.millisecondsRoundedUp))
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { return false }
        }
    }
}

/// Moves bytes from the pipe to their target, waiting wherever it has to. Ends with the process.
private final class LogThread: Sendable {
    private let source: Int32
    private let target: Int32
    private let flushed: Int32

    init(source: Int32, target: Int32, flushed: Int32) {
        self.source = source
        self.target = target
        self.flushed = flushed
    }

    func start() -> Bool {
        (try? NamedThread("log", isJoined: false) { self.run() }) != nil
    }

    private func run() {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            var rest = buffer[..<count]
            while let mark = rest.firstIndex(of: 0) {
                pass(rest[..<mark])
                var answer: UInt8 = 1
                _ = write(flushed, &answer, 1)
                rest = rest[(mark + 1)...]
            }
            pass(rest)
        }
    }

    /// What the target refuses for good is lost: there is nowhere left to say so.
    private func pass(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = write(target, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
                if count > 0 {
                    offset += count
                } else if errno == EAGAIN {
                    var entry = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&entry, 1, -1)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
