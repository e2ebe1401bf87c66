internal import Bytes
internal import Clocks
internal import HTTPWire

/// A halt of trading that a person or a program has ordered, and that holds until somebody lifts it.
struct KillSwitch: Sendable, Equatable {
    /// Stands for every account; no account can bear this name.
    static let whole = "*"

    /// For people.
    var reason: String?
    /// The name of the key.
    var setBy: String
    var since: WallTime

    /// What a write is answered with meanwhile.
    func problem(isWhole: Bool) -> Problem {
        let place = isWhole ? "Trading of every account" : "Trading of this account"
        let why = reason.map { ": \($0)" } ?? ""
        return Problem(
            status: 423, code: "trading_halted",
            detail: "\(place) was halted by \(setBy) at \(since.rfc3339)\(why). Cancellations are still taken.")
    }
}

extension JSONWriter {
    /// The state of a switch, as the API and the stream show it.
    mutating func killSwitch(account: String?, _ kill: KillSwitch?, whole: KillSwitch?) {
        beginObject()
        key("account")
        string(account)
        key("halted")
        bool(kill != nil || whole != nil)
        key("reason")
        string((kill ?? whole)?.reason)
        key("set_by")
        string((kill ?? whole)?.setBy)
        key("since")
        string((kill ?? whole)?.since.rfc3339)
        if account != nil {
            key("whole")
            bool(whole != nil)
        }
        endObject()
    }
}
