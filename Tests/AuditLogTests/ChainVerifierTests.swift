@testable import AuditLog
import Bytes
import Cryptography
import TestSupport
import Testing

@Suite struct ChainVerifierTests {
    /// Three files: entries of a few hundred bytes, two or three in each.
    private func log() throws -> LogOnDisk {
        let log = try LogOnDisk { $0.segmentBytes = 900 }
        log.append(1...6)
        log.writer.close(time: log.time, now: log.now)
        return log
    }

    private func sequence(_ line: String) throws -> Int {
        try #require(AuditLine(Array(line.utf8)[...])?.sequence)
    }

    @Test func aLogAsItWasWrittenHolds() throws {
        let log = try log()
        let found = try log.verify()
        #expect(found.failure == nil)
        #expect(found.entries == (try log.lines().count))
        #expect(found.firstSequence == 1)
        #expect(found.segments == (try log.numbers.count) && found.segments >= 3)
        #expect(found.anchoredThrough == found.head?.sequence)
    }

    @Test func everyFlippedByteIsFoundAtItsEntry() throws {
        let log = try log()
        var first = 1
        for number in try log.numbers {
            let bytes = try log.bytes(number)
            var entry = first
            for index in bytes.indices {
                if index.isMultiple(of: 7) || bytes[index] == 0x0A {
                    var changed = bytes
                    changed[index] ^= 0x04
                    log.put(changed, number)
                    let failure = try log.verify().failure
                    #expect(failure?.sequence == entry, "file \(number), byte \(index): \(String(describing: failure))")
                }
                if bytes[index] == 0x0A { entry += 1 }
            }
            log.put(bytes, number)
            first = entry
        }
        #expect(try log.verify().failure == nil)
    }

    @Test func removedSwappedRepeatedAndInsertedEntriesAreFound() throws {
        let log = try log()
        for number in try log.numbers {
            let bytes = try log.bytes(number)
            let lines = bytes.split(separator: 0x0A).map(Array.init)
            func check(_ changed: [[UInt8]], _ entry: Int, _ what: String) throws {
                log.put(changed.flatMap { $0 + [0x0A] }, number)
                let failure = try log.verify().failure
                #expect(failure?.sequence == entry, "\(what): \(String(describing: failure))")
            }
            for index in lines.indices {
                let entry = try sequence(String(decoding: lines[index], as: UTF8.self))
                var changed = lines
                changed.remove(at: index)
                try check(changed, entry, "removed")
                changed = lines
                changed.insert(lines[index], at: index)
                // A repeated last entry stands behind the end of its file, and is found where the next should be.
                try check(changed, index == lines.count - 1 ? entry + 1 : entry + 1, "repeated")
                guard index > 0 else { continue }
                changed = lines
                changed.swapAt(index, index - 1)
                try check(changed, entry - 1, "swapped")
            }
            log.put(bytes, number)
        }
    }

    @Test func missingFilesAreFound() throws {
        for index in 0..<3 {
            let log = try log()
            let number = try #require(log.numbers.dropFirst(index).first)
            let first = try sequence(String(decoding: log.bytes(number).prefix { $0 != 0x0A }, as: UTF8.self))
            try log.folder.remove(number)
            let failure = try log.verify().failure
            #expect(failure?.sequence == (index == 0 ? 1 : first), "\(String(describing: failure))")
        }
    }

    @Test func aCutTailIsShorterThanItsAnchor() throws {
        let log = try log()
        let last = try #require(log.numbers.last)
        let bytes = try log.bytes(last)
        let lines = bytes.split(separator: 0x0A)
        log.put(lines.dropLast().flatMap { $0 + [0x0A] }, last)
        #expect(try log.verify().failure?.reason.contains("its anchor is entry") == true)
        // Without any anchor it cannot be known.
        log.directory.write("audit.anchor", [])
        #expect(try log.verify().failure == nil)
        let anchor = try #require(AuditAnchor(ChainHead(sequence: 9_999)))
        #expect(try log.verify([anchor]).failure != nil)
    }

    @Test func aLogMadeAnewWithTheKeyIsFoundByItsAnchor() throws {
        let log = try log()
        let anchor = try #require(try log.verify().head)
        for number in try log.numbers { try log.folder.remove(number) }
        log.directory.write("audit.anchor", [])
        try log.restart()
        log.append(1...7)
        #expect(try log.verify().failure == nil)
        #expect(try log.verify([anchor]).failure?.sequence == anchor.sequence)
    }

    @Test func aLogTiedAnewWithoutTheKeyIsFound() throws {
        let log = try log()
        let other = try LogOnDisk { $0.segmentBytes = 900 }
        other.append(1...6)
        let number = try #require(log.numbers.first)
        log.put(try other.bytes(number), number)
        #expect(try log.verify().failure?.sequence == 1)
    }
}

extension AuditAnchor {
    fileprivate init?(_ head: ChainHead) { self.init(sequence: head.sequence, hash: head.hash) }
}
