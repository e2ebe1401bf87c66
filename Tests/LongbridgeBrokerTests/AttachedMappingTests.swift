import BrokerModel
import Bytes
import Clocks
import Testing

@testable import LongbridgeBroker

@Suite struct AttachedMappingTests {
    private func written(
        _ orders: AttachedOrders, _ market: Market = .unitedStates, existing: [AttachedOrder] = []
    ) throws -> JSONValue {
        var json = JSONWriter()
        json.attachedParameters(orders, market, existing: existing)
        return try JSONValue.parse(json.bytes)
    }

    private func decimal(_ text: String) throws -> DecimalText { try #require(DecimalText(text)) }

    @Test func aBracketIsWrittenWithTheVendorsNames() throws {
        var orders = AttachedOrders([
            .takeProfit: .init(trigger: try decimal("200.50"), limit: try decimal("200")),
            .stopLoss: .init(trigger: try decimal("150"), depthLevel: -1),
        ])
        orders.timeInForce = .gtd
        orders.expireDate = CivilDate(iso: "2026-03-02")
        orders.outsideRegularHours = .extended
        let json = try written(orders)
        #expect(json.text("attached_order_type") == "BRACKET")
        #expect(json.text("profit_taker_price") == "200.5" && json.text("profit_taker_submit_price") == "200")
        #expect(json.text("stop_loss_price") == "150" && json["stop_loss_depth_level"]?.intValue == -1)
        #expect(json["stop_loss_submit_price"] == nil && json["profit_taker_depth_level"] == nil)
        #expect(json.text("time_in_force") == "GTD" && json.text("activate_order_type") == "LIT")
        #expect(json.text("activate_rth") == "ANY_TIME")
        // The last second of the second of March in New York.
        #expect(json["expire_time"]?.intValue == 1_772_513_999)
    }

    @Test func oneOfThemAloneHasAWordOfItsOwnAndMayBeAMarketOrder() throws {
        let profit = try written(AttachedOrders([.takeProfit: .init(trigger: try decimal("2"))]), .hongKong)
        #expect(profit.text("attached_order_type") == "PROFIT_TAKER" && profit.text("activate_order_type") == "MIT")
        #expect(profit["expire_time"] == nil && profit["stop_loss_price"] == nil)
        let loss = try written(AttachedOrders([.stopLoss: .init(trigger: try decimal("2"))]), .hongKong)
        #expect(loss.text("attached_order_type") == "STOP_LOSS")
    }

    @Test func anAmendmentNamesTheOrdersItChanges() throws {
        var old = AttachedOrder(brokerOrderID: "1184702216395010049", brokerStatus: "VarietiesNotReported")
        old.purpose = .stopLoss
        old.status = .open
        var over = AttachedOrder(brokerOrderID: "7", brokerStatus: "CanceledStatus")
        over.purpose = .takeProfit
        over.status = .cancelled
        let orders = AttachedOrders([
            .takeProfit: .init(trigger: try decimal("3")), .stopLoss: .init(trigger: try decimal("2")),
        ])
        let json = try written(orders, existing: [over, old])
        #expect(json["stop_loss_id"]?.intValue == 1_184_702_216_395_010_049)
        #expect(json["profit_taker_id"] == nil)
    }

    @Test func anOrderTellsItsAttachedOrdersAndConditions() throws {
        let listed = try JSONValue.parse(
            Array(
                """
                {"order_id":"1","status":"FilledStatus","stock_name":"Apple","quantity":"10","executed_quantity":"10",
                 "price":"","executed_price":"180","submitted_at":"1770003000","side":"Buy","symbol":"AAPL.US",
                 "order_type":"TSLPPCT","trailing_percent":"1.5","limit_depth_level":-2,"trigger_count":3,
                 "monitor_price":"170","delayed_until":"1770003600","time_in_force":"Day",
                 "outside_rth":"OPTION_PRE_MARKET",
                 "attached_orders":[
                  {"order_id":"2","attached_type_display":"PROFIT_TAKER","trigger_price":"200","quantity":"10",
                   "executed_qty":"0","status":"VarietiesNotReported","updated_at":"1770003100","withdrawn":false,
                   "gtd":"2026-03-02","time_in_force":"GTD","submit_price":"199.5","executed_price":""},
                  {"order_id":"3","attached_type_display":"NEW_WORD","status":"VarietiesNotReported","withdrawn":true},
                  {"attached_type_display":"STOP_LOSS","status":"NewStatus"}]}
                """.utf8))
        let order = try #require(BrokerOrder(listed: listed))
        #expect(order.prices == [.trailingPercent: try decimal("1.5"), .monitor: try decimal("170")])
        #expect(order.conditions?.depthLevel == -2 && order.conditions?.triggerCount == 3)
        #expect(order.conditions?.delayedUntil == WallTime(seconds: 1_770_003_600))
        #expect(order.outsideRegularHours == .optionPreMarket)
        let attached = try #require(order.attachedOrders)
        #expect(attached.map(\.brokerOrderID) == ["2", "3"])
        #expect(attached.map(\.purpose) == [.takeProfit, nil])
        #expect(attached.map(\.status) == [.open, .cancelled])
        let first = try #require(attached.first)
        #expect(first.trigger?.text == "200" && first.limit?.text == "199.5" && first.averagePrice == nil)
        #expect(first.expireDate == CivilDate(iso: "2026-03-02") && first.timeInForce == .gtd)
        // A push says nothing about either: what is known stays.
        let pushed = try JSONValue.parse(
            Array(
                #"{"order_id":"1","status":"NewStatus","submitted_quantity":"10","side":"Buy","symbol":"AAPL.US"}"#.utf8
            ))
        let news = try #require(BrokerOrder(pushed: pushed))
        #expect(news.conditions == nil && news.attachedOrders == nil)
    }

    @Test func aPaperAccountTakesNeitherOptionsNorAttachedOrdersNorOtherSessions() throws {
        let apple = try #require(Symbol("AAPL.US"))
        let option = try #require(Symbol("AAPL261218C230000.US"))
        func refused(_ symbol: Symbol, _ set: (inout OrderRequest) -> Void) -> String? {
            var request = OrderRequest(symbol: symbol, side: .buy, type: .market, quantity: DecimalText(1))
            set(&request)
            do throws(BrokerFailure) { try LongbridgeTrading.validateForPaper(request) } catch { return error.field }
            return nil
        }
        #expect(refused(apple) { _ in } == nil)
        #expect(refused(option) { _ in } == "symbol")
        #expect(refused(apple) { $0.attached = AttachedOrders([.stopLoss: .init(trigger: .zero)]) } == "attached")
        #expect(refused(apple) { $0.outsideRegularHours = .overnight } == "outside_regular_hours")
        #expect(refused(apple) { $0.outsideRegularHours = .regular } == nil)
    }
}
