import BrokerModel
import Bytes
import Clocks
import Testing

@testable import LongbridgeBroker

@Suite struct USMappingTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    @Test func aHoldingIsNamedByItsInnerNameOrItsCodeAndMarketOrItsWholeSymbol() throws {
        for text in [
            #"{"counter_id":"ST/US/BRK.B","symbol":"BRK.B","market":"US","quantity":"3"}"#,
            #"{"symbol":"BRK.B","market":"US","quantity":"3"}"#, #"{"symbol":"BRK.B.US","quantity":"3"}"#,
            #"{"symbol":"BRK.B","full_symbol":"BRK.B.US","quantity":"3"}"#,
        ] {
            #expect(Position(unitedStates: try json(text))?.symbol == Symbol("BRK.B.US"))
        }
        let option = try json(#"{"symbol":"AAPL261120C345000","market":"US","quantity":"2","position_side":"LONG"}"#)
        #expect(Position(unitedStates: option)?.symbol == Symbol("AAPL261120C00345000.US"))
        #expect(Position(unitedStates: option)?.quantity.text == "2")
    }

    @Test func whatTradesInAMarketWeDoNotKnowIsNoPosition() throws {
        #expect(Position(unitedStates: try json(#"{"symbol":"BTCUSD","market":"BKKT","quantity":"0.5"}"#)) == nil)
        #expect(Position(unitedStates: try json(#"{"symbol":"AAPL","market":"US"}"#)) == nil)
    }

    @Test func aHoldingSoldShortIsBelowZeroHoweverTheBrokerSigns() throws {
        for quantity in ["5", "-5"] {
            let text =
                "{\"symbol\":\"AAPL\",\"market\":\"US\",\"quantity\":\"\(quantity)\",\"position_side\":\"SHORT\"}"
            #expect(Position(unitedStates: try json(text))?.quantity == DecimalText("-5"))
        }
    }

