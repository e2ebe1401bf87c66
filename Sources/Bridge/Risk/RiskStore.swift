internal import BrokerModel
internal import Bytes
internal import Clocks
internal import Storage

/// The statements about rules of risk, what counts against them, and what is halted.
enum RiskStore {
    /// How long an order counts, its market's day and the hours between clocks included.
    static let life = Duration.seconds(3 * 86_400)

    /// Everything there is.
    struct Contents: Sendable {
        var rules: [String: (rules: RiskRules, updatedAt: WallTime)] = [:]
        /// Texts that are no rules: the accounts are not to trade until a person has looked.
        var unreadable: [String] = []
        /// Oldest first.
        var entries: [RiskEntry] = []
        /// Of orders that are not over, who placed them.
        var holders: [OrderID: String] = [:]
        var switches: [String: KillSwitch] = [:]
    }

    static func all(now: WallTime, on connection: SQLConnection) throws(StorageError) -> Contents {
        var contents = Contents()
        for row in try connection.run("SELECT account, body, updated_ms FROM risk_rules") {
            guard let account = row.text(0) else { continue }
            guard let rules = row.text(1).flatMap({ RiskRules.read($0) }), let updated = row.integer(2) else {
                contents.unreadable.append(account)
                continue
            }
            contents.rules[account] = (rules, WallTime(milliseconds: updated))
        }
        let rows = try connection.run(
            """
            SELECT id, account, holder, market, is_order, value, time_ms FROM risk_counts WHERE time_ms >= ?
            ORDER BY time_ms
            """, [.integer(now.milliseconds - life.millisecondsRoundedUp)])
        contents.entries = rows.compactMap { entry($0) }
        let open = try connection.run(
            "SELECT c.id, c.holder FROM risk_counts c JOIN orders o ON o.id = c.id WHERE o.is_final = 0")
        for row in open {
            guard let id = row.text(0).flatMap({ OrderID($0) }), let holder = row.text(1) else { continue }
            contents.holders[id] = holder
        }
        for row in try connection.run("SELECT account, reason, set_by, set_ms FROM kill_switches") {
            guard let account = row.text(0), let by = row.text(2), let at = row.integer(3) else { continue }
            contents.switches[account] = KillSwitch(reason: row.text(1), setBy: by, since: WallTime(milliseconds: at))
        }
        return contents
    }

    private static func entry(_ row: SQLRow) -> RiskEntry? {
        guard let id = row.text(0), let account = row.text(1), let holder = row.text(2),
            let market = row.text(3).flatMap({ Market(rawValue: $0) }), let isOrder = row.integer(4),
            let time = row.integer(6)
        else { return nil }
        return RiskEntry(
            id: id, account: account, holder: holder, market: market, isOrder: isOrder != 0,
            value: row.text(5).flatMap { DecimalText($0) }, at: WallTime(milliseconds: time))
    }

    static func insert(_ entry: RiskEntry, on connection: SQLConnection) throws(StorageError) {
        try connection.run(
            "INSERT OR REPLACE INTO risk_counts (id, account, holder, market, is_order, value, time_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .text(entry.id), .text(entry.account), .text(entry.holder), .text(entry.market.rawValue),
                .bool(entry.isOrder), .text(entry.value?.text), .integer(entry.at.milliseconds),
            ])
    }

    /// It weighs on no day's sum any more.
    static func release(_ entry: RiskEntry, on connection: SQLConnection) throws(StorageError) {
        try connection.run("UPDATE risk_counts SET value = NULL WHERE id = ?", [.text(entry.id)])
    }

    /// Drops what counts no more, except who placed orders that are still open.
    static func trim(now: WallTime, on connection: SQLConnection) throws(StorageError) {
        try connection.run(
            """
            DELETE FROM risk_counts WHERE time_ms < ?
                AND id NOT IN (SELECT id FROM orders WHERE is_final = 0)
            """, [.integer(now.milliseconds - life.millisecondsRoundedUp)])
    }

    static func keep(
        _ rules: RiskRules, account: String, now: WallTime, on connection: SQLConnection
    ) throws(StorageError) {
        try connection.run(
            "INSERT OR REPLACE INTO risk_rules (account, body, updated_ms) VALUES (?, ?, ?)",
            [.text(account), .text(rules.text), .integer(now.milliseconds)])
    }

    /// - Parameter place: an account, or ``KillSwitch/whole``.
    static func keep(_ kill: KillSwitch?, place: String, on connection: SQLConnection) throws(StorageError) {
        guard let kill else {
            try connection.run("DELETE FROM kill_switches WHERE account = ?", [.text(place)])
            return
        }
        try connection.run(
            "INSERT OR REPLACE INTO kill_switches (account, reason, set_by, set_ms) VALUES (?, ?, ?, ?)",
            [.text(place), .text(kill.reason), .text(kill.setBy), .integer(kill.since.milliseconds)])
    }
}
