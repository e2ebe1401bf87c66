import EventLoops
import Glibc
import Storage
import Testing
import TestSupport

@Suite struct DatabaseTests {
    init() { LoopRunner.start() }

    private static let table = [Migration(1, "CREATE TABLE numbers (value INTEGER PRIMARY KEY) STRICT")]

    @Test @LoopActor func whatWasWrittenIsThereAfterTheFileIsOpenedAnew() async throws {
        let folder = TemporaryDirectory()
        let first = try Database.open(path: folder.file("db"), migrations: DatabaseTests.table)
        try await first.write { connection throws(StorageError) in
            try connection.run("INSERT INTO numbers VALUES (?)", [.integer(7)])
        }
        first.close()
        let second = try Database.open(path: folder.file("db"), migrations: DatabaseTests.table)
        #expect(try await DatabaseTests.numbers(second) == [7])
        second.close()
    }

    @Test @LoopActor func aJobThatFailsTakesNothingOfTheOthersWithIt() async throws {
        let folder = TemporaryDirectory()
        let database = try Database.open(path: folder.file("db"), migrations: DatabaseTests.table)
        let jobs = (0..<100).map { number in
            spawn { () async -> Bool in
                do throws(StorageError) {
                    try await database.write { connection throws(StorageError) in
                        try connection.run("INSERT INTO numbers VALUES (?)", [.integer(Int64(1000 + number))])
                        // Of every two, the second meets the first one's row.
                        try connection.run("INSERT INTO numbers VALUES (?)", [.integer(Int64(number / 2))])
                    }
                    return true
                } catch { return false }
            }
        }
        var kept = 0
        for job in jobs { kept += await job.value ? 1 : 0 }
        #expect(kept == 50)
        let numbers = try await DatabaseTests.numbers(database)
        let firsts: [Int64] = Array(0..<50)
        let evens: [Int64] = firsts.map { 1000 + $0 * 2 }
        #expect(numbers == firsts + evens)
        database.close()
    }

    @Test @LoopActor func aWriteIsOnlyAnsweredWhenItIsSynced() async throws {
        // A second connection, as another process would have, sees what was answered.
        let folder = TemporaryDirectory()
        let database = try Database.open(path: folder.file("db"), migrations: DatabaseTests.table)
        let reader = try Database.open(path: folder.file("db"), migrations: DatabaseTests.table)
        for number in 0..<20 {
            try await database.write { connection throws(StorageError) in
                try connection.run("INSERT INTO numbers VALUES (?)", [.integer(Int64(number))])
            }
            #expect(try await DatabaseTests.numbers(reader).count == number + 1)
        }
        reader.close()
        database.close()
    }

    @Test @LoopActor func aClosedDatabaseRefuses() async throws {
        let folder = TemporaryDirectory()
        let database = try Database.open(path: folder.file("db"), migrations: DatabaseTests.table)
        database.close()
        await #expect(throws: StorageError.closed) {
            try await database.read { connection throws(StorageError) in try connection.run("SELECT 1").count }
        }
    }

    @Test func anotherProgramsFileIsLeftAsItIs() throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        let bytes = [UInt8]("this is no database, but something somebody wants to keep".utf8)
        folder.write("db", bytes)
        #expect(throws: StorageError.self) { try Database.open(path: path) }
        #expect(DatabaseTests.bytes(path) == bytes)
    }

    @Test func aNewerVersionIsRefusedAndLeftAsItIs() throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        try Database.open(path: path, migrations: [Migration(9, "CREATE TABLE later (a INTEGER)")]).close()
        let before = DatabaseTests.bytes(path)
        #expect(throws: StorageError.unusable("it is of version 9, and this program knows 1")) {
            try Database.open(path: path, migrations: DatabaseTests.table)
        }
        #expect(DatabaseTests.bytes(path) == before)
    }

    @Test @LoopActor func anOldVersionIsBackedUpAndBroughtForward() async throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        let old = try Database.open(path: path, migrations: DatabaseTests.table)
        try await old.write { connection throws(StorageError) in
            try connection.run("INSERT INTO numbers VALUES (?)", [.integer(1)])
        }
        old.close()
        let steps = DatabaseTests.table + [Migration(2, "ALTER TABLE numbers ADD COLUMN note TEXT")]
        let new = try Database.open(path: path, migrations: steps)
        #expect(try await DatabaseTests.numbers(new) == [1])
        new.close()
        let backup = try Database.open(path: path + ".v1.backup", migrations: DatabaseTests.table)
        #expect(try await DatabaseTests.numbers(backup) == [1])
        backup.close()
    }

    @Test func aStepThatFailsChangesNothing() throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        try Database.open(path: path, migrations: DatabaseTests.table).close()
        let broken =
            DatabaseTests.table + [
                Migration(2, "CREATE TABLE more (a INTEGER)"), Migration(3, "THIS IS NO SQL"),
            ]
        #expect(throws: StorageError.self) { try Database.open(path: path, migrations: broken) }
        try Database.open(path: path, migrations: DatabaseTests.table).close()
    }

    @Test func theFileIsItsOwnersAlone() throws {
        let folder = TemporaryDirectory()
        try Database.open(path: folder.file("db")).close()
        var status = stat()
        #expect(stat(folder.file("db"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test @LoopActor func everyKindOfValueComesBackAsItWent() async throws {
        let folder = TemporaryDirectory()
        let database = try Database.open(path: folder.file("db"))
        let values: [SQLValue] = [
            .null, .integer(.min), .integer(.max), .text(""), .text("é\u{0}中"), .blob([]), .blob([0, 255]),
        ]
        for value in values {
            let back = try await database.read { connection throws(StorageError) in
                try connection.run("SELECT ?", [value]).first?[0]
            }
            #expect(back == value)
        }
        database.close()
    }

    private static func bytes(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)))
    }

    @LoopActor private static func numbers(_ database: Database) async throws(StorageError) -> [Int64] {
        try await database.read { connection throws(StorageError) in
            try connection.run("SELECT value FROM numbers ORDER BY value").compactMap { $0.integer(0) }
        }
    }
}
