internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import LongbridgeWire

/// Looks whether the market moves while the feed tells nothing.
extension LongbridgeBroker {
    /// Securities whose volumes are compared: one request.
    private static let watchedSecurities = 20

    /// Begins or ends the watch as the subscriptions are now, and does what it asks for.
    func watchFeed() {
        if !link.isReady || plan.confirmedCount == 0 { feedWatch.end() } else { feedWatch.begin(now: .now()) }
        switch feedWatch.timePassed(now: .now()) {
        case .nothing: break
        case .ask: askForVolumes()
        case .giveUp: link.lose(link.current, "nothing was pushed while the market moved")
        }
    }

    private func askForVolumes() {
        let symbols = Set(plan.confirmedItems.map(\.symbol)).sorted().prefix(LongbridgeBroker.watchedSecurities)
        askingForVolumes = spawn { [weak self] in
            var request = Longbridge.Quote.MultiSecurityRequest()
            request.symbol = Array(symbols)
            guard let self else { return }
            let answer = try? await link.request(
                .securityQuote, request, as: Longbridge.Quote.SecurityQuoteResponse.self, wait: .seconds(5))
            guard !Task.isCancelled else { return }
            let volumes = answer?.secuQuote.map { ($0.symbol, $0.volume) } ?? []
            feedWatch.answered(Dictionary(volumes) { first, _ in first }, now: .now())
        }
    }
}
