internal import BrokerModel
internal import Bytes
internal import Clocks
internal import Storage

/// One line of an order's timeline: a request, an answer, a push, a verdict.
struct TimelineEntry: Sendable {
    /// `created`, `sent`, `answered`, `push`, `poll`, `reconciled`, `amend`, `cancel`, …
    var kind: String
    var at: WallTime
    /// For people; nothing secret.
    var detail: String?

    func json(_ order: Order) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.key("time")
        json.time(at)
        json.key("kind")
        json.string(kind)
        json.key("version")
        json.int(order.version)
        json.key("status")
        json.string(order.status.rawValue)
        json.key("broker_status")
        json.string(order.brokerStatus)
        json.key("filled_quantity")
        json.decimal(order.filledQuantity)
        json.key("detail")
        json.string(detail)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

/// A row of the journal: an event of an account that no stream may miss.
struct JournalEntry: Sendable {
    /// Where it stands; grows by one.
    var number: Int64
    var account: String
    /// `orders`, `executions`, `session`, `auth`.
    var topic: String
    /// The event's name on the stream.
    var event: String
    var at: WallTime
    /// JSON.
    var body: String
}

/// The statements about orders, fills and the journal. Each runs inside a job of the database's thread.
enum OrderStore {
    static func save(_ order: Order, _ entry: TimelineEntry, on connection: SQLConnection) throws(StorageError) {
        try connection.run(
            """
            INSERT INTO orders (id, account, version, broker_order_id, client_order_id, symbol, is_final, created_ms,
                updated_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, broker_order_id = excluded.broker_order_id,
                client_order_id = excluded.client_order_id, is_final = excluded.is_final, updated_ms = excluded.updated_ms, body = excluded.body
                WHERE excluded.version >= orders.version
            """,
            [
                .text(order.id.text), .text(order.account), .integer(Int64(order.version)),
                .text(order.brokerOrderID), .text(order.request.clientOrderID), .text(order.request.symbol.text),
                .bool(order.settledStatus.isFinal), .integer(order.createdAt.milliseconds),
                .integer(order.updatedAt.milliseconds), .text(OrderRecord.encode(order)),
            ])
        try connection.run(
            """
            INSERT INTO order_timeline (order_id, sequence, body) VALUES (?1,
                (SELECT COALESCE(MAX(sequence), 0) + 1 FROM order_timeline WHERE order_id = ?1), ?2)
            """, [.text(order.id.text), .text(entry.json(order))])
        try AttachedOrderStore.save(order, on: connection)
    }

    /// `false` for one that is known.
    static func insert(
        _ execution: Execution, account: String, body: String, on connection: SQLConnection
    ) throws(StorageError) -> Bool {
        try connection.run(
            "INSERT OR IGNORE INTO executions (account, id, broker_order_id, symbol, time_ms, body) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(account), .text(execution.id), .text(execution.brokerOrderID), .text(execution.symbol.text),
                .integer(execution.time.milliseconds), .text(body),
            ])
        return connection.changes > 0
    }

    static func append(
        account: String, topic: String, event: String, at time: WallTime, body: String, on connection: SQLConnection
    ) throws(StorageError) -> Int64 {
        try connection.run(
            "INSERT INTO journal (account, topic, event, time_ms, body) VALUES (?, ?, ?, ?, ?)",
            [.text(account), .text(topic), .text(event), .integer(time.milliseconds), .text(body)])
        return connection.lastInsertedRow
    }

    /// The newest number, and whether there ever was one: `(0, …)` for an empty journal.
    static func lastJournalNumber(_ connection: SQLConnection) throws(StorageError) -> Int64 {
        // AUTOINCREMENT remembers it when rows are gone.
        try connection.run("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").first?.integer(0) ?? 0
    }

    /// Events after a number, oldest first.
    static func journal(
        after number: Int64, accounts: [String], limit: Int, on connection: SQLConnection
    ) throws(StorageError) -> [JournalEntry] {
        guard !accounts.isEmpty else { return [] }
        let marks = accounts.map { _ in "?" }.joined(separator: ", ")
        let rows = try connection.run(
            """
            SELECT number, account, topic, event, time_ms, body FROM journal
            WHERE number > ? AND account IN (\(marks)) ORDER BY number LIMIT ?
            """, [.integer(number)] + accounts.map { .text($0) } + [.integer(Int64(limit))])
        return rows.compactMap { row in
            guard let number = row.integer(0), let account = row.text(1), let topic = row.text(2),
                let event = row.text(3), let time = row.integer(4), let body = row.text(5)
            else { return nil }
            return JournalEntry(
                number: number, account: account, topic: topic, event: event, at: WallTime(milliseconds: time),
                body: body)
        }
    }

