import BrokerModel
import BrokerSessions
import Bytes
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

@Suite struct OpenDTradingTests {
    init() { LoopRunner.start() }

    // MARK: Set-up

    @LoopActor @Test func theAccountIsFoundRegisteredAndUnlocked() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        #expect(bench.trading.status.state == .disconnected)
        await bench.begin()
        let list = try #require(bench.gateway.requests(OpenD.TrdGetAccList.C2S.self).first)
        #expect(list.userID == 888)
        #expect(list.trdCategory == 1)
        #expect(list.needGeneralSecAccount == true)
        #expect(bench.gateway.requests(OpenD.TrdSubAccPush.C2S.self).map(\.accIDList) == [[TradingBench.account]])
        let unlock = try #require(bench.gateway.requests(OpenD.TrdUnlockTrade.C2S.self).first)
        #expect(unlock.unlock)
        #expect(unlock.pwdMD5 == "e10adc3949ba59abbe56e057f20f883e")
        #expect(unlock.securityFirm == 1)
        #expect(bench.trading.lock.state == .unlocked)
        #expect(bench.trading.status.state == .ready)
        #expect(bench.trading.status.reason == nil)
        #expect(bench.seen.readies == 1)
    }

    @LoopActor @Test func severalAccountsThatFitHoldItWithTheChoices() async throws {
        let bench = try TradingBench(
            OpenDTradeSettings(isPaper: true), accounts: AccountChoiceTests.login)
        defer { bench.end() }
        await bench.link.begin()
        #expect(await until { bench.trading.status.state == .held })
        #expect(bench.trading.status.reason?.contains("…0310 (paper Stock; HK)") == true)
        #expect(bench.gateway.requests(OpenD.TrdSubAccPush.C2S.self).isEmpty)
        let outcome = try await bench.submit()
        #expect(outcome.text.hasPrefix("not sent sessionNotReady"))
        await #expect(throws: BrokerFailure.self) { try await bench.trading.todaysOrders(wait: .zero) }
        #expect(bench.gateway.requests(OpenD.TrdPlaceOrder.C2S.self).isEmpty)
    }

    @LoopActor @Test func withoutATradeLoginItWaitsForOne() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        bench.gateway.isTradeLoggedIn = false
        await bench.link.begin()
        #expect(await until { bench.trading.status.state == .held })
        #expect(bench.trading.status.reason == "the gateway is not logged in at the trade servers")
        #expect(bench.gateway.requests(OpenD.TrdGetAccList.C2S.self).isEmpty)
        var notice = OpenD.Notify.S2C()
        notice.type = 3
        var status = OpenD.Notify.ConnectStatus()
        status.qotLogined = true
        status.trdLogined = true
        notice.connectStatus = status
        bench.gateway.push(notice)
        #expect(await until { bench.trading.isPushing })
        status.trdLogined = false
        notice.connectStatus = status
        bench.gateway.push(notice)
        #expect(await until { bench.trading.status.state == .held })
        #expect(bench.seen.losses == 1)
    }

    @LoopActor @Test func aNewConnectionRegistersAndUnlocksAnew() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        await bench.reconnect()
        #expect(bench.seen.losses == 1)
        #expect(bench.seen.readies == 2)
        #expect(bench.gateway.requests(OpenD.TrdSubAccPush.C2S.self).count == 2)
        #expect(bench.gateway.requests(OpenD.TrdUnlockTrade.C2S.self).count == 2)
    }

    // MARK: The lock

    @LoopActor @Test func aRefusedPasswordIsNotTriedAgainUntilAPersonAsks() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        bench.gateway.answer(OpenD.TrdUnlockTrade.C2S.self) { _ in
            OpenDReply(result: -1, message: "wrong trade password")
        }
        await bench.begin()
        #expect(bench.trading.status.reason == "the gateway refused to unlock trading: wrong trade password")
        await bench.reconnect()
        await bench.reconnect()
        #expect(bench.gateway.requests(OpenD.TrdUnlockTrade.C2S.self).count == 1)
        await #expect(throws: BrokerFailure.self) { try await bench.trading.unlock(wait: .zero) }
        #expect(bench.gateway.requests(OpenD.TrdUnlockTrade.C2S.self).count == 2)
        bench.gateway.answer(OpenD.TrdUnlockTrade.C2S.self) { _ in OpenDReply(payload: OpenD.TrdUnlockTrade.S2C()) }
        try await bench.trading.unlock(wait: .zero)
        #expect(bench.trading.lock.state == .unlocked)
        #expect(bench.trading.status.reason == nil)
    }

    @LoopActor @Test func anOrderOnALockedGatewayIsNotSentAsFarAsAnybodyIsConcerned() async throws {
        let bench = try TradingBench(OpenDTradeSettings())
        defer { bench.end() }
        await bench.begin()
        #expect(bench.gateway.requests(OpenD.TrdUnlockTrade.C2S.self).isEmpty)
        bench.gateway.answer(OpenD.TrdPlaceOrder.C2S.self) { _ in
            OpenDReply(result: -1, message: "trade is locked, unlock it first")
        }
        let outcome = try await bench.submit()
        #expect(outcome.text == "not sent tradeLocked")
        #expect(outcome.failure?.upstream?.message == "trade is locked, unlock it first")
        #expect(
            bench.trading.lock.state == .locked("trading is locked at the gateway, and no trade password is configured")
        )
        bench.takeOrders("A1")
        #expect(try await bench.submit().text == "accepted A1")
        #expect(bench.trading.lock.state == .unlocked)
    }

    @LoopActor @Test func paperAccountsAreNeverUnlocked() async throws {
        let bench = try TradingBench(
            OpenDTradeSettings(isPaper: true, market: .hongKong, password: TradePassword("123456")),
            accounts: AccountChoiceTests.login)
        defer { bench.end() }
        await bench.begin()
        #expect(bench.gateway.requests(OpenD.TrdUnlockTrade.C2S.self).isEmpty)
        try await bench.trading.unlock(wait: .zero)
        #expect(bench.gateway.requests(OpenD.TrdUnlockTrade.C2S.self).isEmpty)
    }

    // MARK: Writes

    @LoopActor @Test func anOrderCarriesItsConnectionAndTheNumberOfItsPacket() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.takeOrders("A1")
        #expect(try await bench.submit().text == "accepted A1")
        let packet = try #require(bench.gateway.requests.last { $0.protocolID == 2202 })
        let order = try #require(bench.gateway.requests(OpenD.TrdPlaceOrder.C2S.self).first)
        #expect(order.packetID.connID == 7_000_000_000)
        #expect(order.packetID.serialNo == packet.serial)
        await bench.reconnect()
        _ = try await bench.submit()
        #expect(bench.gateway.requests(OpenD.TrdPlaceOrder.C2S.self).last?.packetID.connID == 7_000_000_001)
    }

    @LoopActor
    @Test(arguments: [
        (Int32(-1), "buying power is insufficient", "refused orderRefused"),
        (-500, "bad packet", "refused orderRefused"),
        (-1, "request too frequent", "not sent rateLimited"), (-100, "timeout", "unknown timedOut"),
        (-200, "disconnected", "unknown connectionLost"), (-400, "unknown", "unknown badAnswer"),
        (-77, "what", "unknown invalidRequest"),
    ])
    func whatARefusalMeansIsByItsNumber(result: Int32, message: String, text: String) async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdPlaceOrder.C2S.self) { _ in OpenDReply(result: result, message: message) }
        let outcome = try await bench.submit()
        #expect(outcome.text == text)
        #expect(outcome.failure?.upstream?.message == message)
        #expect(outcome.failure?.upstream?.code == String(result))
        #expect(bench.gateway.requests(OpenD.TrdPlaceOrder.C2S.self).count == 1)
    }

    @LoopActor @Test func aRiskThatMustBeConfirmedIsSaid() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdPlaceOrder.C2S.self) { _ in
            OpenDReply(result: -1, message: "no", errorCode: 3)
        }
        let failure = try #require(try await bench.submit().failure)
        #expect(failure.message.contains("options"))
        #expect(failure.upstream?.code == "-1/3")
    }

    @LoopActor @Test func aConnectionLostAfterTheSendLeavesTheOrderUnknownAndSendsItOnce() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answers[2202] = { _, peer in
            peer.drop()
            return nil
        }
        #expect(try await bench.submit().text == "unknown connectionLost")
        #expect(await until { bench.seen.readies == 2 })
        #expect(bench.gateway.requests(OpenD.TrdPlaceOrder.C2S.self).count == 1)
    }

    @LoopActor @Test func anAnswerWithoutANumberIsLookedFor() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.takeOrders(nil)
        #expect(try await bench.submit().text == "unknown badAnswer")
    }

    @LoopActor @Test func anOrderGoesOnWhenItsCallerLeaves() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        var answered = false
        bench.gateway.answers[2202] = { packet, peer in
            spawn {
                #expect(await until { answered })
                var reply = OpenD.TrdPlaceOrder.S2C()
                reply.orderIDEx = "A1"
                peer.send(2202, serial: packet.serial, OpenDReply(payload: reply).encoded())
            }
            return nil
        }
        let request = try OrderRequestsTests.request("700.HK")
        let trading = bench.trading
        let task = spawn { await trading.submit(request, id: OrderRequestsTests.id, wait: .zero).text }
        #expect(await until { !bench.gateway.requests(OpenD.TrdPlaceOrder.C2S.self).isEmpty })
        task.cancel()
        answered = true
        #expect(await task.value == "accepted A1")
    }

    @LoopActor @Test func amendmentsLeaveTheLastCallsToCancellations() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.answer(OpenD.TrdModifyOrder.C2S.self) { _ in OpenDReply(payload: OpenD.TrdModifyOrder.S2C()) }
        var order = Order(
            id: OrderRequestsTests.id, account: "f", request: try OrderRequestsTests.request("700.HK"), at: .now())
        _ = order.accepted(brokerOrderID: "A1", at: .now())
        var amendments = 0
        for _ in 0..<20 {
            let outcome = await bench.trading.replace(order, OrderChange(quantity: DecimalText(50)), wait: .seconds(1))
            guard case .accepted = outcome else {
                #expect(outcome.text == "not sent rateLimited")
                break
            }
            amendments += 1
        }
        #expect(amendments == 20 - OpenDTrading.leftForCancellations)
        for _ in 0..<OpenDTrading.leftForCancellations {
            #expect(await bench.trading.cancel(order, wait: .seconds(1)).text == "accepted A1")
        }
        #expect(await bench.trading.cancel(order, wait: .zero).text == "not sent rateLimited")
    }

    // MARK: Pushes

    @LoopActor @Test func pushesOfTheAccountAreToldAndThoseOfOthersAreNot() async throws {
        let bench = try TradingBench()
        defer { bench.end() }
        await bench.begin()
        var push = OpenD.TrdUpdateOrder.S2C()
        push.header.accID = 77
        push.order = OrderMappingTests.order()
        bench.gateway.push(push)
        push.header.accID = TradingBench.account
        bench.gateway.push(push)
        push.order.orderStatus = 15
        bench.gateway.push(push)
        var fill = OpenD.TrdUpdateOrderFill.S2C()
        fill.header.accID = TradingBench.account
        fill.orderFill.trdSide = 1
        fill.orderFill.fillIDEx = "F1"
        fill.orderFill.orderIDEx = "DC4FF09F63505A03"
        fill.orderFill.code = "00700"
        fill.orderFill.secMarket = 1
        fill.orderFill.qty = 100
        fill.orderFill.price = 580
        fill.orderFill.createTime = "2026-03-03 10:00:02"
        bench.gateway.push(fill)
        #expect(await until { bench.seen.fills.count == 1 })
        #expect(bench.seen.orders.map(\.status) == [.open, .cancelled])
        #expect(bench.seen.fills.first?.id == "F1")
    }

    @LoopActor @Test func anAccountThatMayNotPushCountsAsPushingOnceItDoes() async throws {
        let bench = try TradingBench(
            OpenDTradeSettings(isPaper: true, market: .unitedStates), accounts: AccountChoiceTests.login)
        defer { bench.end() }
        await bench.link.begin()
        #expect(await until { bench.seen.readies == 1 })
        #expect(!bench.trading.isPushing)
        var push = OpenD.TrdUpdateOrder.S2C()
        push.header.accID = 3_450_311
        push.order = OrderMappingTests.order()
        bench.gateway.push(push)
        #expect(await until { bench.trading.isPushing })
    }
}
