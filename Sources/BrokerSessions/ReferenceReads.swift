public import BrokerModel
public import EventLoops

/// Facts about securities and companies that not every broker has. The rules of ``Broker``'s reads hold here too.
@LoopActor
public protocol ReferenceReads: AnyObject {
    /// The sectors of a market; `nil` for those of every kind.
    func sectors(_ market: Market, _ kind: SectorKind?, wait: Duration) async throws(BrokerFailure) -> [Sector]
    /// The securities of a sector.
    func sectorMembers(_ id: Symbol, wait: Duration) async throws(BrokerFailure) -> [SectorMember]
    /// The sectors a security belongs to.
    func sectors(of symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [Sector]
    /// What changed how prices compare, oldest first.
    func adjustments(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [ExDateAdjustment]
    /// Securities about to be listed, or listed lately.
    func newIssues(_ market: Market, wait: Duration) async throws(BrokerFailure) -> [NewIssue]
    /// Terms of futures.
    func futures(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> SymbolResults<FutureContract>
    /// The securities that pass all of the filters.
    func screen(_ screen: Screen, wait: Duration) async throws(BrokerFailure) -> ScreenPage
}

extension ReferenceReads {
    /// Not offered.
    public func sectors(
        _ market: Market, _ kind: SectorKind?, wait: Duration
    ) async throws(BrokerFailure) -> [Sector] { throw .notOffered }
    /// Not offered.
    public func sectorMembers(_ id: Symbol, wait: Duration) async throws(BrokerFailure) -> [SectorMember] {
        throw .notOffered
    }
    /// Not offered.
    public func sectors(of symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [Sector] {
        throw .notOffered
    }
    /// Not offered.
    public func adjustments(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [ExDateAdjustment] {
        throw .notOffered
    }
    /// Not offered.
    public func newIssues(_ market: Market, wait: Duration) async throws(BrokerFailure) -> [NewIssue] {
        throw .notOffered
    }
    /// Not offered.
    public func futures(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<FutureContract> { throw .notOffered }
    /// Not offered.
    public func screen(_ screen: Screen, wait: Duration) async throws(BrokerFailure) -> ScreenPage {
        throw .notOffered
    }
}
