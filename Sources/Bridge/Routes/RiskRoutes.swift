internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

/// Rules of risk: what an account may do at the most, and how much of that is used.
extension BridgeApplication {
    static func addRiskRoutes(to table: inout RouteTable<Route>) {
        let path = "/v1/accounts/{account}/risk"
        table.add(
            .get, path,
            Route(scope: .accountRead) { application, context throws(Problem) in try application.risk(context) })
        table.add(
            .put, path,
            Route(scope: .admin) { application, context throws(Problem) in try application.setRisk(context) })
        addKillSwitchRoutes(to: &table)
    }

    /// Reads what the last run left: rules, halts, and what counts.
    func loadRisk() async throws(StorageError) {
        risk.load(
            try await database.read { connection throws(StorageError) in
                try RiskStore.all(now: .now(), on: connection)
            })
        for (place, kill) in risk.switches.sorted(by: { $0.key < $1.key }) {
            log.warning(
                "trading.halted", .account(place == KillSwitch.whole ? "all" : place),
                .reason("\(kill.setBy): \(kill.reason ?? "no reason given")"))
        }
    }

    private func risk(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        try context.noParameters()
        return .ready(context.json(riskBody(ledger.alias, context.holder.name)))
    }

    private func setRisk(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        try context.noParameters()
        try context.requireJSON()
        var body = try BodyReader(context.request.body)
        let rules = try RiskRules(reading: &body)
        try body.finish()
        let alias = ledger.alias
        return .pending { [self] in
            let now = WallTime.now()
            do throws(StorageError) {
                try await database.write { connection throws(StorageError) in
                    try RiskStore.keep(rules, account: alias, now: now, on: connection)
                }
            } catch {
                return context.problem(
                    Problem(
                        status: 503, code: "storage_unavailable",
                        detail: "The rules could not be kept, so the earlier ones hold: \(error).", retryable: true))
            }
            risk.set(rules, of: alias, at: now)
            log.warning("risk.changed", .account(alias), .key(context.holder.name))
            return context.json(riskBody(alias, context.holder.name))
        }
    }

    /// The account's rules and the asking key's, each with its use.
    private func riskBody(_ alias: String, _ holder: String) -> [UInt8] {
        let now = WallTime.now()
        let account = risk.rules[alias]
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("account")
        json.string(alias)
        json.key("rules")
        (account?.rules ?? RiskRules()).write(to: &json)
        json.key("updated_at")
        json.string(account?.updatedAt.rfc3339)
        json.key("use")
        json.use(risk.use(ofAccount: alias, at: now), openOrders: risk.openCount(ofAccount: alias))
        json.key("key")
        json.beginObject()
        json.key("name")
        json.string(holder)
        json.key("rules")
        risk.keyRules(holder).write(to: &json)
        json.key("use")
        json.use(risk.use(ofKey: holder, at: now), openOrders: risk.openCount(ofKey: holder))
        json.endObject()
        json.key("kill_switch")
        json.killSwitch(account: alias, risk.switches[alias], whole: risk.switches[KillSwitch.whole])
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func use(_ use: RiskDesk.Use, openOrders: Int) {
        beginObject()
        key("orders_in_minute")
        int(use.ordersInMinute)
        key("open_orders")
        int(openOrders)
        key("days")
        beginArray()
        for (day, orders, notional) in use.days {
            beginObject()
            key("market")
            string(day.market.rawValue)
            key("date")
            string(day.date.iso)
            key("orders")
            int(orders)
            key("notional")
            decimal(notional)
            endObject()
        }
        endArray()
        endObject()
    }
}
