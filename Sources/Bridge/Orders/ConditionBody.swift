internal import BrokerModel
internal import Bytes
internal import Clocks
internal import HTTPWire

extension OrderConditions {
    /// Reads what sets an order off, or lets it go, and refuses what its type cannot have.
    init(reading body: inout BodyReader, _ type: OrderType) throws(Problem) {
        self.init()
        depthLevel = try body.integer("limit_depth_level", in: -5...5).flatMap { $0 == 0 ? nil : $0 }
        triggerCount = try body.integer("trigger_count", in: 0...3).flatMap { $0 == 0 ? nil : $0 }
        delayedUntil = try body.time("delayed_until")
        try Self.check(depthLevel, triggerCount, isDelayed: delayedUntil != nil, type)
    }

    /// Refuses what orders of the type cannot have; absent members fit every type.
    static func check(
        _ depthLevel: Int?, _ triggerCount: Int?, isDelayed: Bool, _ type: OrderType
    ) throws(Problem) {
        if depthLevel != nil, !type.isTrailingLimit { throw mismatch("limit_depth_level", type) }
        if triggerCount != nil, !type.countsTouches { throw mismatch("trigger_count", type) }
        if isDelayed, !type.canBeDelayed { throw mismatch("delayed_until", type) }
    }

    private static func mismatch(_ name: String, _ type: OrderType) -> Problem {
        Problem(
            status: 422, code: "invalid_condition", detail: "A \(type.rawValue) order has no \(name).",
            field: "/\(name)")
    }
}

extension AttachedOrders {
    /// Reads the member `attached`; `nil` where there is none.
    init?(reading body: inout BodyReader) throws(Problem) {
        guard var reader = try body.object("attached") else { return nil }
        var exits: [Purpose: Exit] = [:]
        for purpose in Purpose.allCases {
            guard var exit = try reader.object(purpose.rawValue) else { continue }
            exits[purpose] = try Exit(reading: &exit)
            try exit.finish()
        }
        self.init(exits)
        timeInForce = try reader.word("time_in_force") ?? .day
        expireDate = try reader.date("expire_date")
        outsideRegularHours = try reader.word("outside_regular_hours")
        try reader.finish()
        guard !exits.isEmpty else {
            throw Problem(
                status: 400, code: "missing_field", detail: "take_profit or stop_loss must be given, or both.",
                field: "/attached/take_profit")
        }
        guard (timeInForce == .gtd) == (expireDate != nil) else {
            throw Problem(
                status: 422, code: "invalid_expire_date",
                detail: "expire_date goes with time_in_force gtd, and only with it.", field: "/attached/expire_date")
        }
    }

    /// Both of them fit an order of that side, and each other: a profit is taken on the far side of a loss.
    func check(_ side: OrderSide) throws(Problem) {
        guard let profit = exits[.takeProfit], let loss = exits[.stopLoss] else { return }
        guard side.isBuying ? profit.trigger > loss.trigger : profit.trigger < loss.trigger else {
            throw Problem(
                status: 422, code: "invalid_price",
                detail: "The profit of this order is taken on the other side of its loss.",
                field: "/attached/take_profit/trigger_price")
        }
        guard profit.isLimited == loss.isLimited else {
            throw Problem(
                status: 422, code: "invalid_condition",
                detail: "Both attached orders are limit orders once they are set off, or both are market orders.",
                field: "/attached/stop_loss")
        }
    }
}

extension AttachedOrders {
    /// In one line, for the timeline and the audit log.
    var text: String {
        exits.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { purpose, exit in
                let limit = exit.limit.map { " limit \($0)" } ?? exit.depthLevel.map { " row \($0)" } ?? ""
                return "\(purpose.rawValue) \(exit.trigger)\(limit)"
            }
            .joined(separator: ", ")
    }
}

extension AttachedOrders.Exit {
    fileprivate init(reading body: inout BodyReader) throws(Problem) {
        let trigger = try body.required("trigger_price", Self.price("trigger_price", &body))
        self.init(trigger: trigger)
        limit = try Self.price("limit_price", &body)
        depthLevel = try body.integer("limit_depth_level", in: -5...5).flatMap { $0 == 0 ? nil : $0 }
        guard limit == nil || depthLevel == nil else {
            throw Problem(
                status: 422, code: "invalid_condition", detail: "limit_price and limit_depth_level exclude each other.",
                field: body.pointer("limit_depth_level"))
        }
    }

    private static func price(_ name: String, _ body: inout BodyReader) throws(Problem) -> DecimalText? {
        guard let value = try body.decimal(name) else { return nil }
        guard value > .zero else {
            throw Problem(
                status: 422, code: "invalid_price", detail: "\(name) must be above zero.", field: body.pointer(name))
        }
        return value
    }
}

extension OrderChange {
    /// Reads an amendment's body. A condition that is null, and `attached` that is null, are taken away.
    init(reading body: inout BodyReader) throws(Problem) {
        self.init(quantity: try body.decimal("quantity"), prices: try OrderRequest.prices(&body))
        depthLevel = body.isNull("limit_depth_level") ? 0 : try body.integer("limit_depth_level", in: -5...5)
        triggerCount = body.isNull("trigger_count") ? 0 : try body.integer("trigger_count", in: 0...3)
        if body.isNull("delayed_until") {
            delay = .lifted
        } else if let time = try body.time("delayed_until") {
            delay = .until(time)
        }
        if body.isNull("attached") {
            attached = .withdraw
        } else if let orders = try AttachedOrders(reading: &body) {
            attached = .replace(orders)
        }
    }
}
