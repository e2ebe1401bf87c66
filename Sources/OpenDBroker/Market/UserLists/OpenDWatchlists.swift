internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// The user's own groups of securities at the gateway. It can fill and empty them, not make, rename, order or drop them.
/// A write is sent once.
///
/// - Source: Futu OpenAPI, "Get Groups From Watchlist", "Get the Watchlist", "Modify the Watchlist": groups are known by
///   their names, and of two with one name the first counts.
@LoopActor
final class OpenDWatchlists {
    private let calls: any OpenDCalls
    private let now: @LoopActor () -> Instant
    private var recent = RecentAnswers<String, [WatchedSecurity]>()
    /// Names of groups, by their type.
    private var recentNames = RecentAnswers<Int32, [String]>()

    init(calls: any OpenDCalls, now: @escaping @LoopActor () -> Instant = { Instant.now() }) {
        self.calls = calls
        self.now = now
    }

    /// The lists, in the gateway's order; a list's id is its name.
    func all(wait: Duration) async throws(BrokerFailure) -> [Watchlist] {
        var lists: [Watchlist] = []
        do throws(BrokerFailure) {
            for name in try await names(wait: wait) {
                lists.append(Watchlist(id: name, name: name, securities: try await securities(name, wait: wait)))
            }
        } catch {
            if error.kind == .rateLimited {
                recent.cutOff()
                recentNames.cutOff()
            }
            throw error
        }
        recentNames.completed([Self.custom])
        recent.completed(lists.map(\.id))
        return lists
    }

    /// Puts securities on a list and takes them off: replaces, takes off, then adds.
    func change(_ id: String, _ change: WatchlistChange, wait: Duration) async throws(BrokerFailure) {
        guard change.name == nil, change.pinned.isEmpty, change.unpinned.isEmpty else {
            throw BrokerFailure(.notSupported, "The broker's interface cannot rename a list or pin its securities.")
        }
        var added = change.added
        var removed = change.removed
        if let wanted = change.securities {
            recent.forget(id)
            let present = try await securities(id, wait: wait).map(\.symbol)
            removed = present.filter { !wanted.contains($0) } + removed
            added = wanted.filter { !present.contains($0) } + added
        }
        for (operation, symbols) in [(Self.moveOut, removed), (Self.add, added)] where !symbols.isEmpty {
            var request = OpenD.QotModifyUserSecurity.C2S()
            request.groupName = id
            request.op = operation
            request.securityList = symbols.map(\.security)
            recent.forget(id)
            _ = try await calls.read(request, wait: wait)
            recent.forget(id)
        }
    }

    /// Each once, in the gateway's order.
    private func names(wait: Duration) async throws(BrokerFailure) -> [String] {
        if let known = recentNames.value(Self.custom, at: now()) { return known }
        var request = OpenD.QotGetUserSecurityGroup.C2S()
        request.groupType = Self.custom
        let changes = recentNames.changes
        var names: [String] = []
        for group in try await calls.read(request, wait: wait).groupList where !names.contains(group.groupName) {
            names.append(group.groupName)
        }
        recentNames.keep(names, for: Self.custom, at: now(), since: changes)
        return names
    }

    private func securities(_ name: String, wait: Duration) async throws(BrokerFailure) -> [WatchedSecurity] {
        if let known = recent.value(name, at: now()) { return known }
        var request = OpenD.QotGetUserSecurity.C2S()
        request.groupName = name
        let changes = recent.changes
        let securities = try await calls.read(request, wait: wait).staticInfoList.compactMap { WatchedSecurity($0) }
        recent.keep(securities, for: name, at: now(), since: changes)
        return securities
    }

    /// `GroupType`: the user's, not the system's.
    private static let custom: Int32 = 1
    /// `ModifyUserSecurityOp`: 3 takes off this list; 2 would take off all.
    private static let add: Int32 = 1
    private static let moveOut: Int32 = 3
}

extension WatchedSecurity {
    /// `nil` for a security that is none of ours. The gateway does not tell when it was put on the list.
    init?(_ info: OpenD.QotCommon.SecurityStaticInfo) {
        guard let symbol = Symbol(info.basic.security) else { return nil }
        self.init(symbol: symbol)
        name = info.basic.name.isEmpty ? nil : info.basic.name
    }
}