    @Test func moneyIsByCurrencyAndTotalsAreTheBrokersOwn() throws {
        let one = try json(
            #"""
            {"buy_limit_info":{"currency":"USD","cash_buy_power":"90","overnight_buy_power":"180"},
             "cash_list":[{"currency":"USD","total_amount":"100","available_cash":"90","withdraw_cash":"80",
              "frozen_cash":"10","outstanding":"-5"}],
             "margin_status":{"currency":"USD","nlv":"250","mmr":"45"}}
            """#)
        let balance = try #require(AccountBalance(unitedStates: one))
        #expect(balance.currency == "USD" && balance.netAssets?.text == "250" && balance.buyingPower?.text == "90")
        #expect(balance.totalCash?.text == "100" && balance.maintenanceMargin?.text == "45")
        let cash = try #require(balance.cash.first)
        #expect(cash.cash?.text == "100" && cash.available?.text == "90" && cash.frozen?.text == "10")
        #expect(cash.settling?.text == "-5" && cash.withdrawable?.text == "80")
        let two = try json(
            #"""
            {"cash_list":[{"currency":"USD","total_amount":"100"},{"currency":"HKD","total_amount":"7"}],
             "margin_status":{"currency":"USD"}}
            """#)
        let several = try #require(AccountBalance(unitedStates: two))
        #expect(several.totalCash == nil && several.cash.count == 2 && several.netAssets == nil)
        #expect(AccountBalance(unitedStates: try json("{}")) == nil)
    }

    @Test func aMovementSaysWhichWayItWentByItsSign() throws {
        let fee = CashFlowEntry(
            unitedStates: try json(
                #"{"title":"Fee","amount":"-1.5","currency":"USD","symbol":"AAPL.US","create_at":"1770000000"}"#))
        #expect(fee?.direction == "out" && fee?.kind == "cash" && fee?.symbol == "AAPL.US")
        #expect(fee?.time == WallTime(seconds: 1_770_000_000))
        let split = CashFlowEntry(unitedStates: try json(#"{"title":"Split","amount":"0","quantity":"3"}"#))
        #expect(split?.direction == nil && split?.kind == "stock" && split?.amount == nil)
    }

    @Test func anOrderOfNumbersIsReadAsOneOfWords() throws {
        let detail = try #require(
            BrokerOrderDetail(
                unitedStates: try json(
                    #"""
                    {"id":"7","action":2,"counter_id":"ST/US/AAPL","order_type":"TSLPPCT","status":"Filled","price":"0",
                     "quantity":"10","executed_qty":"4","executed_price":"184.95","time_in_force":4,"gtd":"2026-03-02",
                     "tailing_percent":"1.5","limit_offset":"0.2","submitted_at":"1770000000","done_at":"1770000060",
                     "remark":"bb-x","charge_detail":{"currency":"USD","total_amount":"1.2","items":[
                      {"code":1,"name":"Broker Fees","fees":["Platform",{"name":"Commission","amount":"1.2"}]}]},
                     "order_histories":[{"status":"FilledStatus","price":"184.95","qty":"4","time":"1770000060"},
                      {"status":"NewStatus","price":"0","qty":"10","time":"1770000001"}]}
                    """#)))
        let order = detail.order
        #expect(order.side == .sell && order.symbol == Symbol("AAPL.US") && order.status == .filled)
        #expect(order.type == .trailingStopLimitPercent && order.prices[.trailingPercent]?.text == "1.5")
        #expect(order.prices[.limit] == nil && order.prices[.limitOffset]?.text == "0.2")
        #expect(order.timeInForce == .gtd && order.expireDate == CivilDate(iso: "2026-03-02"))
        #expect(order.filledQuantity.text == "4" && order.averagePrice?.text == "184.95" && order.remark == "bb-x")
        #expect(order.updatedAt == WallTime(seconds: 1_770_000_060))
        #expect(order.conditions == nil && order.attachedOrders == nil)
        #expect(detail.totalCharges?.text == "1.2" && detail.charges.map(\.name) == ["Commission"])
        #expect(detail.history.map(\.status) == ["NewStatus", "FilledStatus"] && detail.history.first?.price == nil)
    }

    @Test func timesInForceAreTheVendorsNumbers() throws {
        for (code, expected) in [("1", TimeInForce.day), ("3", .gtc), ("4", .gtd), ("0", nil), ("5", nil)] {
            let text = """
                {"id":"7","action":1,"symbol":"AAPL.US","status":"NewStatus","quantity":"1","time_in_force":\(code)}
                """
            let detail = BrokerOrderDetail(unitedStates: try json(text))
            #expect(detail?.order.timeInForce == expected && detail?.order.side == .buy)
        }
    }

    @Test func anOrderWithoutWhatItCannotBeWithoutIsNone() throws {
        let whole = [
            "\"id\":\"7\"", "\"action\":1", "\"symbol\":\"AAPL.US\"", "\"status\":\"x\"", "\"quantity\":\"1\"",
        ]
        let complete = "{\(whole.joined(separator: ","))}"
        #expect(BrokerOrderDetail(unitedStates: try json(complete)) != nil)
        for missing in whole.indices {
            var members = whole
            members.remove(at: missing)
            #expect(BrokerOrderDetail(unitedStates: try json("{\(members.joined(separator: ","))}")) == nil)
        }
    }

    @Test func theDataCenterDecidesWhatTheAccountCanDo() {
        let (asia, america) = (
            LongbridgeTrading.capabilities(.live, dataCenter: "ap"),
            LongbridgeTrading.capabilities(.live, dataCenter: "us")
        )
        #expect(Set(asia).subtracting(america) == [.fundPositions, .marginRatios])
        #expect(america.contains(.balances) && america.contains(.positions) && america.contains(.attachedOrders))
        #expect(!LongbridgeTrading.capabilities(.paper, dataCenter: "us").contains(.attachedOrders))
    }
}
