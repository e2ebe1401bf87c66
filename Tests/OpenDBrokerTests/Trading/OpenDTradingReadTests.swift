import BrokerModel
import BrokerSessions
import Bytes
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

@Suite struct OpenDTradingReadTests {
    init() { LoopRunner.start() }

    // MARK: Orders

    @LoopActor @Test func todaysOrdersAreAskedOfTheServers() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdGetOrderList.C2S.self) { _ in
            var reply = OpenD.TrdGetOrderList.S2C()
            reply.orderList = [OrderMappingTests.order(), OrderMappingTests.order { $0.code = "" }]
            return OpenDReply(payload: reply)
        }
        let orders = try await bench.trading.todaysOrders(wait: .zero)
        #expect(orders.map(\.brokerOrderID) == ["DC4FF09F63505A03"])
        let request = try #require(bench.gateway.requests(OpenD.TrdGetOrderList.C2S.self).first)
        #expect(request.refreshCache == true)
        #expect(request.header.accID == TradingBench.account)
        #expect(request.header.trdEnv == 1)
        #expect(request.header.trdMarket == 1)
    }

    @Test func thePastIsAskedForInStretchesADayLongerThanWanted() {
        let account = OrderRequestsTests.account
        let end = WallTime(seconds: 1_772_503_200)  // 2026-03-03 10:00 in Hong Kong
        let request = PastRequest(start: end + .seconds(-100 * 86_400), end: end, symbol: Symbol("700.HK"))
        let first = HistoryPage(request, account)
        #expect(first.filter.beginTime == "2025-12-02 10:00:00")
        #expect(first.filter.endTime == "2026-03-04 10:00:00")
        #expect(first.filter.codeList == ["00700"])
        #expect(first.next == String(end.seconds - 90 * 86_400))
        var next = request
        next.cursor = first.next
        let second = HistoryPage(next, account)
        #expect(second.filter.beginTime == "2025-11-22 10:00:00")
        #expect(second.filter.endTime == "2025-12-04 10:00:00")
        #expect(second.next == nil)
    }

    @LoopActor @Test func anOrderIsLookedForInThePastTooAndHasItsFees() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdGetOrderList.C2S.self) { _ in OpenDReply(payload: OpenD.TrdGetOrderList.S2C()) }
        bench.gateway.answer(OpenD.TrdGetHistoryOrderList.C2S.self) { _ in
            var reply = OpenD.TrdGetHistoryOrderList.S2C()
            reply.orderList = [
                OrderMappingTests.order {
                    $0.orderStatus = 11
                    $0.fillQty = 100
                    $0.fillAvgPrice = 580
                }
            ]
            return OpenDReply(payload: reply)
        }
        bench.gateway.answer(OpenD.TrdGetOrderFee.C2S.self) { request in
            var fee = OpenD.TrdCommon.OrderFee()
            fee.orderIDEx = request.orderIdExList.first ?? ""
            fee.feeAmount = 0.1 + 0.2
            var item = OpenD.TrdCommon.OrderFeeItem()
            item.title = "Platform Fee"
            item.value = 0.3
            fee.feeList = [item]
            var reply = OpenD.TrdGetOrderFee.S2C()
            reply.orderFeeList = [fee]
            return OpenDReply(payload: reply)
        }
        let number = "DC4FF09F63505A03"
        let detail = try #require(try await bench.trading.detail(brokerOrderID: number, wait: .zero))
        #expect(detail.order.status == .filled)
        #expect(detail.totalCharges?.text == "0.3")
        #expect(detail.chargesCurrency == "HKD")
        #expect(detail.charges.map(\.name) == ["Platform Fee"])
        let today = try #require(bench.gateway.requests(OpenD.TrdGetOrderList.C2S.self).first)
        #expect(today.filterConditions?.orderIDExList == [number])
        #expect(try await bench.trading.detail(brokerOrderID: "ELSE", wait: .zero) == nil)
    }

    @LoopActor @Test func anOrderWhoseFeesAreRefusedIsToldWithoutThem() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdGetOrderList.C2S.self) { _ in
            var reply = OpenD.TrdGetOrderList.S2C()
            reply.orderList = [OrderMappingTests.order { $0.fillQty = 50 }]
            return OpenDReply(payload: reply)
        }
        bench.gateway.answer(OpenD.TrdGetOrderFee.C2S.self) { _ in OpenDReply(result: -1, message: "no") }
        let detail = try #require(
            try await bench.trading.detail(brokerOrderID: "DC4FF09F63505A03", wait: .zero))
        #expect(detail.totalCharges == nil)
        #expect(detail.charges.isEmpty)
    }

    // MARK: Paper accounts

    @LoopActor @Test func whatPaperAccountsLackIsNotAskedFor() async throws {
        let bench = try TradingBench(
            OpenDTradeSettings(isPaper: true, market: .hongKong), accounts: AccountChoiceTests.login)
        defer { bench.end() }
        await bench.begin()
        let symbol = try #require(Symbol("700.HK"))
        let past = PastRequest(start: .now(), end: .now())
        func kind(_ read: @LoopActor () async throws(BrokerFailure) -> Void) async -> BrokerFailure.Kind? {
            do throws(BrokerFailure) {
                try await read()
                return nil
            } catch { return error.kind }
        }
        let trading = bench.trading
        #expect(
            await kind { () async throws(BrokerFailure) in _ = try await trading.todaysExecutions(wait: .zero) }
                == .notSupported)
        #expect(
            await kind { () async throws(BrokerFailure) in _ = try await trading.pastExecutions(past, wait: .zero) }
                == .notSupported)
        #expect(
            await kind { () async throws(BrokerFailure) in _ = try await trading.marginRatio(symbol, wait: .zero) }
                == .notSupported)
        #expect(
            await kind { () async throws(BrokerFailure) in
                _ = try await trading.cashFlow(past, type: nil, wait: .zero)
            } == .notSupported)
        let capabilities = OpenDTrading.capabilities(isPaper: true)
        #expect(!capabilities.contains(.executions))
        #expect(OpenDTrading.capabilities(isPaper: false).contains(.executions))
    }

    // MARK: Holdings

    @LoopActor @Test func fundsAreFreshWhileTheLimitAllowsAndTheGatewaysThen() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdGetFunds.C2S.self) { request in
            var reply = OpenD.TrdGetFunds.S2C()
            var funds = OpenD.TrdCommon.Funds()
            funds.currency = request.currency
            funds.totalAssets = 1234.5
            reply.funds = funds
            return OpenDReply(payload: reply)
        }
        for _ in 0..<12 {
            let balances = try await bench.trading.balances(currency: "USD", wait: .zero)
            #expect(balances.first?.currency == "USD")
            #expect(balances.first?.netAssets?.text == "1234.5")
        }
        let requests = bench.gateway.requests(OpenD.TrdGetFunds.C2S.self)
        #expect(requests.map(\.refreshCache) == Array(repeating: true, count: 10) + [false, false])
        _ = try await bench.trading.balances(currency: nil, wait: .zero)
        #expect(bench.gateway.requests(OpenD.TrdGetFunds.C2S.self).last?.currency == 1)
        await #expect(throws: BrokerFailure.self) { try await bench.trading.balances(currency: "EUR", wait: .zero) }
    }

    @LoopActor @Test func holdingsAreSortedIntoSecuritiesAndFunds() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdGetPositionList.C2S.self) { _ in
            var reply = OpenD.TrdGetPositionList.S2C()
            var share = OpenD.TrdCommon.Position()
            share.code = "00700"
            share.secMarket = 1
            share.qty = 100
            var other = share
            other.code = "AAPL"
            other.secMarket = 2
            var fund = share
            fund.code = "HK0000369188"
            fund.secMarket = nil
            fund.trdMarket = 113
            reply.positionList = [share, other, fund]
            return OpenDReply(payload: reply)
        }
        let tencent = try #require(Symbol("700.HK"))
        #expect(try await bench.trading.positions([], wait: .seconds(1)).map(\.symbol.text) == ["700.HK", "AAPL.US"])
        #expect(try await bench.trading.positions([tencent], wait: .seconds(1)).map(\.symbol) == [tencent])
        #expect(try await bench.trading.fundPositions(wait: .seconds(1)).map(\.symbol) == ["HK0000369188"])
    }

    @LoopActor @Test func cashFlowIsAskedForDayByDay() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdFlowSummary.C2S.self) { request in
            var flow = OpenD.TrdFlowSummary.FlowSummaryInfo()
            flow.clearingDate = request.clearingDate
            flow.cashFlowType = "Others"
            var reply = OpenD.TrdFlowSummary.S2C()
            reply.flowSummaryInfoList = [flow]
            return OpenDReply(payload: reply)
        }
        let end = WallTime(seconds: 1_772_503_200)  // 2026-03-03 in Hong Kong
        var request = PastRequest(start: end + .seconds(-6 * 86_400), end: end)
        let first = try await bench.trading.cashFlow(request, type: "cash", wait: .zero)
        #expect(first.elements.count == 5)
        #expect(first.next != nil)
        request.cursor = first.next
        let second = try await bench.trading.cashFlow(request, type: nil, wait: .zero)
        #expect(second.next == nil)
        let days = bench.gateway.requests(OpenD.TrdFlowSummary.C2S.self).map(\.clearingDate)
        #expect(
            days == [
                "2026-03-03", "2026-03-02", "2026-03-01", "2026-02-28", "2026-02-27", "2026-02-26", "2026-02-25",
            ])
        request.symbol = Symbol("700.HK")
        await #expect(throws: BrokerFailure.self) {
            try await bench.trading.cashFlow(request, type: nil, wait: .zero)
        }
        request.symbol = nil
        await #expect(throws: BrokerFailure.self) {
            try await bench.trading.cashFlow(request, type: "stock", wait: .zero)
        }
    }

    @LoopActor @Test func theLargestQuantityOfAnOrderWithoutAPriceIsReckonedAtTheLastOne() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.QotGetSecuritySnapshot.C2S.self) { request in
            var snapshot = OpenD.QotGetSecuritySnapshot.Snapshot()
            snapshot.basic.security = request.securityList.first ?? OpenD.QotCommon.Security()
            snapshot.basic.curPrice = 605.5
            var reply = OpenD.QotGetSecuritySnapshot.S2C()
            reply.snapshotList = [snapshot]
            return OpenDReply(payload: reply)
        }
        bench.gateway.answer(OpenD.TrdGetMaxTrdQtys.C2S.self) { _ in
            var quantities = OpenD.TrdCommon.MaxTrdQtys()
            quantities.maxCashBuy = 100
            var reply = OpenD.TrdGetMaxTrdQtys.S2C()
            reply.maxTrdQtys = quantities
            return OpenDReply(payload: reply)
        }
        let market = try OrderRequestsTests.request("700.HK", .market)
        let maximum = try await bench.trading.maximumQuantity(market, replacing: nil, wait: .zero)
        #expect(maximum.cash?.text == "100")
        let limit = try OrderRequestsTests.request("700.HK")
        _ = try await bench.trading.maximumQuantity(limit, replacing: "A1", wait: .seconds(1))
        let questions = bench.gateway.requests(OpenD.TrdGetMaxTrdQtys.C2S.self)
        #expect(questions.map(\.price) == [605.5, 150.5])
        #expect(questions.map(\.orderType) == [2, 1])
        #expect(questions.map(\.orderIDEx) == [nil, "A1"])
    }

    @LoopActor @Test func marginFiguresAreOfTheSecurity() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdGetMarginRatio.C2S.self) { request in
            var info = OpenD.TrdGetMarginRatio.MarginRatioInfo()
            info.security = request.securityList.first ?? OpenD.QotCommon.Security()
            info.imLongRatio = 40
            var reply = OpenD.TrdGetMarginRatio.S2C()
            reply.marginRatioInfoList = [info]
            return OpenDReply(payload: reply)
        }
        let symbol = try #require(Symbol("AAPL.US"))
        #expect(try await bench.trading.marginRatio(symbol, wait: .zero).initial?.text == "0.4")
        #expect(bench.gateway.requests(OpenD.TrdGetMarginRatio.C2S.self).first?.header.trdMarket == 2)
        let elsewhere = try #require(Symbol("D05.SG"))
        await #expect(throws: BrokerFailure.self) { try await bench.trading.marginRatio(elsewhere, wait: .zero) }
    }
}
