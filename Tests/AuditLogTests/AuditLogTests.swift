@testable import AuditLog
import Bytes
import Clocks
import EventLoops
import TestSupport
import Testing

@Suite(.serialized) struct AuditLogTests {
    init() { LoopRunner.start() }

    private func record(_ key: String, _ second: Int64, order: String? = nil) -> AuditRecord {
        var record = AuditRecord(.request, time: WallTime(seconds: second), monotonic: .now())
        record.key = key
        record.route = "/v1/depth/{symbol}"
        record.orderID = order
        return record
    }

    @Test @LoopActor func whatIsAppendedIsFoundByKeyTimeAndOrder() async throws {
        let directory = TemporaryDirectory()
        let log = try AuditLog.open(state: directory.path)
        for number in 0..<3000 {
            log.note(record(number.isMultiple(of: 1000) ? "rare" : "often", Int64(number), order: "order-\(number)"))
        }
        try await log.append(record("last", 5000))
        var query = AuditQuery()
        query.key = "rare"
        var page = try await log.page(query, limit: 2)
        #expect(page.lines.count == 2)
        query.before = page.next
        page = try await log.page(query, limit: 2)
        #expect(page.lines.count == 1 && page.next == nil)
        query = AuditQuery()
        query.orderID = "order-1234"
        page = try await log.page(query, limit: 10)
        #expect(page.lines.count == 1)
        query = AuditQuery()
        query.start = WallTime(seconds: 10)
        query.end = WallTime(seconds: 20)
        page = try await log.page(query, limit: 100)
        #expect(page.lines.count == 10 && page.next == nil)
        let sequences = page.lines.compactMap { AuditLine($0[...])?.sequence }
        #expect(sequences == sequences.sorted(by: >))
        let verification = try await log.verify()
        #expect(verification.failure == nil && verification.entries >= 3002)
        log.close()
    }

    @Test @LoopActor func anExportHasEveryEntryOnceOldestFirst() async throws {
        let directory = TemporaryDirectory()
        var options = AuditOptions()
        options.segmentBytes = 100_000
        let log = try AuditLog.open(state: directory.path, options: options)
        for number in 0..<2000 { log.note(record("k\(number % 3)", Int64(number))) }
        var lines: [[UInt8]] = []
        var after = 0
        while true {
            let piece = try await log.piece(AuditQuery(), after: after)
            lines += piece.bytes.split(separator: 0x0A).map(Array.init)
            guard let next = piece.next else { break }
            after = next
        }
        let sequences = lines.compactMap { AuditLine($0[...])?.sequence }
        #expect(sequences == Array(1...sequences.count))
        #expect(sequences.count >= 2001)
        log.close()
    }

    @Test @LoopActor func aSecondOpeningGoesOnWhereTheFirstEnded() async throws {
        let directory = TemporaryDirectory()
        for run in 1...3 {
            let log = try AuditLog.open(state: directory.path)
            try await log.append(record("run-\(run)", Int64(run)))
            #expect(try await log.page(AuditQuery(), limit: 100).lines.count == 2 * run)
            log.close()
        }
        let key = try AuditKey.read(directory.file("audit.key"))
        var verifier = try AuditVerifier(state: directory.path, key: key)
        #expect(try verifier.run().failure == nil)
    }

    @Test @LoopActor func aMissingOrReadableKeyIsRefused() async throws {
        let directory = TemporaryDirectory()
        let log = try AuditLog.open(state: directory.path)
        try await log.append(record("one", 1))
        log.close()
        #expect(throws: AuditError.self) { try AuditLog.open(state: directory.path, keyFile: directory.file("none")) }
        let key = try SegmentReading.read(directory.file("audit.key"), from: 0, count: 100)
        let other = directory.write("other.key", key)
        _ = try AuditLog.open(state: directory.path, keyFile: other)
        _ = try AuditKey.read(other)
    }
}
