@testable import AuditLog
import Clocks
import Cryptography
import Glibc
import TestSupport
import Testing

@Suite struct SegmentWriterTests {
    @Test func whateverOperationFailsTheLogHoldsAndWhatWasPromisedIsInIt() throws {
        for code in [EIO, ENOSPC] {
            for number in 1...40 {
                let log = try LogOnDisk { $0.segmentBytes = 1500 }
                log.disk.fault = { $0 == number ? code : nil }
                let results = log.append(1...8)
                log.writer.close(time: log.time, now: log.now)
                #expect(try log.verify().failure == nil, "operation \(number)")
                let written = try #require(try? log.requestIDs())
                for (index, result) in results.enumerated() where result == nil {
                    #expect(written.contains("request-\(index + 1)"), "operation \(number)")
                }
            }
        }
    }

    @Test func whateverOperationFailsEntriesThatNobodyWaitsForAreThereOnceAndInOrder() throws {
        for number in 1...30 {
            let log = try LogOnDisk { $0.segmentBytes = 3000 }
            // Two in a row: the second attempt fails as well, and the entries are kept for later.
            log.disk.fault = { $0 == number || $0 == number + 1 ? EIO : nil }
            log.append(1...9, .plain)
            log.now = log.now + .seconds(2)
            log.append(10...20, .plain)
            log.now = log.now + .seconds(2)
            log.append(21...21)
            log.writer.close(time: log.time, now: log.now)
            #expect(try log.verify().failure == nil, "operation \(number)")
            // What the disk took of a file that was given up is void; all of it stands in the files that count.
            let counted = try log.countedRequestIDs()
            let isLastPromised = counted.last == "request-21"
            #expect(counted == (1...(isLastPromised ? 21 : 20)).map { "request-\($0)" }, "operation \(number)")
        }
    }

    @Test func afterAFailedSyncAnotherFileIsWritten() throws {
        let log = try LogOnDisk()
        log.append(1...1)
        let first = try #require(log.numbers.last)
        let before = log.disk.count
        // The write goes well, the sync behind it does not.
        log.disk.fault = { $0 == before + 2 ? EIO : nil }
        #expect(log.append(2...2) == [nil])
        let second = try #require(log.numbers.last)
        #expect(second > first)
        #expect(log.append(3...3) == [nil])
        #expect(try log.verify().failure == nil)
        #expect(String(decoding: try log.bytes(second), as: UTF8.self).contains("\"reason\":\"failed\""))
    }

    @Test func aFullDiskRefusesAllButCancellationsAndHealsByItself() throws {
        let log = try LogOnDisk()
        log.append(1...1)
        var isFull = true
        log.disk.fault = { _ in isFull ? ENOSPC : nil }
        #expect(log.append(2...3) == [.full, .full])
        #expect(log.writer.failure == .full)
        #expect(log.append(4...5, .urgent) == [nil, nil])
        #expect(log.append(6...6, .plain) == [nil])
        #expect(try log.requestIDs() == ["request-1", "request-4", "request-5"])
        #expect(try log.verify().failure == nil)
        isFull = false
        log.now = log.now + .seconds(1)
        #expect(log.append(7...7) == [nil])
        #expect(log.writer.failure == nil)
        #expect(try log.requestIDs() == ["request-1", "request-4", "request-5", "request-6", "request-7"])
        #expect(try log.verify().failure == nil)
        #expect(log.writer.notices.contains(.resumed(lost: 0)))
        #expect(log.folder.hasReserve == false)
        log.now = log.now + .seconds(11)
        log.append(8...8)
        #expect(log.folder.hasReserve)
    }

    @Test func theReserveHasABound() throws {
        let log = try LogOnDisk { $0.reserveBytes = 4096 }
        log.append(1...1)
        log.disk.fault = { _ in ENOSPC }
        let results = log.append(2...40, .urgent)
        #expect(results.first == .some(nil))
        #expect(results.last == .some(.full))
        #expect(try log.verify().failure == nil)
    }

