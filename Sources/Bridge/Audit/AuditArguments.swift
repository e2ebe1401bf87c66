internal import AuditLog
internal import Bytes
internal import HTTPWire

/// Chooses what of a request's arguments is recorded: names on a list, nothing else.
///
/// A secret could stand anywhere a caller can write, so the list names what cannot be one; free texts are not on it.
enum AuditArguments {
    /// Names of parameters of the query, members of bodies and parts of paths.
    static let names: Set<String> = [
        "accounts", "adjust", "after", "before", "board", "broker", "category", "cidrs", "client_order_id", "count",
        "currency", "date", "dry_run", "end", "expire_date", "expires", "expiry", "fields", "format", "frequency",
        "group", "id", "interval", "kind", "levels", "limit", "limit_offset", "limit_price", "market", "max_age_ms",
        "max_events", "max_notional_per_day", "max_open_orders", "max_order_quantity", "max_order_value",
        "name", "order_id", "order_types", "orders_per_day", "orders_per_minute", "outcome",
        "outside_regular_hours", "period", "price_collar_percent", "quantity", "reason", "replacing", "route",
        "scopes", "sessions", "side", "sides", "snapshot", "sort", "start", "status", "symbol", "symbols",
        "throttle_ms", "time_in_force", "topics", "trailing_amount", "trailing_percent", "trigger_price", "type",
        "underlying", "upstream", "cancel_open_orders",
    ]

    /// The parts of the path, the query, and the members of a body that is a JSON object.
    static func of(
        _ parameters: [(name: String, value: String)], _ query: [(name: String, value: String)], body: [UInt8]
    ) -> AuditRecord.Arguments {
        var arguments = AuditRecord.Arguments()
        func add(_ name: String, _ value: String?) {
            if names.contains(name), let value, !looksSecret(value) {
                arguments.shown.append(.init(name, value))
            } else {
                arguments.redacted += 1
            }
        }
        for (name, value) in parameters where name != "account" { add(name, value) }
        for (name, value) in query where name != "account" { add(name, value) }
        guard !body.isEmpty else { return arguments }
        guard let object = (try? JSONValue.parse(body))?.objectValue else {
            arguments.redacted += 1
            return arguments
        }
        for (name, value) in object.members { add(name, text(value)) }
        return arguments
    }

    /// A key that somebody put where a symbol or a name belongs.
    static func looksSecret(_ value: String) -> Bool {
        value.utf8.count >= APIKey.prefix.utf8.count + 20 && value.contains(APIKey.prefix)
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): text
        case .array(let items):
            items.prefix(50).map { item in
                if case .array = item { return "…" }
                if case .object = item { return "…" }
                return text(item) ?? "…"
            }.joined(separator: ",")
        case .object: nil
        }
    }
}
