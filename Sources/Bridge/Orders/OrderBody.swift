internal import BrokerModel
internal import Bytes
internal import Clocks
internal import HTTPWire

extension OrderRequest {
    /// Reads an order's body and checks what can be checked without knowing the security or the broker.
    init(reading body: inout BodyReader) throws(Problem) {
        guard body.value("legs") == nil else {
            throw Problem(
                status: 501, code: "not_supported_by_broker",
                detail: "Orders of several legs are not offered: each order is of one security.", field: "/legs")
        }
        let text = try body.required("symbol", body.string("symbol", maximumBytes: 64))
        guard let symbol = Symbol(text) else {
            var problem = Problem.symbol(text, field: "/symbol")
            problem.field = "/symbol"
            throw problem
        }
        let side: OrderSide = try body.required("side", body.word("side"))
        let type: OrderType = try body.required("type", body.word("type"))
        let quantity = try body.required("quantity", body.decimal("quantity"))
        guard quantity > .zero else {
            throw Problem(
                status: 422, code: "invalid_quantity", detail: "The quantity must be above zero.", field: "/quantity")
        }
        self.init(symbol: symbol, side: side, type: type, quantity: quantity)
        prices = try OrderRequest.prices(&body)
        conditions = try OrderConditions(reading: &body, type)
        for price in OrderPrice.allCases {
            let isNeeded = type.needs.contains(price) && !(price == .limitOffset && conditions.depthLevel != nil)
            switch (prices[price], isNeeded) {
            case (nil, true):
                throw Problem(
                    status: 422, code: "missing_price", detail: "A \(type.rawValue) order needs \(price.rawValue).",
                    field: "/\(price.rawValue)")
            case (.some, false) where !type.needs.contains(price) && !type.mayHave.contains(price):
                throw Problem(
                    status: 422, code: "invalid_price", detail: "A \(type.rawValue) order has no \(price.rawValue).",
                    field: "/\(price.rawValue)")
            default: break
            }
        }
        timeInForce = try body.word("time_in_force") ?? .day
        expireDate = try body.date("expire_date")
        guard (timeInForce == .gtd) == (expireDate != nil) else {
            throw Problem(
                status: 422, code: "invalid_expire_date",
                detail: "expire_date goes with time_in_force gtd, and only with it.",
                field: "/expire_date")
        }
        outsideRegularHours = try body.word("outside_regular_hours")
        attached = try AttachedOrders(reading: &body)
        try attached?.check(side)
        clientOrderID = try body.string("client_order_id", maximumBytes: 64)
        note = try body.string("note", maximumBytes: 255)
    }

    /// The figures of the body, each above zero.
    static func prices(_ body: inout BodyReader) throws(Problem) -> [OrderPrice: DecimalText] {
        var prices: [OrderPrice: DecimalText] = [:]
        for price in OrderPrice.allCases {
            guard let value = try body.decimal(price.rawValue) else { continue }
            guard value > .zero || (price == .limitOffset && value.isZero) else {
                throw Problem(
                    status: 422, code: "invalid_price", detail: "\(price.rawValue) must be above zero.",
                    field: "/\(price.rawValue)")
            }
            prices[price] = value
        }
        return prices
    }
}