    @Test func aRemovedOrChangedFileIsNoticedAtTheNextEntry() throws {
        let log = try LogOnDisk()
        log.append(1...1)
        try log.folder.remove(try #require(log.numbers.last))
        #expect(log.append(2...2) == [.replaced])
        #expect(log.append(3...3) == [nil])
        #expect(try log.verify().failure != nil)

        let other = try LogOnDisk()
        other.append(1...1)
        let number = try #require(other.numbers.last)
        truncate(other.folder.path(of: number), 10)
        #expect(other.append(2...2, .urgent) == [nil])
        #expect(try other.verify().failure?.sequence == 1)
    }

    @Test func whatACrashLeavesIsSealedNotCut() throws {
        for cut in [1, 30, 200] {
            let log = try LogOnDisk()
            log.append(1...3)
            let number = try #require(log.numbers.last)
            let bytes = try log.bytes(number)
            // Two entries, and a third that did not get there whole.
            let third = try #require(bytes.dropLast().lastIndex(of: 0x0A)) + 1
            let torn = Array(bytes.prefix(third + cut))
            log.put(torn, number)
            log.directory.write("audit.anchor", [])
            #expect(try log.verify().openBytes == cut)
            try log.restart()
            log.append(4...4)
            let found = try log.verify()
            #expect(found.failure == nil)
            #expect(found.recovered == 1)
            #expect(try log.bytes(number) == torn)
            #expect(try log.requestIDs() == ["request-1", "request-2", "request-4"])
            // And what was left is under seal.
            log.put(torn.dropLast() + [0x00], number)
            #expect(try log.verify().failure != nil)
        }
    }

    @Test func aFileWithoutAnEntryIsSetAside() throws {
        let log = try LogOnDisk()
        log.append(1...1)
        log.put(Array("{\"seq\":".utf8), 2)
        try log.restart()
        log.append(2...2)
        #expect(try log.numbers == [1, 3])
        let found = try log.verify()
        #expect(found.failure == nil && found.recovered == 1)
    }

    @Test func anEntryThatWasChangedBeforeAStartIsNotTakenForACrash() throws {
        let log = try LogOnDisk()
        log.append(1...3)
        let number = try #require(log.numbers.last)
        var bytes = try log.bytes(number)
        bytes[try #require(bytes.firstIndex(of: 0x0A)) + 40] ^= 1
        log.put(bytes, number)
        try log.restart()
        log.append(4...4)
        #expect(try log.verify().failure?.sequence == 2)
        #expect(log.writer.notices.contains { if case .alarm = $0 { true } else { false } })
    }

    @Test func theChainCrossesFilesOfSizeAndDay() throws {
        let log = try LogOnDisk { $0.segmentBytes = 700 }
        log.append(1...4, .plain)
        log.time = log.time + .seconds(86_400)
        log.append(5...5)
        let text = try log.lines().joined()
        #expect(text.contains("\"reason\":\"size\"") && text.contains("\"reason\":\"day\""))
        #expect(try log.verify().failure == nil)
    }

    @Test func retentionRemovesWholeFilesAndSaysSo() throws {
        let log = try LogOnDisk {
            $0.segmentBytes = 700
            $0.retention = .seconds(10 * 86_400)
        }
        log.append(1...4)
        log.time = log.time + .seconds(11 * 86_400)
        log.append(5...6)
        let numbers = try log.numbers
        #expect(numbers.first.map { $0 > 1 } == true)
        let found = try log.verify()
        #expect(found.failure == nil)
        #expect(found.firstSequence.map { $0 > 1 } == true)
        // One file more is one too many.
        try log.folder.remove(try #require(numbers.first))
        #expect(try log.verify().failure != nil)
    }

    @Test func aClockThatStepsBackChangesNothingInTheOrder() throws {
        let log = try LogOnDisk()
        log.append(1...2)
        log.time = WallTime(seconds: log.time.seconds - 7 * 86_400)
        log.append(3...4)
        #expect(try log.verify().failure == nil)
        #expect(try log.requestIDs() == (1...4).map { "request-\($0)" })
    }

    @Test func anchorsComeByCountAndByTime() throws {
        let log = try LogOnDisk { $0.anchorRecords = 5 }
        func anchors() -> Int { log.writer.notices.count { if case .anchor = $0 { true } else { false } } }
        log.append(1...4)
        #expect(anchors() == 1)
        log.append(5...5)
        #expect(anchors() == 1)
        log.now = log.now + .seconds(61)
        _ = log.writer.perform(EntryBatch(), time: log.time, now: log.now)
        #expect(anchors() == 2)
        #expect(try log.verify().anchoredThrough == log.writer.head.sequence)
    }

    @Test func textsFromOutsideStayOnOneBoundedLine() throws {
        let log = try LogOnDisk()
        var record = log.record(1)
        record.key = String(repeating: "\r\n\u{1B}[31m\u{2028}", count: 100_000)
        let long = String(repeating: "é", count: 100_000)
        record.complete = { $0.arguments = .init(shown: (0..<100).map { _ in .init("note", long) }, redacted: 0) }
        #expect(
            log.writer.perform(
                EntryBatch([AuditEntry(record: record, demand: .durable)]), time: log.time, now: log.now) == [nil])
        #expect(try log.lines().count == 2)
        #expect(try log.lines()[1].utf8.count < 32 << 10)
        #expect(try log.lines()[1].contains("\"redacted\":76"))
        #expect(try log.verify().failure == nil)
    }
}
