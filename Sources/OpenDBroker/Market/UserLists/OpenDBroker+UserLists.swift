public import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import EventLoops

/// Lists of securities, and what the user keeps at the broker: watchlists and price alerts.
extension OpenDBroker {
    /// A list of securities, by the gateway's static information.
    public func securities(
        _ market: Market, _ category: SecurityCategory, wait: Duration
    ) async throws(BrokerFailure) -> [SecurityListing] {
        try await OpenDSecurityLists(calls: link).securities(market, category, wait: wait)
    }

    /// The user's own lists.
    public func watchlists(wait: Duration) async throws(BrokerFailure) -> [Watchlist] {
        try await userLists.watchlists.all(wait: wait)
    }

    /// Puts securities on a list and takes them off.
    public func changeWatchlist(_ id: String, _ change: WatchlistChange, wait: Duration) async throws(BrokerFailure) {
        try await userLists.watchlists.change(id, change, wait: wait)
    }

    /// The user's price alerts.
    public func priceAlerts(wait: Duration) async throws(BrokerFailure) -> [PriceAlert] {
        try await userLists.alerts.all(wait: wait)
    }

    /// Makes one.
    public func createPriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        try await userLists.alerts.create(alert, wait: wait)
    }

    /// Replaces the one of that id: its figures, then whether it waits.
    public func changePriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        try await userLists.alerts.change(alert, wait: wait)
    }

    /// Drops one.
    public func deletePriceAlert(_ id: String, wait: Duration) async throws(BrokerFailure) {
        try await userLists.alerts.delete(id, wait: wait)
    }
}

/// What of the user's lists is remembered between calls.
@LoopActor
struct OpenDUserLists {
    let watchlists: OpenDWatchlists
    let alerts: OpenDPriceAlerts

    init(calls: any OpenDCalls) {
        watchlists = OpenDWatchlists(calls: calls)
        alerts = OpenDPriceAlerts(calls: calls)
    }
}
