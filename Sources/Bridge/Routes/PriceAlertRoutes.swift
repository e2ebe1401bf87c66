internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// The user's price alerts at the broker. Changing them needs the scope `trade`.
extension BridgeApplication {
    static func addPriceAlertRoutes(to table: inout RouteTable<Route>) {
        let all = "/v1/accounts/{account}/price-alerts"
        let one = all + "/{id}"
        table.add(
            .get, all,
            Route(scope: .accountRead) { application, context throws(Problem) in try application.priceAlerts(context) })
        table.add(
            .post, all,
            Route(scope: .trade) { application, context throws(Problem) in try application.createPriceAlert(context) })
        table.add(
            .patch, one,
            Route(scope: .trade) { application, context throws(Problem) in try application.changePriceAlert(context) })
        table.add(
            .delete, one,
            Route(scope: .trade) { application, context throws(Problem) in try application.deletePriceAlert(context) })
    }

    private func priceAlerts(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let symbol = try query.string("symbol").map { (text) throws(Problem) in
            try context.symbol(text, field: "symbol")
        }
        try query.finish()
        let broker = try offering(.priceAlerts, context)
        let wait = longestWait(context)
        return context.later { () async throws(BrokerFailure) in
            let alerts = try await broker.priceAlerts(wait: wait)
            var json = JSONWriter(capacity: 2048)
            json.beginObject()
            json.list(alerts.filter { symbol == nil || $0.symbol == symbol }) { $0.alert($1) }
            json.endObject()
            return context.json(json.bytes)
        }
    }

    private func createPriceAlert(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let broker = try offering(.priceAlerts, context)
        var body = try BodyReader(context.request.body)
        let text = try body.required("symbol", body.string("symbol", maximumBytes: 64))
        let symbol = try context.symbol(text, field: "/symbol")
        let condition: AlertCondition = try body.required("condition", body.word("condition"))
        let value = try BridgeApplication.positive(try body.required("value", body.decimal("value")))
        let frequency: AlertFrequency = try body.word("frequency") ?? .once
        let isEnabled = try body.boolean("enabled") ?? true
        try body.finish()
        let wait = longestWait(context)
        let wanted = PriceAlert(
            id: "", symbol: symbol, condition: condition, value: value, frequency: frequency, isEnabled: isEnabled)
        return context.later { () async throws(BrokerFailure) in
            // The broker's answer has no id: the new one is the one that was not there before.
            let before = Set(try await broker.priceAlerts(wait: wait).map(\.id))
            try await broker.createPriceAlert(wanted, wait: wait)
            let made = try await broker.priceAlerts(wait: wait).first { alert in
                !before.contains(alert.id) && alert.symbol == symbol && alert.condition == condition
            }
            guard let made else {
                return context.problem(
                    Problem(BrokerFailure(.badAnswer, "The broker took the alert, but does not list it.")))
            }
            var json = JSONWriter()
            json.alert(made)
            var response = context.json(json.bytes, status: 201)
            response.fields["Location"] = "/v1/accounts/\(broker.account.alias)/price-alerts/\(made.id)"
            return response
        }
    }

    private func changePriceAlert(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let broker = try offering(.priceAlerts, context)
        var body = try BodyReader(context.request.body)
        let condition: AlertCondition? = try body.word("condition")
        let value = try body.decimal("value").map { (value) throws(Problem) in try BridgeApplication.positive(value) }
        let frequency: AlertFrequency? = try body.word("frequency")
        let isEnabled = try body.boolean("enabled")
        try body.finish()
        let wait = longestWait(context)
        let id = context.parameters["id"]
        return context.later { () async throws(BrokerFailure) in
            // The broker takes whole alerts only.
            guard var alert = try await broker.priceAlerts(wait: wait).first(where: { $0.id == id }) else {
                return context.problem(.noList)
            }
            alert.condition = condition ?? alert.condition
            alert.value = value ?? alert.value
            alert.frequency = frequency ?? alert.frequency
            alert.isEnabled = isEnabled ?? alert.isEnabled
            try await broker.changePriceAlert(alert, wait: wait)
            let changed = try await broker.priceAlerts(wait: wait).first { $0.id == id }
            var json = JSONWriter()
            json.alert(changed ?? alert)
            return context.json(json.bytes)
        }
    }

    private func deletePriceAlert(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let broker = try offering(.priceAlerts, context)
        let wait = longestWait(context)
        let id = context.parameters["id"]
        return context.later { () async throws(BrokerFailure) in
            guard try await broker.priceAlerts(wait: wait).contains(where: { $0.id == id }) else {
                return context.problem(.noList)
            }
            try await broker.deletePriceAlert(id, wait: wait)
            return context.empty()
        }
    }

    private static func positive(_ value: DecimalText) throws(Problem) -> DecimalText {
        guard value > .zero else {
            throw Problem(status: 422, code: "invalid_field", detail: "value must be above zero.", field: "/value")
        }
        return value
    }
}

extension JSONWriter {
    fileprivate mutating func alert(_ alert: PriceAlert) {
        beginObject()
        key("id")
        string(alert.id)
        key("symbol")
        string(alert.symbol.text)
        key("condition")
        string(alert.condition?.rawValue)
        key("value")
        decimal(alert.value)
        key("frequency")
        string(alert.frequency?.rawValue)
        key("enabled")
        bool(alert.isEnabled)
        key("text")
        string(alert.text)
        endObject()
    }
}
