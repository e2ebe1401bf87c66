import BrokerModel
import BrokerSessions
import EventLoops
import TestSupport
import Testing

@testable import LongbridgeBroker

@Suite struct RawPermissionTests {
    @Test(arguments: [
        ("GET", "/v1/quote/dividends", "allowed"), ("GET", "/v1/trade/order/today", "allowed"),
        ("GET", "/v1/dailycoins/query", "allowed"), ("POST", "/v1/us/orders/query", "allowed"),
        ("POST", "/v1/watchlist/groups", "allowed"), ("DELETE", "/v1/notify/reminders", "allowed"),
        ("POST", "/v1/quote/ai/screener/search", "allowed"), ("POST", "/v2/quant/run_script", "allowed"),
        ("POST", "/v1/us/assets/transaction-history", "allowed"),
        ("POST", "/v1/trade/order", "orders"), ("POST", "/v1/trade/order/multileg", "orders"),
        ("PUT", "/v1/us/orders/query", "orders"), ("POST", "/v1/us/orders/1", "orders"),
        ("POST", "/v1/gridtrading/submit", "orders"), ("POST", "/v1/dailycoins/create", "orders"),
        ("GET", "/v1/socket/token", "not listed"), ("GET", "/v1/token/refresh", "not listed"),
        ("GET", "/V1/Socket/Token", "not listed"), ("GET", "/v1/TOKEN/refresh", "not listed"),
        ("GET", "/v1/socket", "not listed"), ("GET", "/v1/sockets", "allowed"),
        ("POST", "/oauth2/token", "not listed"), ("POST", "/v1/account/withdrawals", "not listed"),
        ("POST", "/v1/record/questionnaire", "not listed"), ("POST", "/v9/anything", "not listed"),
        ("PUT", "/v1/asset/account", "not listed"),
    ])
    func whatMayBeAskedRawIsAList(_ method: String, _ path: String, _ wanted: String) {
        let call = RawCall(method: method, path: path, query: "", body: nil)
        switch LongbridgeRawCalls.permission(of: call) {
        case .allowed: #expect(wanted == "allowed")
        case .usesOrders: #expect(wanted == "orders")
        case .notListed: #expect(wanted == "not listed")
        }
    }
}
