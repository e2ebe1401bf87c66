/// One named value of a log line. The set is closed: what is not here is not logged, so a secret, a header or a URI has
/// no way into the log.
public enum LogField: Sendable, Equatable {
    /// The request it belongs to.
    case requestID(String)
    /// An HTTP method.
    case method(String)
    /// The template of a route, such as `/v1/depth/{symbol}`; never what the caller wrote.
    case route(String)
    /// An HTTP status.
    case status(Int)
    /// Bytes sent.
    case bytes(Int)
    /// How long it took; written in milliseconds with three decimals.
    case duration(Duration)
    /// A client's address, without its port.
    case peer(String)
    /// A key's name; never the key.
    case key(String)
    /// An account's alias.
    case account(String)
    /// A link to a broker: `quote`, `trade`.
    case link(String)
    /// A state, in the words of the API.
    case state(String)
    /// Why, for people; safe to show.
    case reason(String)
    /// A stable error code of the API.
    case code(String)
    /// How many.
    case count(Int)
    /// Which attempt, from 1.
    case attempt(Int)
    /// A wait; written in milliseconds.
    case delay(Duration)
    /// Where something listens.
    case address(String)
    /// A file or folder the operator named.
    case path(String)
    /// A process.
    case pid(Int)
    /// A bound.
    case limit(Int)
    /// An event stream's id.
    case stream(String)
    /// A part of the configuration.
    case setting(String)
    /// A signal's name.
    case signal(String)
    /// The program's version.
    case version(String)
    /// A broker's own trace id.
    case traceID(String)
    /// A hash in hexadecimal, of something that is not secret.
    case hash(String)
    /// A command or packet of a broker's protocol.
    case command(Int)
}
