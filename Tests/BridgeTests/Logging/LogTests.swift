import Bytes
import Clocks
import Glibc
import Synchronization
import Testing

@testable import Bridge

/// Keeps lines, and can be told to be full.
private final class KeptLines: LogOutput {
    private let lines = Mutex<[[UInt8]]>([])
    private let isFull = Atomic<Bool>(false)

    func setFull(_ full: Bool) { isFull.store(full, ordering: .relaxed) }

    func write(_ line: [UInt8]) -> Bool {
        guard !isFull.load(ordering: .relaxed) else { return false }
        lines.withLock { $0.append(line) }
        return true
    }

    var texts: [String] { lines.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }
}

@Suite struct LogTests {
    private let output = KeptLines()
    private let time = WallTime(milliseconds: 1_772_415_000_123)

    private func log(_ level: LogLevel = .debug) -> Log {
        let time = time
        return Log(level: level, output: output, clock: { time })
    }

    @Test func aRecordIsOneLineOfJSON() {
        log().info(
            "link.lost", .account("main"), .reason("the \"peer\"\nleft\u{1b}[31m"), .attempt(3),
            .delay(.microseconds(1_500_250)))
        #expect(
            output.texts == [
                #"{"time":"2026-03-02T01:30:00.123Z","level":"info","event":"link.lost","account":"main","#
                    + #""reason":"the \"peer\"\nleft\u001b[31m","attempt":3,"delay_ms":1500.250}"# + "\n"
            ])
    }

    @Test func levelsBelowTheChosenOneAreNotWritten() {
        let log = log(.warning)
        log.debug("a")
        log.info("b")
        log.warning("c")
        log.error("d")
        log.setLevel(.debug)
        log.debug("e")
        #expect(output.texts.count == 3)
    }

    @Test(arguments: [0, 100, 1024, 1025, 5000, 1 << 20])
    func aLineIsBoundedAndStaysJSON(length: Int) throws {
        for character in ["x", "\u{1}", "é", "\u{10FFFF}", "\""] {
            let text = String(repeating: character, count: length)
            let line = LogLine(time: time, level: .info, event: "e", fields: [.reason(text), .path(text), .key(text)])
                .encoded
            #expect(line.count <= LogLine.maximumLength)
            #expect(line.last == 0x0a && !line.dropLast().contains(0x0a) && !line.contains(0))
            _ = try JSONValue.parse(Array(line.dropLast()))
        }
    }

    @Test func aLineThatCannotBeShortenedEnoughSaysSo() {
        let text = String(repeating: "\u{1}", count: 100)
        let line = LogLine(time: time, level: .info, event: "e", fields: Array(repeating: .reason(text), count: 100))
            .encoded
        #expect(String(decoding: line, as: UTF8.self).hasSuffix("\"event\":\"e\",\"truncated\":true}\n"))
    }

    @Test func lostLinesAreCountedAndTold() {
        let log = log()
        output.setFull(true)
        for _ in 0..<3 { log.info("lost") }
        output.setFull(false)
        log.info("kept")
        log.info("kept")
        #expect(log.dropped == 3)
        #expect(output.texts.count == 3)
        #expect(output.texts.dropFirst().first?.hasSuffix("\"event\":\"log.dropped\",\"count\":3}\n") == true)
    }

    @Test func theAccessLogHoldsTheRouteAndTheKeysName() {
        var record = AccessRecord(
            method: "GET", route: "/v1/depth/{symbol}", status: 200, bytes: 512, duration: .microseconds(1_234),
            peer: "127.0.0.1",
            requestID: "r-1", keyName: "reader")
        log().access(record)
        (record.route, record.keyName, record.status) = (nil, nil, 503)
        log().access(record)
        #expect(
            output.texts.first?.contains(
                #""event":"http.request","request_id":"r-1","method":"GET","route":"/v1/depth/{symbol}","status":200,"bytes":512,"duration_ms":1.234,"peer":"127.0.0.1","key":"reader"}"#
            ) == true)
        #expect(output.texts.last?.contains(#""level":"warning""#) == true)
        #expect(output.texts.last?.contains("route") == false)
    }
}

@Suite struct PipedLogOutputTests {
    private func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func linesArriveInOrderAndAFlushWaitsForThem() throws {
        let ends = try makePipe()
        let output = try #require(PipedLogOutput(writingTo: ends.write))
        #expect(output.write(Array("one\n".utf8)) && output.write(Array("two\n".utf8)))
        #expect(output.flush(within: .seconds(10)))
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(ends.read, &buffer, buffer.count)
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "one\ntwo\n")
        #expect(output.write(Array("three\n".utf8)) && output.flush(within: .seconds(10)))
    }

    @Test func aReaderThatStopsCostsLinesAndNeverTheCallersTime() throws {
        let ends = try makePipe()
        let output = try #require(PipedLogOutput(writingTo: ends.write))
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4095) + [0x0a]
        var taken = 0
        while output.write(line), taken < 10_000 { taken += 1 }
        #expect(taken < 10_000)
        #expect(!output.write(line))
        #expect(!output.flush(within: .milliseconds(50)))
    }
}
