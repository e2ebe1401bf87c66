internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

/// The halt of trading, for an account or for all: orders, amendments and raw writes are refused while it holds, and
/// cancellations are taken. It holds over restarts.
extension BridgeApplication {
    static func addKillSwitchRoutes(to table: inout RouteTable<Route>) {
        for path in ["/v1/kill-switch", "/v1/accounts/{account}/kill-switch"] {
            table.add(
                .get, path,
                Route(scope: .accountRead) { application, context throws(Problem) in
                    let place = try application.place(context)
                    try context.noParameters()
                    return .ready(application.killSwitch(place, context))
                })
            // To halt is easier than to go on: who may trade or cancel may halt the account.
            table.add(
                .put, path,
                Route(group: .cancel) { application, context throws(Problem) in
                    try application.halt(context)
                })
            table.add(
                .delete, path,
                Route(scope: .admin) { application, context throws(Problem) in
                    try application.resume(context)
                })
        }
    }

    /// The account, or ``KillSwitch/whole``.
    private func place(_ context: RouteContext) throws(Problem) -> String {
        guard context.template.contains("{account}") else { return KillSwitch.whole }
        return try ledger(context).alias
    }

    private func killSwitch(_ place: String, _ context: RouteContext) -> HTTPResponse {
        var json = JSONWriter()
        write(place, to: &json)
        return context.json(json.bytes)
    }

    private func write(_ place: String, to json: inout JSONWriter) {
        let whole = risk.switches[KillSwitch.whole]
        if place == KillSwitch.whole {
            json.killSwitch(account: nil, nil, whole: whole)
        } else {
            json.killSwitch(account: place, risk.switches[place], whole: whole)
        }
    }

    // MARK: Halt

    private func halt(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let holder = context.holder
        let place = try place(context)
        let isAllowed =
            holder.may(.admin) || (place != KillSwitch.whole && (holder.may(.trade) || holder.may(.tradeCancel)))
        guard isAllowed, place != KillSwitch.whole || holder.accounts == .all else {
            throw Problem(
                status: 403, code: "insufficient_scope",
                detail: place == KillSwitch.whole
                    ? "Halting everything needs the scope admin and every account."
                    : "The key lacks the scope trade, trade:cancel or admin.")
        }
        try context.noParameters()
        var reason: String?
        var cancels = false
        if !context.request.body.isEmpty {
            try context.requireJSON()
            var body = try BodyReader(context.request.body)
            reason = try body.string("reason", maximumBytes: 256)
            cancels = try body.boolean("cancel_open_orders") ?? false
            try body.finish()
        }
        let kill = KillSwitch(reason: reason, setBy: holder.name, since: .now())
        // From this moment on nothing new is let through, whatever the disk says.
        risk.set(kill, place: place)
        tellOfHalt(place, by: holder.name)
        return .pending { [self] in
            // Of all accounts together, so that none waits for another's broker.
            let cancellations =
                cancels
                ? ledgers.sorted { $0.key < $1.key }.filter { place == KillSwitch.whole || place == $0.key }
                    .map { ($0.value, beginCancelling($0.value, context)) }
                : nil
            let isKept = await keep(kill, place)
            var json = JSONWriter()
            json.beginObject()
            json.key("kill_switch")
            write(place, to: &json)
            json.key("cancelled")
            if let cancellations {
                json.beginArray()
                for (ledger, cancelling) in cancellations {
                    json.beginObject()
                    json.key("account")
                    json.string(ledger.alias)
                    json.key("orders")
                    await write(cancelling, ledger, context, to: &json)
                    json.endObject()
                }
                json.endArray()
            } else {
                json.null()
            }
            json.endObject()
            guard isKept else {
                return context.problem(
                    Problem(
                        status: 503, code: "storage_unavailable",
                        detail: "Trading is halted until the bridge stops, but that could not be kept: repeat it.",
                        retryable: true))
            }
            return context.json(json.bytes)
        }
    }

    private func resume(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let place = try place(context)
        guard place != KillSwitch.whole || context.holder.accounts == .all else {
            throw Problem(
                status: 403, code: "account_not_allowed", detail: "Lifting the halt of all needs every account.")
        }
        try context.noParameters()
        return .pending { [self] in
            let lifted = risk.switches[place]
            guard await keep(nil, place) else {
                return context.problem(
                    Problem(
                        status: 503, code: "storage_unavailable", detail: "The halt could not be lifted on the disk.",
                        retryable: true))
            }
            // Who halted meanwhile is not overruled.
            if risk.switches[place] == lifted {
                risk.set(nil, place: place)
            } else if let newer = risk.switches[place] {
                _ = await keep(newer, place)
            }
            tellOfHalt(place, by: context.holder.name)
            return killSwitch(place, context)
        }
    }

    private func keep(_ kill: KillSwitch?, _ place: String) async -> Bool {
        do throws(StorageError) {
            try await database.write { connection throws(StorageError) in
                try RiskStore.keep(kill, place: place, on: connection)
            }
            return true
        } catch {
            log.error("trading.halt_not_kept", .reason("\(error)"))
            return false
        }
    }

    // MARK: Who hears of it

    private func tellOfHalt(_ place: String, by holder: String) {
        let isHalted = risk.switches[place] != nil
        log.warning(
            isHalted ? "trading.halted" : "trading.resumed", .account(place == KillSwitch.whole ? "all" : place),
            .key(holder))
        for alias in ledgers.keys where place == KillSwitch.whole || place == alias {
            var json = JSONWriter()
            write(alias, to: &json)
            hub.tellOfHalt(alias, json.bytes)
        }
    }
}
