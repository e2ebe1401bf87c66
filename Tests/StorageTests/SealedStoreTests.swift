import Cryptography
import EventLoops
import Glibc
import Storage
import Testing
import TestSupport

@Suite struct SealedStoreTests {
    init() { LoopRunner.start() }

    private static func key(_ byte: UInt8) throws -> SealingKey {
        try #require(SealingKey([UInt8](repeating: byte, count: 32)))
    }

    @Test @LoopActor func whatIsKeptOutlivesTheProcessAndIsNowhereReadable() async throws {
        let folder = TemporaryDirectory()
        let secret = Array("rt_a-refresh-token-nobody-may-see".utf8)
        let first = try Database.open(path: folder.file("db"))
        #expect(try await SealedStore.check(Self.key(1), of: first) == .right)
        let store = try SealedStore(first, key: Self.key(1))
        try await store.write(secret, .tokens, of: "main")
        try await store.write([1], .client, of: "main")
        try await store.write(secret + [0], .tokens, of: "main")
        first.close()
        for name in ["db", "db-wal"] {
            let bytes = Self.contents(folder.file(name))
            #expect(bytes.firstRange(of: secret) == nil)
        }
        let second = try Database.open(path: folder.file("db"))
        let again = try SealedStore(second, key: Self.key(1))
        #expect(try await again.read(.tokens, of: "main") == secret + [0])
        #expect(try await again.read(.client, of: "main") == [1])
        #expect(try await again.read(.tokens, of: "other") == nil)
        try await again.remove(.tokens, of: "main")
        #expect(try await again.read(.tokens, of: "main") == nil)
        second.close()
    }

    @Test @LoopActor func aWrongKeyIsToldAndChangesNothing() async throws {
        let folder = TemporaryDirectory()
        let database = try Database.open(path: folder.file("db"))
        #expect(try await !SealedStore.isMarked(database))
        #expect(try await SealedStore.check(Self.key(1), of: database) == .right)
        #expect(try await SealedStore.isMarked(database))
        try await SealedStore(database, key: Self.key(1)).write([5], .tokens, of: "main")
        #expect(try await SealedStore.check(Self.key(2), of: database) == .wrong)
        await #expect(throws: SealedStoreError.unopenable) {
            try await SealedStore(database, key: Self.key(2)).read(.tokens, of: "main")
        }
        #expect(try await SealedStore.check(Self.key(1), of: database) == .right)
        #expect(try await SealedStore(database, key: Self.key(1)).read(.tokens, of: "main") == [5])
        database.close()
    }

    @Test @LoopActor func aSecretMovedToAnotherAccountDoesNotOpenThere() async throws {
        let folder = TemporaryDirectory()
        let database = try Database.open(path: folder.file("db"))
        let store = try SealedStore(database, key: Self.key(1))
        try await store.write([5], .tokens, of: "main")
        try await database.write { connection throws(StorageError) in
            try connection.run("UPDATE sealed_tokens SET account = 'other'")
        }
        await #expect(throws: SealedStoreError.unopenable) { try await store.read(.tokens, of: "other") }
        database.close()
    }

    private static func contents(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }
}
