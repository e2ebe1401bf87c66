internal import CSQLite
internal import Glibc

/// A connection to the database file, used by its own thread only. Statements are prepared once and kept.
public final class SQLConnection {
    /// Owned; closed in deinit.
    private let handle: OpaquePointer
    /// Owned; finalized in deinit. As many as there are texts in the source.
    private var statements: [String: OpaquePointer] = [:]

    init(path: String) throws(StorageError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        let status = sqlite3_open_v2(path, &handle, flags, nil)
        guard status == SQLITE_OK, let handle else {
            sqlite3_close_v2(handle)
            throw .unusable(String(cString: sqlite3_errstr(status)))
        }
        self.handle = handle
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, 2000)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// Runs one statement to its end and gives its rows, at most `limit`.
    @discardableResult
    public func run(
        _ sql: String, _ parameters: [SQLValue] = [], limit: Int = 100_000
    ) throws(StorageError) -> [SQLRow] {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in parameters.enumerated() { try bind(value, to: statement, at: Int32(index + 1)) }
        var rows: [SQLRow] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                guard rows.count < limit else { return rows }
                rows.append(row(of: statement))
            case SQLITE_DONE: return rows
            case let status: throw error(status)
            }
        }
    }

    /// Rows the last statement changed.
    public var changes: Int { Int(sqlite3_changes(handle)) }

    /// The number SQLite gave to the row inserted last.
    public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs statements that are part of the source, never of an input.
    func script(_ sql: String) throws(StorageError) {
        let status = sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw error(status) }
    }

    private func prepared(_ sql: String) throws(StorageError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard status == SQLITE_OK, let statement else { throw error(status) }
        statements[sql] = statement
        return statement
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) throws(StorageError) {
        // -1 as a pointer is SQLite's "copy it".
        let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let status =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let value): sqlite3_bind_int64(statement, index, value)
            case .text(let value):
                Array(value.utf8).withUnsafeBytes { bytes in
                    sqlite3_bind_text64(
                        statement, index, bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? emptyText,
                        UInt64(bytes.count), copy, UInt8(SQLITE_UTF8))
                }
            case .blob(let value):
                value.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : value.withUnsafeBytes { bytes in
                        sqlite3_bind_blob64(statement, index, bytes.baseAddress, UInt64(bytes.count), copy)
                    }
            }
        guard status == SQLITE_OK else { throw error(status) }
    }

    private func row(of statement: OpaquePointer) -> SQLRow {
        SQLRow(
            values: (0..<sqlite3_column_count(statement)).map { column in
                switch sqlite3_column_type(statement, column) {
                case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
                case SQLITE_TEXT:
                    let count = Int(sqlite3_column_bytes(statement, column))
                    let bytes = UnsafeBufferPointer(start: sqlite3_column_text(statement, column), count: count)
                    return .text(String(decoding: bytes, as: UTF8.self))
                case SQLITE_BLOB:
                    let count = Int(sqlite3_column_bytes(statement, column))
                    let bytes = UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, column), count: count)
                    return .blob([UInt8](bytes))
                default: return .null
                }
            })
    }

    private func error(_ status: Int32) -> StorageError {
        // The text of errmsg may quote a value; that of the code does not.
        let text = "\(String(cString: sqlite3_errstr(status))) (\(status))"
        switch status & 0xFF {
        case SQLITE_FULL: return .full
        case SQLITE_IOERR where sqlite3_system_errno(handle) == ENOSPC: return .full
        case SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM:
            return .failing(text)
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: return .unusable(text)
        case SQLITE_ERROR: return .refused(String(cString: sqlite3_errmsg(handle)))
        default: return .refused(text)
        }
    }
}

/// What an empty text is bound as; a null pointer would be NULL.
private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    pointer.initialize(to: 0)
    return UnsafePointer(pointer)
}()
