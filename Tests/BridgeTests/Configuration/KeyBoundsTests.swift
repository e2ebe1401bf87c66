import BrokerModel
import Bytes
import Testing

@testable import Bridge

@Suite struct KeyBoundsTests {
    private func key(_ more: String) -> String {
        "keys: [{name: a, hash: '\(hash)', scopes: [trade], accounts: all, \(more)}]"
    }

    @Test func aKeyMayHaveEveryRuleThatAnAccountMay() throws {
        let read = try accepted(
            key(
                """
                risk: {max_order_value: 1000, max_order_quantity: 100, price_collar_percent: 2.5,
                  max_notional_per_day: 5000, orders_per_minute: 10, orders_per_day: 20, max_open_orders: 5,
                  symbols: [700.HK], markets: [HK], sides: [buy, sell], order_types: [limit],
                  trading_hours: "09:30-16:00"}
                """))
        let text = """
            {"max_order_value":1000,"max_order_quantity":100,"price_collar_percent":2.5,"max_notional_per_day":5000,\
            "orders_per_minute":10,"orders_per_day":20,"max_open_orders":5,"symbols":["700.HK"],"markets":["HK"],\
            "sides":["buy","sell"],"order_types":["limit"],"trading_hours":"09:30-16:00"}
            """
        #expect(read.keys.first?.risk == RiskRules.read(text))
        #expect(RiskRules.read(text)?.maxOpenOrders == 5)
    }

    @Test func oneMistakeHidesNoOther() {
        let found = problems(
            key(
                """
                rates: 10/s, concurrency: [1], streams: x, topics: y,
                  risk: {max_open_orders: -1, markets: [XX], order_types: [any], trading_hours: 9-5, symbols: [X], most: 1}
                """))
        let places = [
            "rates:", "concurrency:", "streams:", "topics:", "risk.max_open_orders:", "risk.markets[0]:",
            "risk.order_types[0]:", "risk.trading_hours:", "risk.symbols[0]:", "risk.most:",
        ]
        for place in places {
            #expect(found.contains { $0.contains("keys[0].\(place)") }, "\(place)")
        }
        #expect(found.count == places.count)
    }
}
