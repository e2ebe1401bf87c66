internal import BrokerModel

extension Symbol {
    /// As the vendor writes it: options without the leading zeros of their strike.
    /// - Source: "Real-time Quotes of Option": `AAPL220429P162500.US` is the put at 162.50.
    var wire: String {
        guard market == .unitedStates, let option = OptionCode(code) else { return text }
        return "\(option.shortText).\(market.rawValue)"
    }
}