    /// The oldest number still kept, less one: what is after it is whole.
    static func forgottenJournalNumber(_ connection: SQLConnection) throws(StorageError) -> Int64 {
        let oldest = try connection.run("SELECT MIN(number) FROM journal").first?.integer(0)
        if let oldest { return oldest - 1 }
        return try lastJournalNumber(connection)
    }

    /// Drops what is older than the bounds.
    static func trim(now: WallTime, on connection: SQLConnection) throws(StorageError) {
        let week = now.milliseconds - 8 * 86_400_000
        try connection.run("DELETE FROM journal WHERE time_ms < ?", [.integer(week)])
        try IdempotencyStore.trim(now: now, on: connection)
        try RiskStore.trim(now: now, on: connection)
    }

    /// Takes out everything of an account. For a simulated broker that remembers nothing itself.
    static func forget(account: String, on connection: SQLConnection) throws(StorageError) {
        for sql in [
            "DELETE FROM idempotency WHERE order_id IN (SELECT id FROM orders WHERE account = ?)",
            "DELETE FROM risk_counts WHERE id IN (SELECT id FROM orders WHERE account = ?)",
            "DELETE FROM order_timeline WHERE order_id IN (SELECT id FROM orders WHERE account = ?)",
            "DELETE FROM orders WHERE account = ?", "DELETE FROM executions WHERE account = ?",
            "DELETE FROM attached_orders WHERE account = ?", "DELETE FROM journal WHERE account = ?",
        ] {
            try connection.run(sql, [.text(account)])
        }
    }

    // MARK: Orders

    static func open(account: String, on connection: SQLConnection) throws(StorageError) -> [Order] {
        try connection.run("SELECT id, body FROM orders WHERE account = ? AND is_final = 0", [.text(account)])
            .compactMap { order($0, account) }
    }

    /// Orders that ended within ninety days and had orders attached.
    static func recentlyOver(account: String, on connection: SQLConnection) throws(StorageError) -> [Order] {
        try connection.run(
            """
            SELECT id, body FROM orders WHERE account = ? AND is_final = 1 AND updated_ms >= ?
                AND (body LIKE '%"attached_orders":[{%' OR body LIKE '%"attached":{%')
            """, [.text(account), .integer(WallTime.now().milliseconds - 90 * 86_400_000)]
        ).compactMap { order($0, account) }
    }

    static func order(_ id: OrderID, account: String, on connection: SQLConnection) throws(StorageError) -> Order? {
        try connection.run(
            "SELECT id, body FROM orders WHERE id = ? AND account = ?", [.text(id.text), .text(account)]
        )
        .first.flatMap { order($0, account) }
    }

    /// Whether any account has an order of that id.
    static func has(_ id: OrderID, on connection: SQLConnection) throws(StorageError) -> Bool {
        try !connection.run("SELECT 1 FROM orders WHERE id = ?", [.text(id.text)]).isEmpty
    }

    /// Orders that reached the broker and that no idempotency key is kept for: found there after the state was put back.
    static func unclaimed(
        account: String, since time: WallTime, on connection: SQLConnection
    ) throws(StorageError) -> [Order] {
        try connection.run(
            """
            SELECT id, body FROM orders WHERE account = ? AND created_ms >= ? AND broker_order_id IS NOT NULL
                AND id NOT IN (SELECT order_id FROM idempotency WHERE order_id IS NOT NULL)
            """, [.text(account), .integer(time.milliseconds)]
        ).compactMap { order($0, account) }.filter { !$0.isForeign }
    }

    static func order(
        brokerOrderID: String, account: String, on connection: SQLConnection
    ) throws(StorageError) -> Order? {
        try connection.run(
            "SELECT id, body FROM orders WHERE account = ? AND broker_order_id = ?",
            [.text(account), .text(brokerOrderID)]
        ).first.flatMap { order($0, account) }
    }

    /// The newest of that name.
    static func order(
        clientOrderID: String, account: String, on connection: SQLConnection
    ) throws(StorageError) -> Order? {
        try connection.run(
            "SELECT id, body FROM orders WHERE account = ? AND client_order_id = ? ORDER BY created_ms DESC LIMIT 1",
            [.text(account), .text(clientOrderID)]
        ).first.flatMap { order($0, account) }
    }

