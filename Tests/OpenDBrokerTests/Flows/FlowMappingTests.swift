import BrokerModel
import Bytes
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

@Suite struct FlowMappingTests {
    @Test func theMinutesAreThoseTheGatewayCallsValidOldestFirst() throws {
        let answer = try parsed(
            OpenD.QotGetCapitalFlow.S2C.self,
            #"""
            {"flowItemList":[{"inFlow":-1500.5,"time":"2026-03-03 09:31:00"},{"inFlow":0,"time":"2026-03-03 09:30:00"},
             {"inFlow":7,"time":"2026-03-03 09:32:00"},{"inFlow":9,"time":""}],"lastValidTime":"2026-03-03 09:31:00"}
            """#)
        let points = CapitalFlowPoint.points(answer, zone: .hongKong)
        #expect(points.map(\.time.rfc3339) == ["2026-03-03T01:30:00Z", "2026-03-03T01:31:00Z"])
        #expect(points.map { $0.netInflow?.text } == ["0", "-1500.5"])
    }

    @Test func withoutAnEndAllMinutesCount() throws {
        let answer = try parsed(
            OpenD.QotGetCapitalFlow.S2C.self, #"{"flowItemList":[{"inFlow":1,"time":"2026-03-03 09:31:00"}]}"#)
        #expect(CapitalFlowPoint.points(answer, zone: .newYork).map(\.time.rfc3339) == ["2026-03-03T14:31:00Z"])
    }

    private static let sizes =
        #""capitalInBig":10.1,"capitalInMid":2,"capitalInSmall":3,"capitalOutBig":20,"capitalOutMid":5,"capitalOutSmall":6"#

    @Test func theLargestOfFourSizesCountsWithTheLarge() throws {
        let answer = try parsed(
            OpenD.QotGetCapitalDistribution.S2C.self,
            "{\(Self.sizes),\"capitalInSuper\":0.2,\"capitalOutSuper\":1,\"updateTime\":\"2026-03-03 16:00:00\"}")
        let symbol = try #require(Symbol("700.HK"))
        let distribution = CapitalDistribution(answer, symbol: symbol)
        #expect(distribution.time?.rfc3339 == "2026-03-03T08:00:00Z" && distribution.symbol == symbol)
        #expect(distribution.inflow.large?.text == "10.3" && distribution.outflow.large?.text == "21")
        #expect(distribution.inflow.medium?.text == "2" && distribution.inflow.small?.text == "3")
        #expect(distribution.outflow.medium?.text == "5" && distribution.outflow.small?.text == "6")
    }

    @Test func olderGatewaysHaveThreeSizesAndTellNoTime() throws {
        let answer = try parsed(OpenD.QotGetCapitalDistribution.S2C.self, "{\(Self.sizes)}")
        let distribution = CapitalDistribution(answer, symbol: try #require(Symbol("700.HK")))
        #expect(distribution.inflow.large?.text == "10.1" && distribution.time == nil)
    }
}

@Suite struct OpenDFlowsTests {
    init() { LoopRunner.start() }

    @LoopActor @Test func theDayIsAskedForWithoutAPeriod() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotGetCapitalFlow.C2S.self) { _ in .success(.init()) }
        _ = try await OpenDFlows(calls: calls).flow(try #require(Symbol("700.HK")), wait: .seconds(1))
        let request = try #require(calls.requests(OpenD.QotGetCapitalFlow.C2S.self).first)
        #expect(request.security.code == "00700" && request.periodType == nil)
        #expect(request.beginTime == nil && request.endTime == nil)
    }

    @LoopActor @Test func aRefusedDistributionIsAboutTheSecurity() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotGetCapitalDistribution.C2S.self) { _ in .failure(.refused) }
        let symbol = try #require(Symbol("99999.HK"))
        await #expect { _ = try await OpenDFlows(calls: calls).distribution(symbol, wait: .seconds(1)) } throws: {
            ($0 as? BrokerFailure)?.kind == .unknownSymbol
        }
    }
}
