public import BrokerModel
internal import Clocks
internal import EventLoops
internal import LongbridgeWire

/// Who the seats of broker queues are, as the exchange's members rarely change.
struct ParticipantDirectory {
    /// By seat.
    private(set) var names: [Int: String] = [:]
    private var loadedAt: Instant?

    /// How long it is believed. The vendor's client keeps it for 30 minutes.
    static let life = Duration.seconds(6 * 3600)

    func isFresh(at now: Instant) -> Bool { loadedAt.map { now - $0 < ParticipantDirectory.life } ?? false }

    mutating func take(_ participants: [Participant], language: String, at now: Instant) {
        names = [:]
        for participant in participants {
            for id in participant.ids { names[id] = participant.name(language) }
        }
        loadedAt = now
    }
}

extension LongbridgeBroker {
    /// The exchange's members and their seats.
    public func participants(wait: Duration) async throws(BrokerFailure) -> [Participant] {
        let answer = try await link.request(
            .participantBrokerIDs, Longbridge.Quote.SecurityRequest(),
            as: Longbridge.Quote.ParticipantBrokerIdsResponse.self, wait: wait)
        let participants = answer.participantBrokerNumbers.map { Participant($0) }
        directory.take(participants, language: link.settings.language, at: .now())
        return participants
    }

    /// Who stands at the best prices. Seats without a known member have no name.
    public func brokerQueue(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> BrokerQueue {
        if !directory.isFresh(at: .now()) { _ = try? await participants(wait: wait) }
        var request = Longbridge.Quote.SecurityRequest()
        request.symbol = symbol.wire
        let answer = try await link.request(
            .brokers, request, as: Longbridge.Quote.SecurityBrokersResponse.self, wait: wait)
        var merger = QueueMerger()
        merger.replace(bids: answer.bidBrokers, asks: answer.askBrokers)
        return BrokerQueue(merger, symbol: symbol, names: directory.names)
    }

    /// The newest queue while it is live.
    public func liveBrokerQueue(_ symbol: Symbol) -> Received<BrokerQueue>? { feed.queue(symbol) }

    func queueChanged(_ push: Longbridge.Quote.PushBrokers) {
        guard let symbol = Symbol(push.symbol), wanted.contains(MarketTopic(.brokerQueue, symbol)) else { return }
        if !directory.isFresh(at: .now()), loadingDirectory == nil {
            loadingDirectory = spawn { [weak self] in
                _ = try? await self?.participants(wait: .seconds(10))
                self?.loadingDirectory = nil
            }
        }
        guard let update = feed.merge(push, symbol: symbol, names: directory.names, at: .now()) else { return }
        onEvent?(.brokerQueue(update.queue.value, receivedAt: update.queue.at, isSnapshot: update.isFirst))
    }
}