    private static func order(_ row: SQLRow, _ account: String) -> Order? {
        guard let id = row.text(0), let body = row.text(1) else { return nil }
        return OrderRecord.decode(id: id, account: account, body)
    }

    static func timeline(_ id: OrderID, on connection: SQLConnection) throws(StorageError) -> [String] {
        try connection.run(
            "SELECT body FROM order_timeline WHERE order_id = ? ORDER BY sequence LIMIT 1000", [.text(id.text)]
        ).compactMap { $0.text(0) }
    }

    /// What a list of orders is asked for.
    struct OrderFilter: Sendable {
        var account: String
        var isFinal: Bool?
        var symbols: [Symbol] = []
        var side: OrderSide?
        var start: WallTime?
        var end: WallTime?
        var clientOrderID: String?
        var before: (createdMilliseconds: Int64, id: String)?
        var limit = 100
    }

    /// Newest first.
    static func orders(_ filter: OrderFilter, on connection: SQLConnection) throws(StorageError) -> [Order] {
        var sql = "SELECT id, body FROM orders WHERE account = ?"
        var values: [SQLValue] = [.text(filter.account)]
        if let isFinal = filter.isFinal {
            sql += " AND is_final = ?"
            values.append(.bool(isFinal))
        }
        if !filter.symbols.isEmpty {
            sql += " AND symbol IN (\(filter.symbols.map { _ in "?" }.joined(separator: ", ")))"
            values += filter.symbols.map { .text($0.text) }
        }
        if let side = filter.side {
            sql += " AND json_extract(body, '$.request.side') = ?"
            values.append(.text(side.rawValue))
        }
        if let start = filter.start {
            sql += " AND created_ms >= ?"
            values.append(.integer(start.milliseconds))
        }
        if let end = filter.end {
            sql += " AND created_ms <= ?"
            values.append(.integer(end.milliseconds))
        }
        if let client = filter.clientOrderID {
            sql += " AND client_order_id = ?"
            values.append(.text(client))
        }
        if let before = filter.before {
            sql += " AND (created_ms, id) < (?, ?)"
            values += [.integer(before.createdMilliseconds), .text(before.id)]
        }
        sql += " ORDER BY created_ms DESC, id DESC LIMIT ?"
        values.append(.integer(Int64(filter.limit)))
        return try connection.run(sql, values).compactMap { order($0, filter.account) }
    }

    // MARK: Fills

    /// What a list of fills is asked for.
    struct ExecutionFilter: Sendable {
        var account: String
        /// Of an order and those attached to it, which may have the fills of neither.
        var order: (id: OrderID, brokerOrderID: String?)?
        var symbols: [Symbol] = []
        var start: WallTime?
        var end: WallTime?
        var before: (milliseconds: Int64, id: String)?
        var limit = 100
    }

    /// The JSON of each, newest first, with what the next page begins behind.
    static func executions(
        _ filter: ExecutionFilter, on connection: SQLConnection
    ) throws(StorageError) -> [(body: String, milliseconds: Int64, id: String)] {
        var sql = "SELECT body, time_ms, id FROM executions WHERE account = ?"
        var values: [SQLValue] = [.text(filter.account)]
        if let order = filter.order {
            sql += """
                 AND (broker_order_id = ? OR broker_order_id IN
                    (SELECT broker_order_id FROM attached_orders WHERE account = ? AND order_id = ?))
                """
            values += [.text(order.brokerOrderID ?? ""), .text(filter.account), .text(order.id.text)]
        }
        if !filter.symbols.isEmpty {
            sql += " AND symbol IN (\(filter.symbols.map { _ in "?" }.joined(separator: ", ")))"
            values += filter.symbols.map { .text($0.text) }
        }
        if let start = filter.start {
            sql += " AND time_ms >= ?"
            values.append(.integer(start.milliseconds))
        }
        if let end = filter.end {
            sql += " AND time_ms <= ?"
            values.append(.integer(end.milliseconds))
        }
        if let before = filter.before {
            sql += " AND (time_ms, id) < (?, ?)"
            values += [.integer(before.milliseconds), .text(before.id)]
        }
        sql += " ORDER BY time_ms DESC, id DESC LIMIT ?"
        values.append(.integer(Int64(filter.limit)))
        return try connection.run(sql, values).compactMap { row in
            guard let body = row.text(0), let time = row.integer(1), let id = row.text(2) else { return nil }
            return (body, time, id)
        }
    }
}
