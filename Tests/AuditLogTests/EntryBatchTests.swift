@testable import AuditLog
import Clocks
import Testing

@Suite struct EntryBatchTests {
    private func entry(_ name: String, _ demand: AuditEntry.Demand = .plain) -> AuditEntry {
        var record = AuditRecord(.request, time: WallTime(seconds: 0), monotonic: .zero)
        record.key = name
        return AuditEntry(record: record, demand: demand)
    }

    private func names(_ batch: EntryBatch) -> [String] {
        var names: [String] = []
        batch.forEach {
            names.append(String(decoding: $0, as: UTF8.self))
        } record: {
            names.append($0.record.key ?? "")
        }
        return names
    }

    @Test func entriesKeepTheirOrderWhateverTheyAre() {
        var first = EntryBatch([entry("a")])
        first.append(text: Array("bb".utf8)[...])
        first.append(text: [])
        first.append(entry("c", .durable))
        var second = EntryBatch()
        second.append(text: Array("-dd".utf8).dropFirst())
        second.append(entry("e", .urgent))
        second.append(contentsOf: first)
        #expect(names(second) == ["dd", "e", "a", "bb", "", "c"])
        #expect(second.count == 6 && second.recordCount == 3)
        #expect(names(second.without(.durable)) == ["dd", "e", "a", "bb", ""])
        #expect(second.without(.durable).recordCount == 2)
        second.removeAll()
        #expect(second.isEmpty && second.recordCount == 0 && names(second).isEmpty)
        second.append(text: Array("f".utf8)[...])
        #expect(names(second) == ["f"])
    }

    @Test func aQueueGivesItsEntriesInOrderAndAtMostAThousandAtATime() {
        var queue = AuditQueue()
        for number in 0..<2500 {
            if number.isMultiple(of: 3) {
                queue.append(entry("\(number)"))
            } else {
                queue.append(text: Array("\(number)".utf8)[...])
            }
        }
        queue.append(entry("2500", .durable)) { _ in }
        queue.append { _ in }
        #expect(queue.count == 2502)
        var found: [String] = []
        var answers: [Int?] = []
        while queue.count > 0 {
            let batch = queue.take()
            #expect(batch.entries.count <= 1024)
            found += names(batch.entries)
            answers += batch.answers.map(\.record)
            queue.giveBack(batch)
        }
        #expect(found == (0...2500).map { "\($0)" })
        // The last batch begins with entry 2048; every third of its entries is a record.
        #expect(answers == [151, nil])
        #expect(queue.take().entries.isEmpty)
    }
}
