import EventLoops
import Glibc
import Storage
import Testing
import TestSupport

@Suite struct StateMarkTests {
    init() { LoopRunner.start() }

    /// Opens the database, writes as often, and closes it.
    @LoopActor private static func run(_ path: String, writes: Int) async throws -> StateMark? {
        let database = try Database.open(path: path)
        for _ in 0..<writes {
            try await database.write { connection throws(StorageError) in
                try connection.run(
                    "INSERT INTO journal (account, topic, event, time_ms, body) VALUES ('a', 'orders', 'order', 1, '{}')"
                )
            }
        }
        database.close()
        return database.mark
    }

    private static func copy(_ from: String, _ to: String) {
        let source = open(from, O_RDONLY)
        let target = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = read(source, &bytes, bytes.count), count > 0 { _ = write(target, bytes, count) }
        close(source)
        close(target)
    }

    @LoopActor private static func settle(_ path: String) async throws {
        let database = try Database.open(path: path)
        try await database.write { connection throws(StorageError) in try StateMark.settle(on: connection) }
        database.close()
    }

    @Test @LoopActor func aStateThatGoesOnIsNoOlderCopy() async throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        var marks: [StateMark] = []
        for writes in [3, 0, 2] {
            let mark = try #require(try await StateMarkTests.run(path, writes: writes))
            #expect(mark.returned == nil)
            marks.append(mark)
        }
        #expect(Set(marks.map(\.epoch)).count == 1)
        #expect(Set(marks.map(\.instance)).count == 1)
    }

    @Test @LoopActor func anOlderCopyInTheSameFileIsToldByTheCountBesideIt() async throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        let first = try await StateMarkTests.run(path, writes: 2)
        StateMarkTests.copy(path, folder.file("copy"))
        _ = try await StateMarkTests.run(path, writes: 1)
        StateMarkTests.copy(folder.file("copy"), path)
        let returned = try #require(try await StateMarkTests.run(path, writes: 0))
        #expect(returned.returned?.contains("at commit") == true)
        #expect(returned.epoch != first?.epoch)
        #expect(returned.instance == first?.instance)
        // Until it is settled, however often it starts.
        #expect(try await StateMarkTests.run(path, writes: 0)?.returned != nil)
        try await StateMarkTests.settle(path)
        #expect(try await StateMarkTests.run(path, writes: 0)?.returned == nil)
    }

    @Test @LoopActor func aCopyOfBothInOtherFilesIsToldByTheFile() async throws {
        let folder = TemporaryDirectory()
        _ = try await StateMarkTests.run(folder.file("db"), writes: 2)
        StateMarkTests.copy(folder.file("db"), folder.file("other"))
        StateMarkTests.copy(folder.file("db.position"), folder.file("other.position"))
        let mark = try await StateMarkTests.run(folder.file("other"), writes: 0)
        #expect(mark?.returned?.contains("another file") == true)
    }

    @Test(arguments: ["", "x", "0123456789abcdef", "0123456789abcdef -1", "0123456789abcdef 99999999999999999999"])
    @LoopActor func aPositionThatCannotBeReadOrIsMissingCountsAsAnOlderCopy(_ text: String) async throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        _ = try await StateMarkTests.run(path, writes: 1)
        if text == "x" {
            unlink("\(path).position")
        } else {
            let file = open("\(path).position", O_WRONLY | O_TRUNC)
            _ = write(file, text, text.utf8.count)
            close(file)
        }
        #expect(try await StateMarkTests.run(path, writes: 0)?.returned != nil)
    }

    @Test @LoopActor func theJournalOfAnOlderCopyBeginsBehindEveryNumberGivenBefore() async throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        _ = try await StateMarkTests.run(path, writes: 2)
        StateMarkTests.copy(path, folder.file("copy"))
        _ = try await StateMarkTests.run(path, writes: 1000)
        StateMarkTests.copy(folder.file("copy"), path)
        _ = try await StateMarkTests.run(path, writes: 1)
        let database = try Database.open(path: path)
        let numbers = try await database.read { connection throws(StorageError) in
            try connection.run("SELECT number FROM journal").compactMap { $0.integer(0) }
        }
        database.close()
        #expect(numbers.count == 1 && (numbers.first ?? 0) > 1 << 32)
    }
}
