public import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// What the user keeps at the broker: watchlists and price alerts. A write is sent once.
extension OpenDBroker {
    // MARK: Watchlists

    /// The user's own lists. A list's id is its name; of two with one name the gateway knows the first.
    public func watchlists(wait: Duration) async throws(BrokerFailure) -> [Watchlist] {
        var request = OpenD.QotGetUserSecurityGroup.C2S()
        request.groupType = 1
        let groups = try await link.read(request, wait: wait).groupList
        var lists: [Watchlist] = []
        for name in groups.map(\.groupName) where !lists.contains(where: { $0.id == name }) {
            lists.append(
                Watchlist(id: name, name: name, securities: try await watched(name, wait: wait)))
        }
        return lists
    }

    private func watched(_ name: String, wait: Duration) async throws(BrokerFailure) -> [WatchedSecurity] {
        var request = OpenD.QotGetUserSecurity.C2S()
        request.groupName = name
        return try await link.read(request, wait: wait).staticInfoList.compactMap { info in
            guard let symbol = Symbol(info.basic.security) else { return nil }
            var security = WatchedSecurity(symbol: symbol)
            security.name = info.basic.name.isEmpty ? nil : info.basic.name
            return security
        }
    }

    /// Puts securities on a list and takes them off. The gateway cannot rename, pin or order.
    public func changeWatchlist(_ id: String, _ change: WatchlistChange, wait: Duration) async throws(BrokerFailure) {
        guard change.name == nil, change.pinned.isEmpty, change.unpinned.isEmpty else {
            throw BrokerFailure(.notSupported, "The broker's interface cannot rename a list or pin its securities.")
        }
        var added = change.added
        var removed = change.removed
        if let securities = change.securities {
            let present = try await watched(id, wait: wait).map(\.symbol)
            removed += present.filter { !securities.contains($0) }
            added += securities.filter { !present.contains($0) }
        }
        // `ModifyUserSecurityOp`: 1 adds, 3 takes off this list; 2 would take off all.
        for (operation, symbols) in [(Int32(3), removed), (1, added)] where !symbols.isEmpty {
            var request = OpenD.QotModifyUserSecurity.C2S()
            request.groupName = id
            request.op = operation
            request.securityList = symbols.map(\.security)
            _ = try await link.read(request, wait: wait)
        }
    }

    // MARK: Price alerts

    /// The markets whose alerts are asked for; one answer has those of Shanghai and Shenzhen.
    private static let alertMarkets: [Market] = [.hongKong, .unitedStates, .shanghai]

    /// The user's price alerts. An id is the gateway's key and the security, since it wants both.
    public func priceAlerts(wait: Duration) async throws(BrokerFailure) -> [PriceAlert] {
        var alerts: [PriceAlert] = []
        for market in OpenDBroker.alertMarkets {
            var request = OpenD.QotGetPriceReminder.C2S()
            request.market = market.quoteMarket
            for entry in try await link.read(request, wait: wait).priceReminderList {
                guard let symbol = Symbol(entry.security) else { continue }
                for item in entry.itemList {
                    let alert = PriceAlert(item, symbol: symbol)
                    if !alerts.contains(where: { $0.id == alert.id }) { alerts.append(alert) }
                }
            }
        }
        return alerts
    }

    /// Makes one.
    public func createPriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        var request = try OpenDBroker.reminder(alert, operation: 1)
        request.key = nil
        let key = try await link.read(request, wait: wait).key
        guard !alert.isEnabled else { return }
        try await set(alert.symbol, key: key, operation: 4, wait: wait)
    }

    /// Replaces the one of that id: its figures, then whether it waits.
    public func changePriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        let key = try OpenDBroker.key(alert.id)
        _ = try await link.read(try OpenDBroker.reminder(alert, operation: 5), wait: wait)
        try await set(key.symbol, key: key.number, operation: alert.isEnabled ? 3 : 4, wait: wait)
    }

    /// Drops one.
    public func deletePriceAlert(_ id: String, wait: Duration) async throws(BrokerFailure) {
        let key = try OpenDBroker.key(id)
        try await set(key.symbol, key: key.number, operation: 2, wait: wait)
    }

    /// `SetPriceReminderOp`: 2 drops, 3 enables, 4 disables.
    private func set(_ symbol: Symbol, key: Int64, operation: Int32, wait: Duration) async throws(BrokerFailure) {
        var request = OpenD.QotSetPriceReminder.C2S()
        request.security = symbol.security
        request.op = operation
        request.key = key
        _ = try await link.read(request, wait: wait)
    }

    private static func key(_ id: String) throws(BrokerFailure) -> (number: Int64, symbol: Symbol) {
        let parts = id.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let number = Int64(parts[0]), let symbol = Symbol(String(parts[1])) else {
            throw BrokerFailure(.invalidRequest, "The broker has no such alert.")
        }
        return (number, symbol)
    }

    private static func reminder(
        _ alert: PriceAlert, operation: Int32
    ) throws(BrokerFailure) -> OpenD.QotSetPriceReminder.C2S {
        guard let condition = alert.condition, let value = alert.value else {
            throw BrokerFailure(.notSupported, "An alert of this condition can be seen and dropped only.")
        }
        var request = OpenD.QotSetPriceReminder.C2S()
        request.security = alert.symbol.security
        request.op = operation
        if operation != 1 { request.key = try key(alert.id).number }
        request.type = condition.reminderType
        request.value = value.double
        request.freq = (alert.frequency ?? .once).reminderFrequency
        return request
    }
}

extension PriceAlert {
    fileprivate init(_ item: OpenD.QotGetPriceReminder.PriceReminderItem, symbol: Symbol) {
        self.init(
            id: "\(item.key)-\(symbol.text)", symbol: symbol,
            condition: AlertCondition.allCases.first { $0.reminderType == item.type },
            value: gatewayFigure(item.value),
            frequency: AlertFrequency.allCases.first { $0.reminderFrequency == item.freq }, isEnabled: item.isEnable)
        text = item.note.isEmpty ? nil : item.note
    }
}

extension AlertCondition {
    /// `PriceReminderType`.
    fileprivate var reminderType: Int32 {
        switch self {
        case .priceAbove: 1
        case .priceBelow: 2
        case .risePercent: 3
        case .fallPercent: 4
        }
    }
}

extension AlertFrequency {
    /// `PriceReminderFreq`.
    fileprivate var reminderFrequency: Int32 {
        switch self {
        case .everyTime: 1
        case .daily: 2
        case .once: 3
        }
    }
}
