import EventLoops
import Storage
import TestSupport
import Testing

@Suite struct RefusalRecordTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func whatOneRunCountedTheNextOneKnows() async {
        let store = KeptInMemory()
        let first = RefusalRecord(of: "main", credential: [1, 2], in: store)
        await first.load()
        #expect(first.count == 0 && first.reason.isEmpty)
        first.refused("wrong")
        first.refused("still wrong")
        #expect(first.count == 2)
        await first.settle()
        let second = RefusalRecord(of: "main", credential: [1, 2], in: store)
        await second.load()
        #expect(second.count == 2 && second.reason == "still wrong")
        second.refused("as ever")
        second.forget()
        await second.settle()
        let third = RefusalRecord(of: "main", credential: [1, 2], in: store)
        await third.load()
        #expect(third.count == 0 && third.reason.isEmpty)
    }

    @Test @LoopActor func anotherCredentialOrAccountBeginsAtNothing() async {
        let store = KeptInMemory()
        let first = RefusalRecord(of: "main", credential: [1, 2], in: store)
        first.refused("wrong")
        await first.settle()
        for (account, credential) in [
            ("main", [UInt8](arrayLiteral: 1, 3)), ("main", [1]), ("main", []), ("other", [1, 2]),
        ] {
            let record = RefusalRecord(of: account, credential: credential, in: store)
            await record.load()
            #expect(record.count == 0, "\(account) \(credential)")
        }
    }

    @Test(arguments: [[], [3], [3, 1], [3, 9, 1], [255, 255]] as [[UInt8]])
    @LoopActor func whatCannotBeReadCountsAsNothing(bytes: [UInt8]) async {
        let store = KeptInMemory()
        store.kept["main"] = bytes
        let record = RefusalRecord(of: "main", credential: [7, 7], in: store)
        await record.load()
        #expect(record.count == 0)
    }

    @Test @LoopActor func aStoreThatFailsIsCountedInMemory() async {
        let store = KeptInMemory()
        store.fails = true
        let record = RefusalRecord(of: "main", credential: [1], in: store)
        await record.load()
        record.refused(String(repeating: "a", count: 5000))
        await record.settle()
        #expect(record.count == 1 && record.reason.utf8.count == RefusalRecord.longestReason)
    }
}

/// One kind of secrets, in memory.
@LoopActor
private final class KeptInMemory: SecretKeeping {
    var kept: [String: [UInt8]] = [:]
    var fails = false

    func read(_ kind: SealedKind, of account: String) async throws(SealedStoreError) -> [UInt8]? {
        if fails { throw .storage(.failing("as asked")) }
        return kept[account]
    }

    func write(_ bytes: [UInt8], _ kind: SealedKind, of account: String) async throws(SealedStoreError) {
        if fails { throw .storage(.failing("as asked")) }
        kept[account] = bytes
    }

    func remove(_ kind: SealedKind, of account: String) async throws(SealedStoreError) {
        if fails { throw .storage(.failing("as asked")) }
        kept[account] = nil
    }
}
