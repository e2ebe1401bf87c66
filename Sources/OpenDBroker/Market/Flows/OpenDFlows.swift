internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// The gateway's calls for flows of money.
///
/// - Source: Futu OpenAPI, "Get Capital Flow", "Get Capital Distribution".
@LoopActor
struct OpenDFlows {
    let calls: any OpenDCalls

    /// Without a period the gateway tells the day's minutes.
    func flow(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [CapitalFlowPoint] {
        var request = OpenD.QotGetCapitalFlow.C2S()
        request.security = symbol.security
        return CapitalFlowPoint.points(
            try await calls.read(request, about: symbol, wait: wait), zone: symbol.market.timeZone)
    }

    func distribution(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> CapitalDistribution {
        var request = OpenD.QotGetCapitalDistribution.C2S()
        request.security = symbol.security
        return CapitalDistribution(try await calls.read(request, about: symbol, wait: wait), symbol: symbol)
    }
}
