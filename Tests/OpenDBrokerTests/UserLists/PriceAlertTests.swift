import BrokerModel
import Bytes
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

/// A gateway's reminders, and the calls that were made.
@LoopActor
private final class Reminders {
    let calls = AnsweredCalls()
    var clock = Instant.zero
    /// Answers by market, as JSON.
    var lists: [Int32: String] = [
        1: #"""
        {"priceReminderList":[{"security":{"market":1,"code":"00700"},"itemList":[
         {"key":"17440217","type":1,"value":610.5,"note":"sell","freq":3,"isEnable":true},
         {"key":"17440218","type":10,"value":600,"note":"","freq":2,"isEnable":false}]}]}
        """#,
        11: #"""
        {"priceReminderList":[{"security":{"market":11,"code":"AAPL"},"itemList":[
         {"key":"9","type":4,"value":5,"note":"n","freq":1,"isEnable":true,"reminderSessionList":[1,3]}]}]}
        """#,
    ]
    lazy var alerts = OpenDPriceAlerts(calls: calls) { [unowned self] in self.clock }

    init() {
        calls.answer(OpenD.QotGetPriceReminder.C2S.self) { [unowned self] request in
            .success((try? parsed(OpenD.QotGetPriceReminder.S2C.self, lists[request.market ?? 0] ?? "{}")) ?? .init())
        }
        calls.answer(OpenD.QotSetPriceReminder.C2S.self) { request in
            var reply = OpenD.QotSetPriceReminder.S2C()
            reply.key = request.key ?? 77
            return .success(reply)
        }
    }

    var markets: [Int32] { calls.requests(OpenD.QotGetPriceReminder.C2S.self).map { $0.market ?? 0 } }
    var writes: [OpenD.QotSetPriceReminder.C2S] { calls.requests(OpenD.QotSetPriceReminder.C2S.self) }
}

@Suite struct PriceAlertTests {
    init() { LoopRunner.start() }

    private let wait = Duration.seconds(1)

    @LoopActor @Test func theRemindersOfEveryMarketAreAlerts() async throws {
        let gateway = Reminders()
        let alerts = try await gateway.alerts.all(wait: wait)
        #expect(gateway.markets == [1, 11, 21])
        #expect(alerts.map(\.id) == ["17440217-700.HK", "17440218-700.HK", "9-AAPL.US"])
        #expect(alerts[0].condition == .priceAbove && alerts[0].value?.text == "610.5" && alerts[0].text == "sell")
        #expect(alerts[0].frequency == .once && alerts[0].isEnabled)
        #expect(alerts[1].condition == nil && alerts[1].frequency == .daily && !alerts[1].isEnabled)
        #expect(
            alerts[2].condition == .fallPercent && alerts[2].frequency == .everyTime && alerts[2].value?.text == "5")
    }

    @LoopActor private func alert(_ symbol: String, _ value: String, enabled: Bool = true) throws -> PriceAlert {
        PriceAlert(
            id: "", symbol: try #require(Symbol(symbol)), condition: .risePercent, value: DecimalText(value),
            frequency: .daily, isEnabled: enabled)
    }

    @LoopActor @Test func aNewAlertIsOneWriteAndIsSeenAtTheNextRead() async throws {
        let gateway = Reminders()
        _ = try await gateway.alerts.all(wait: wait)
        try await gateway.alerts.create(alert("000001.SZ", "2.5"), wait: wait)
        _ = try await gateway.alerts.all(wait: wait)
        let write = try #require(gateway.writes.first)
        #expect(gateway.writes.count == 1 && write.op == 1 && write.key == nil && write.security.market == 22)
        #expect(write.type == 3 && write.value == 2.5 && write.freq == 2)
        // Shenzhen's are in the list of Shanghai.
        #expect(gateway.markets == [1, 11, 21, 21])
    }

    @LoopActor @Test func anAlertThatShallNotWaitIsTurnedOffByItsKey() async throws {
        let gateway = Reminders()
        try await gateway.alerts.create(alert("700.HK", "2", enabled: false), wait: wait)
        #expect(gateway.writes.map(\.op) == [1, 4] && gateway.writes.last?.key == 77)
    }

    @LoopActor @Test(arguments: [("D05.SG", "2"), ("700.HK", "1.0005")])
    func whatTheGatewayDoesNotTakeIsNotSent(symbol: String, value: String) async throws {
        let gateway = Reminders()
        let wanted = try alert(symbol, value)
        await #expect(throws: BrokerFailure.self) { try await gateway.alerts.create(wanted, wait: self.wait) }
        #expect(gateway.calls.requests.isEmpty)
    }

    @LoopActor @Test func aChangedAlertKeepsItsNoteAndItsSessions() async throws {
        let gateway = Reminders()
        var alert = try #require(try await gateway.alerts.all(wait: wait).last)
        alert.value = DecimalText("7.5")
        try await gateway.alerts.change(alert, wait: wait)
        let write = try #require(gateway.writes.first)
        #expect(gateway.writes.count == 1 && write.op == 5 && write.key == 9 && write.type == 4 && write.value == 7.5)
        #expect(write.note == "n" && write.reminderSessionList == [1, 3] && write.freq == 1)
    }

    @LoopActor @Test func turningOffIsAWriteOfItsOwnAndTheOnlyOneForConditionsThatAreNoneOfOurs() async throws {
        let gateway = Reminders()
        var foreign = try await gateway.alerts.all(wait: wait)[1]
        foreign.isEnabled = true
        try await gateway.alerts.change(foreign, wait: wait)
        #expect(gateway.writes.map(\.op) == [3] && gateway.writes.first?.key == 17_440_218)
        foreign.value = DecimalText("1")
        let changed = foreign
        await #expect { try await gateway.alerts.change(changed, wait: self.wait) } throws: {
            ($0 as? BrokerFailure)?.kind == .notSupported
        }
        #expect(gateway.writes.count == 1)
    }

    @LoopActor @Test func anAlertIsDroppedByItsKey() async throws {
        let gateway = Reminders()
        try await gateway.alerts.delete("9-AAPL.US", wait: wait)
        let write = try #require(gateway.writes.first)
        #expect(write.op == 2 && write.key == 9 && write.security.code == "AAPL")
        for id in ["", "9", "x-AAPL.US", "9-AAPL"] {
            await #expect(throws: BrokerFailure.self) { try await gateway.alerts.delete(id, wait: self.wait) }
        }
        #expect(gateway.writes.count == 1)
    }
}

@Suite struct SecurityListTests {
    init() { LoopRunner.start() }

    @LoopActor @Test func aListIsOfOneMarketAndTypeWithoutWhatIsGone() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotGetStaticInfo.C2S.self) { _ in
            .success(
                (try? parsed(
                    OpenD.QotGetStaticInfo.S2C.self,
                    #"""
                    {"staticInfoList":[
                     {"basic":{"security":{"market":1,"code":"00700"},"id":"1","lotSize":100,"secType":3,"name":"腾讯控股",
                      "listTime":""}},
                     {"basic":{"security":{"market":1,"code":"00005"},"id":"2","lotSize":400,"secType":3,"name":"HSBC",
                      "listTime":""}},
                     {"basic":{"security":{"market":1,"code":"00004"},"id":"3","lotSize":1,"secType":3,"name":"Gone",
                      "listTime":"","delisting":true}}]}
                    """#)) ?? .init())
        }
        let lists = OpenDSecurityLists(calls: calls)
        let listings = try await lists.securities(.hongKong, .stock, wait: .seconds(1))
        #expect(listings.map(\.symbol.text) == ["700.HK", "5.HK"])
        #expect(listings[0].nameSimplifiedChinese == "腾讯控股" && listings[0].nameEnglish == nil)
        #expect(listings[1].nameEnglish == "HSBC")
        let request = try #require(calls.requests(OpenD.QotGetStaticInfo.C2S.self).first)
        #expect(request.market == 1 && request.secType == 3 && request.securityList.isEmpty)
        await #expect {
            _ = try await lists.securities(.unitedStates, .overnight, wait: .seconds(1))
        } throws: { ($0 as? BrokerFailure)?.kind == .notSupported }
    }
}
