public import BrokerModel
internal import Bytes
public import Clocks
internal import LongbridgeWire

/// Options and warrants.
extension LongbridgeBroker {
    /// The days options on a security expire.
    public func optionExpirations(_ underlying: Symbol, wait: Duration) async throws(BrokerFailure) -> [CivilDate] {
        var request = Longbridge.Quote.SecurityRequest()
        request.symbol = underlying.wire
        let answer = try await link.request(
            .optionChainDates, request, as: Longbridge.Quote.OptionChainDateListResponse.self, wait: wait)
        return answer.expiryDate.compactMap { CivilDate(compact: $0) }.sorted()
    }

    /// The contracts of one expiry. The vendor's client asks over HTTP; the socket's command is documented too, and is asked
    /// where the HTTP call is not there.
    public func optionChain(
        _ underlying: Symbol, expiry: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> [OptionChainRow] {
        do throws(BrokerFailure) {
            var json = JSONWriter()
            json.beginObject()
            json.key("symbol")
            json.string(underlying.wire)
            json.key("expiry_date")
            json.string(expiry.compact)
            json.endObject()
            let data = try await call(
                GatewayCall(
                    "/v1/quote/options/strikes", method: "POST", body: json.bytes,
                    deadline: LongbridgeBroker.listTimeout), wait: wait)
            guard let contracts = data["list"]?.arrayValue else {
                throw BrokerFailure(.badAnswer, "The broker's answer could not be read.")
            }
            return OptionChainRow.rows(contracts)
        } catch {
            guard error.kind == .badAnswer else { throw error }
        }
        var request = Longbridge.Quote.OptionChainDateStrikeInfoRequest()
        request.symbol = underlying.wire
        request.expiryDate = expiry.compact
        let answer = try await link.request(
            .optionChainStrikes, request, as: Longbridge.Quote.OptionChainDateStrikeInfoResponse.self, wait: wait)
        return answer.strikePriceInfo.compactMap { OptionChainRow($0) }.sorted { $0.strike < $1.strike }
    }

    /// Present figures of options.
    public func optionQuotes(
        _ symbols: [Symbol], includesGreeks: Bool, wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<OptionQuote> {
        var results = SymbolResults<OptionQuote>()
        for batch in batches(symbols) {
            let answer = try await link.request(
                .optionQuote, request(batch), as: Longbridge.Quote.OptionQuoteResponse.self, wait: wait)
            for record in answer.secuQuote {
                guard let symbol = Symbol(record.symbol) else { continue }
                results.values[symbol] = OptionQuote(record, symbol: symbol)
            }
        }
        if includesGreeks, !results.values.isEmpty {
            let figures = try await indicators(Array(results.values.keys), OptionGreeks.indicators, wait: wait)
            for (symbol, values) in figures.values { results.values[symbol]?.greeks = OptionGreeks(values.values) }
        }
        return complete(results, symbols)
    }

    /// Warrants of an underlying.
    public func warrants(
        _ underlying: Symbol, _ filter: WarrantFilter, wait: Duration
    ) async throws(BrokerFailure) -> WarrantPage {
        var request = Longbridge.Quote.WarrantFilterListRequest()
        request.symbol = underlying.wire
        request.filterConfig = Longbridge.Quote.FilterConfig(filter)
        request.language = link.settings.language == "zh-CN" ? 0 : link.settings.language == "zh-HK" ? 2 : 1
        let answer = try await link.request(
            .warrantFilter, request, as: Longbridge.Quote.WarrantFilterListResponse.self, wait: wait)
        return WarrantPage(rows: answer.warrantList.compactMap { WarrantRow($0) }, total: Int(answer.totalCount))
    }

    /// Present figures of warrants.
    public func warrantQuotes(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<WarrantQuote> {
        var results = SymbolResults<WarrantQuote>()
        for batch in batches(symbols) {
            let answer = try await link.request(
                .warrantQuote, request(batch), as: Longbridge.Quote.WarrantQuoteResponse.self, wait: wait)
            for record in answer.secuQuote {
                guard let symbol = Symbol(record.symbol) else { continue }
                results.values[symbol] = WarrantQuote(record, symbol: symbol)
            }
        }
        return complete(results, symbols)
    }

    /// Who issues warrants.
    public func warrantIssuers(wait: Duration) async throws(BrokerFailure) -> [WarrantIssuer] {
        let answer = try await link.request(
            .warrantIssuers, Longbridge.Quote.SecurityRequest(), as: Longbridge.Quote.IssuerInfoResponse.self,
            wait: wait)
        return answer.issuerInfo.map { WarrantIssuer($0) }
    }
}
