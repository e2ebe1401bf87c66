public import BrokerModel
public import Clocks
public import EventLoops

/// Lists of securities, moods of markets, and what a user keeps at the broker: watchlists and price alerts.
///
/// Reads follow the rules of ``Broker``'s. A write is sent once; when its answer is lost nobody knows whether it was
/// done, and a look at the list tells.
@LoopActor
public protocol UserListCalls: AnyObject {
    /// A list of securities. ``SecurityCategory/overnight`` is of the United States only; a list the broker lacks is
    /// `.notSupported`, of the field `category`.
    func securities(_ market: Market, _ category: SecurityCategory, wait: Duration) async throws(BrokerFailure)
        -> [SecurityListing]
    /// How heated a market is now.
    func temperature(_ market: Market, wait: Duration) async throws(BrokerFailure) -> MarketTemperature
    /// How heated it was, oldest first.
    func temperatureHistory(_ market: Market, from: CivilDate, through: CivilDate, wait: Duration)
        async throws(BrokerFailure) -> [MarketTemperature]

    /// The user's watchlists.
    func watchlists(wait: Duration) async throws(BrokerFailure) -> [Watchlist]
    /// Makes one; its id.
    func createWatchlist(_ name: String, _ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> String
    /// Changes one.
    func changeWatchlist(_ id: String, _ change: WatchlistChange, wait: Duration) async throws(BrokerFailure)
    /// Drops one, and with `purging` its securities from all lists.
    func deleteWatchlist(_ id: String, purging: Bool, wait: Duration) async throws(BrokerFailure)

    /// The user's price alerts.
    func priceAlerts(wait: Duration) async throws(BrokerFailure) -> [PriceAlert]
    /// Makes one; the `id` of `alert` is not looked at.
    func createPriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure)
    /// Replaces the one of that id.
    func changePriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure)
    /// Drops one.
    func deletePriceAlert(_ id: String, wait: Duration) async throws(BrokerFailure)
}

extension UserListCalls {
    /// Not offered.
    public func securities(
        _ market: Market, _ category: SecurityCategory, wait: Duration
    ) async throws(BrokerFailure) -> [SecurityListing] { throw .notOffered }
    /// Not offered.
    public func temperature(_ market: Market, wait: Duration) async throws(BrokerFailure) -> MarketTemperature {
        throw .notOffered
    }
    /// Not offered.
    public func temperatureHistory(
        _ market: Market, from: CivilDate, through: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> [MarketTemperature] { throw .notOffered }
    /// Not offered.
    public func watchlists(wait: Duration) async throws(BrokerFailure) -> [Watchlist] { throw .notOffered }
    /// Not offered.
    public func createWatchlist(
        _ name: String, _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> String { throw .notOffered }
    /// Not offered.
    public func changeWatchlist(
        _ id: String, _ change: WatchlistChange, wait: Duration
    ) async throws(BrokerFailure) { throw .notOffered }
    /// Not offered.
    public func deleteWatchlist(_ id: String, purging: Bool, wait: Duration) async throws(BrokerFailure) {
        throw .notOffered
    }
    /// Not offered.
    public func priceAlerts(wait: Duration) async throws(BrokerFailure) -> [PriceAlert] { throw .notOffered }
    /// Not offered.
    public func createPriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) { throw .notOffered }
    /// Not offered.
    public func changePriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) { throw .notOffered }
    /// Not offered.
    public func deletePriceAlert(_ id: String, wait: Duration) async throws(BrokerFailure) { throw .notOffered }
}
