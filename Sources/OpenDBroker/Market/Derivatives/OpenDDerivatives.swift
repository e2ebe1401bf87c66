internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// The gateway's calls for options and warrants. Their present figures are in snapshots, which are asked for elsewhere.
///
/// - Source: Futu OpenAPI, "Get Option Expiration Date", "Get Option Chain", "Filter Warrants".
@LoopActor
struct OpenDDerivatives {
    let calls: any OpenDCalls

    func expirations(_ underlying: Symbol, wait: Duration) async throws(BrokerFailure) -> [CivilDate] {
        var request = OpenD.QotGetOptionExpirationDate.C2S()
        request.owner = underlying.security
        return OptionChainRow.expiries(try await calls.read(request, about: underlying, wait: wait))
    }

    /// One day is within the 30 that a call may span.
    func chain(_ underlying: Symbol, expiry: CivilDate, wait: Duration) async throws(BrokerFailure) -> [OptionChainRow]
    {
        var request = OpenD.QotGetOptionChain.C2S()
        request.owner = underlying.security
        request.beginTime = expiry.iso
        request.endTime = expiry.iso
        return OptionChainRow.rows(try await calls.read(request, about: underlying, wait: wait), expiry: expiry)
    }

    /// - Parameter today: the exchange's date; expiries are told from it.
    func warrants(
        _ underlying: Symbol, _ filter: WarrantFilter, today: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> WarrantPage {
        var request = try OpenD.QotGetWarrant.C2S(filter, today: today)
        request.owner = underlying.security
        let answer = try await calls.read(request, wait: wait)
        return WarrantPage(
            rows: answer.warrantDataList.compactMap { WarrantRow($0) }, total: Int(max(0, answer.allCount)))
    }
}

extension OpenDCalls {
    /// Reads something of one security, where nothing but the security can be wrong.
    func read<Request: OpenDRequestMessage>(
        _ request: Request, about symbol: Symbol, wait: Duration
    ) async throws(BrokerFailure) -> Request.Reply {
        do throws(BrokerFailure) { return try await read(request, wait: wait) } catch { throw error.aboutSymbol }
    }
}
