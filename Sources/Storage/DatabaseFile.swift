internal import Glibc

/// Opens the file and brings it to the newest version.
struct DatabaseFile: Sendable {
    let path: String
    let migrations: [Migration]

    /// Says whose file it is: "BBdg".
    private static let applicationID: Int64 = 0x4242_6467

    func open() throws(StorageError) -> SQLConnection {
        try make(path)
        let connection = try SQLConnection(path: path)
        try connection.script("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON;")
        let isNew = try number("PRAGMA schema_version", connection) == 0
        let application = try number("PRAGMA application_id", connection)
        guard isNew || application == DatabaseFile.applicationID else {
            throw .unusable("it belongs to another program")
        }
        guard try connection.run("PRAGMA quick_check(1)").first?.text(0) == "ok" else {
            throw .unusable("it is damaged")
        }
        guard try connection.run("PRAGMA journal_mode = WAL").first?.text(0) == "wal" else {
            throw .failing("no write-ahead log is possible here")
        }
        try connection.script("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;")
        if isNew { try connection.script("PRAGMA application_id = \(DatabaseFile.applicationID)") }
        try migrate(connection, isNew: isNew)
        return connection
    }

    private func migrate(_ connection: SQLConnection, isNew: Bool) throws(StorageError) {
        let version = try number("PRAGMA user_version", connection)
        let newest = migrations.map(\.version).max() ?? 0
        guard version <= newest else {
            throw .unusable("it is of version \(version), and this program knows \(newest)")
        }
        let due = migrations.filter { $0.version > version }.sorted { $0.version < $1.version }
        guard !due.isEmpty else { return }
        if !isNew, version > 0 { try backUp(connection, version: version) }
        // All or none, the number included.
        try connection.run("BEGIN IMMEDIATE")
        do throws(StorageError) {
            for migration in due { try connection.script(migration.sql) }
            try connection.script("PRAGMA user_version = \(newest)")
            try connection.run("COMMIT")
        } catch {
            _ = try? connection.run("ROLLBACK")
            throw error
        }
    }

    private func backUp(_ connection: SQLConnection, version: Int64) throws(StorageError) {
        let backup = "\(path).v\(version).backup"
        // One that a start cut short left behind.
        unlink(backup)
        try make(backup)
        try connection.run("VACUUM INTO ?", [.text(backup)])
    }

    /// Makes an empty file for its owner alone, if there is none; SQLite gives its log the same rights.
    private func make(_ path: String) throws(StorageError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .failing(String(cString: strerror(errno))) }
        close(descriptor)
    }

    private func number(_ sql: String, _ connection: SQLConnection) throws(StorageError) -> Int64 {
        try connection.run(sql).first?.integer(0) ?? 0
    }
}
