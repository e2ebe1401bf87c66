import BrokerModel
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

/// A gateway's groups, and the calls that were made.
@LoopActor
private final class Groups {
    let calls = AnsweredCalls()
    var groups: [(name: String, codes: [String])]
    var clock = Instant.zero
    /// Reads of groups that may still be made.
    var budget = Int.max
    lazy var lists = OpenDWatchlists(calls: calls) { [unowned self] in self.clock }

    init(_ groups: [(name: String, codes: [String])]) {
        self.groups = groups
        calls.answer(OpenD.QotGetUserSecurityGroup.C2S.self) { [unowned self] _ in
            .success(
                (try? parsed(
                    OpenD.QotGetUserSecurityGroup.S2C.self,
                    """
                    {"groupList":[\(self.groups.map { #"{"groupName":"\#($0.name)","groupType":1}"# }
                        .joined(separator: ","))]}
                    """)) ?? .init())
        }
        calls.answer(OpenD.QotGetUserSecurity.C2S.self) { [unowned self] request in
            guard budget > 0 else { return .failure(.notSent(BrokerFailure(.rateLimited, "Too many."))) }
            budget -= 1
            var reply = OpenD.QotGetUserSecurity.S2C()
            for code in self.groups.first(where: { $0.name == request.groupName })?.codes ?? [] {
                var info = OpenD.QotCommon.SecurityStaticInfo()
                info.basic.security.market = 1
                info.basic.security.code = code
                info.basic.name = "Name of \(code)"
                reply.staticInfoList.append(info)
            }
            return .success(reply)
        }
        calls.answer(OpenD.QotModifyUserSecurity.C2S.self) { _ in .success(.init()) }
    }

    var reads: [String] { calls.requests(OpenD.QotGetUserSecurity.C2S.self).map(\.groupName) }
    var groupReads: Int { calls.requests(OpenD.QotGetUserSecurityGroup.C2S.self).count }
    var writes: [String] {
        calls.requests(OpenD.QotModifyUserSecurity.C2S.self).map {
            "\($0.groupName) \($0.op) \($0.securityList.map(\.code).joined(separator: " "))"
        }
    }
}

@Suite struct WatchlistTests {
    init() { LoopRunner.start() }

    private let wait = Duration.seconds(1)

    @LoopActor @Test func theUsersGroupsAreListsWhoseIdIsTheirName() async throws {
        let gateway = Groups([("Tech", ["00700", "09988"]), ("银行", ["00005"]), ("Tech", ["00001"])])
        let lists = try await gateway.lists.all(wait: wait)
        #expect(lists.map(\.id) == ["Tech", "银行"] && lists.map(\.name) == ["Tech", "银行"])
        #expect(lists[0].securities.map(\.symbol.text) == ["700.HK", "9988.HK"])
        #expect(lists[0].securities[0].name == "Name of 00700" && lists[0].securities[0].since == nil)
        #expect(gateway.calls.requests(OpenD.QotGetUserSecurityGroup.C2S.self).map(\.groupType) == [1])
    }

    @LoopActor @Test func aListReadAMomentAgoIsNotReadAgain() async throws {
        let gateway = Groups([("A", []), ("B", [])])
        _ = try await gateway.lists.all(wait: wait)
        gateway.clock = gateway.clock + .seconds(9)
        _ = try await gateway.lists.all(wait: wait)
        #expect(gateway.reads == ["A", "B"] && gateway.groupReads == 1)
        gateway.clock = gateway.clock + .seconds(2)
        _ = try await gateway.lists.all(wait: wait)
        #expect(gateway.reads == ["A", "B", "A", "B"])
    }

    @LoopActor @Test func aReadingThatALimitCutOffGoesOnFromThere() async throws {
        let gateway = Groups([("A", ["00001"]), ("B", []), ("C", [])])
        gateway.budget = 2
        await #expect(throws: BrokerFailure.self) { _ = try await gateway.lists.all(wait: self.wait) }
        gateway.budget = 2
        gateway.clock = gateway.clock + .seconds(31)
        let lists = try await gateway.lists.all(wait: wait)
        #expect(lists.count == 3 && lists[0].securities.map(\.symbol.text) == ["1.HK"])
        #expect(gateway.reads == ["A", "B", "C", "C"])
    }

    @LoopActor @Test func aChangeTakesOffThisListThenAddsAndIsSeenAtOnce() async throws {
        let gateway = Groups([("A", ["00700"]), ("B", ["00005"])])
        _ = try await gateway.lists.all(wait: wait)
        var change = WatchlistChange()
        change.added = [try #require(Symbol("9988.HK"))]
        change.removed = [try #require(Symbol("700.HK"))]
        try await gateway.lists.change("A", change, wait: wait)
        #expect(gateway.writes == ["A 3 00700", "A 1 09988"])
        gateway.groups[0].codes = ["09988"]
        let lists = try await gateway.lists.all(wait: wait)
        #expect(lists[0].securities.map(\.symbol.text) == ["9988.HK"])
        #expect(gateway.reads == ["A", "B", "A"])
    }

    @LoopActor @Test func aListIsReplacedByWhatDiffers() async throws {
        let gateway = Groups([("A", ["00700", "00005"])])
        var change = WatchlistChange()
        change.securities = [try #require(Symbol("5.HK")), try #require(Symbol("1.HK"))]
        try await gateway.lists.change("A", change, wait: wait)
        #expect(gateway.writes == ["A 3 00700", "A 1 00001"])
    }

    @LoopActor @Test(arguments: ["name", "pin", "unpin"]) func whatTheGatewayCannotDoIsNotOffered(change: String)
        async throws
    {
        let gateway = Groups([("A", [])])
        let symbol = try #require(Symbol("5.HK"))
        var wanted = WatchlistChange()
        wanted.added = [symbol]
        switch change {
        case "name": wanted.name = "B"
        case "pin": wanted.pinned = [symbol]
        default: wanted.unpinned = [symbol]
        }
        let asked = wanted
        await #expect { try await gateway.lists.change("A", asked, wait: self.wait) } throws: {
            ($0 as? BrokerFailure)?.kind == .notSupported
        }
        #expect(gateway.calls.requests.isEmpty)
    }
}
