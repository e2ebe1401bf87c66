/// Command codes both sockets share.
public enum ControlCommand {
    /// Pushed by the server before it ends the connection.
    public static let close: UInt8 = 0
    /// Answered with the same body; over WebSocket, ping and pong frames take its place.
    public static let heartbeat: UInt8 = 1
    /// Login with a one-time password: the first packet of a connection.
    public static let auth: UInt8 = 2
    /// Login with the session of a lost connection.
    public static let reconnect: UInt8 = 3
}

/// Command codes of the quote socket.
public enum QuoteCommand: UInt8, Sendable, CaseIterable {
    case userQuoteProfile = 4
    case subscription = 5
    case subscribe = 6
    case unsubscribe = 7
    case marketTradePeriod = 8
    case marketTradeDay = 9
    case securityStaticInfo = 10
    case securityQuote = 11
    case optionQuote = 12
    case warrantQuote = 13
    case depth = 14
    case brokers = 15
    case participantBrokerIDs = 16
    case trades = 17
    case intraday = 18
    case candlesticks = 19
    case optionChainDates = 20
    case optionChainStrikes = 21
    case warrantIssuers = 22
    case warrantFilter = 23
    case capitalFlowIntraday = 24
    case capitalFlowDistribution = 25
    case calculatedIndexes = 26
    case historyCandlesticks = 27
    case pushQuote = 101
    case pushDepth = 102
    case pushBrokers = 103
    case pushTrades = 104
}

/// The status byte of a response.
public enum ResponseStatus {
    /// The body is the response message.
    public static let success: UInt8 = 0
    /// The server did not finish in time.
    public static let serverTimeout: UInt8 = 1
    /// The request cannot be read, or comes too fast.
    public static let badRequest: UInt8 = 3
    /// Login missing, wrong password, session gone.
    public static let unauthenticated: UInt8 = 5
    /// With code 403 at login: too many connections.
    public static let permissionDenied: UInt8 = 6
    /// The server's failure, and every business error.
    public static let internalError: UInt8 = 7
}

/// Business codes in an error body.
/// - Source: Longbridge OpenAPI, "Error codes" of the quote pages.
public enum QuoteErrorCode {
    /// Parameters invalid, or the security is not found.
    public static let invalidRequest: UInt64 = 301_600
    /// The server failed.
    public static let serverError: UInt64 = 301_602
    /// No quotes for this security.
    public static let noQuotes: UInt64 = 301_603
    /// No permission.
    public static let noPermission: UInt64 = 301_604
    /// Too many subscriptions.
    public static let tooManySubscriptions: UInt64 = 301_605
    /// Too fast.
    public static let rateLimited: UInt64 = 301_606
    /// Too many securities or rows, or the monthly quota is used up.
    public static let tooMany: UInt64 = 301_607
    /// With status 6 at login: the connection limit is reached.
    public static let connectionLimit: UInt64 = 403
}
